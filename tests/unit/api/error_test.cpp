// SPDX-License-Identifier: MIT
#include <ipczmq/convert.hpp>
#include <ipczmq/error.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using ipczmq::errc;
using ipczmq::remote_error;

namespace {

constexpr int last = static_cast<int>(errc::system);

}  // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(code_compares_with_errc) {
  const ipczmq::error e(errc::no_listener, "nobody");
  BOOST_TEST(bool(e.code() == errc::no_listener));
  BOOST_TEST(!(e.code() == errc::no_reply));
  BOOST_TEST(e.code().category().name() == "ipczmq");
}

BOOST_AUTO_TEST_CASE(what_is_the_message_alone) {
  const ipczmq::error e(errc::closed, "channel 'x': closed");
  const std::exception& base = e;
  BOOST_TEST(base.what() == "channel 'x': closed");
}

BOOST_AUTO_TEST_CASE(every_code_has_a_name_of_its_own_that_leads_back) {
  std::set<std::string_view> names;
  for (int i = 1; i <= last; ++i) {
    const auto name = ipczmq::errc_name(static_cast<errc>(i));
    BOOST_TEST(names.insert(name).second);
    BOOST_TEST(static_cast<int>(ipczmq::errc_from_name(name)) == i);
  }
  BOOST_TEST(ipczmq::errc_name(errc::no_listener) == "no_listener");
  BOOST_TEST(ipczmq::errc_name(errc::main_restarted) == "main_restarted");
}

BOOST_AUTO_TEST_CASE(unknown_name_is_remote_failed) {
  for (const auto* name : {"", "no_such_thing", "NO_LISTENER"}) {
    BOOST_TEST(bool(ipczmq::errc_from_name(name) == errc::remote_failed));
  }
  BOOST_TEST(ipczmq::errc_name(errc{}) == "remote_failed");
  BOOST_TEST(ipczmq::errc_name(static_cast<errc>(last + 1)) == "remote_failed");
}

BOOST_AUTO_TEST_CASE(every_code_has_one_sentence) {
  for (int i = 1; i <= last; ++i) {
    const std::string s = make_error_code(static_cast<errc>(i)).message();
    BOOST_TEST(s.size() > 10U);
    BOOST_TEST(s.back() == '.');
  }
  BOOST_TEST(ipczmq::error_category().message(0) == "Unknown error 0.");
  BOOST_TEST(ipczmq::error_category().message(-5) == "Unknown error -5.");
}

BOOST_AUTO_TEST_CASE(thrown_remote_error_reads_as_in_javascript) {
  const remote_error e("RangeError", "too big");
  BOOST_TEST(e.what() == "RangeError: too big");
  BOOST_TEST(e.name() == "RangeError");
  BOOST_TEST(e.message() == "too big");
  BOOST_TEST(e.data().empty());
  BOOST_TEST(bool(e.code() == errc::remote_failed));
  BOOST_TEST(remote_error("Error", "").what() == "Error");
  BOOST_TEST(remote_error("", "oops").what() == "oops");
}

BOOST_AUTO_TEST_CASE(remote_error_carries_a_value) {
  const remote_error e("Error", "no", ipczmq::pack(std::vector<int>{1, 2}));
  BOOST_TEST(ipczmq::unpack<std::vector<int>>(e.data()) == (std::vector<int>{1, 2}));
}

BOOST_AUTO_TEST_CASE(received_remote_error_keeps_all_five_parts) {
  const remote_error e(errc::no_handler, "Error invoking remote method 'x': Error: none", "Error",
                       "none", {std::byte{1}});
  const remote_error copy = e;
  BOOST_TEST(bool(copy.code() == errc::no_handler));
  BOOST_TEST(copy.what() == "Error invoking remote method 'x': Error: none");
  BOOST_TEST(copy.name() == "Error");
  BOOST_TEST(copy.message() == "none");
  BOOST_TEST(copy.data().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
