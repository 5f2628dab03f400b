// SPDX-License-Identifier: MIT
// Reading in place, and raw bytes.
#include "message.hpp"

#include <map>
#include <vector>

using ipczmq::args;
using ipczmq::buffer;
using ipczmq::detail::check_raw;
using ipczmq::test::filled;
using ipczmq::test::message;
using ipczmq::test::throws_text;

namespace {

using octets = std::vector<unsigned char>;
ipczmq::bytes_view view(const octets& b) { return std::as_bytes(std::span(b)); }

template <class... A>
ipczmq::detail::packed packed_args(const A&... a) {
  ipczmq::detail::packed p;
  ipczmq::detail::pack_args(p, a...);
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(arguments_are_found_behind_each_other) {
  const std::map<std::string, std::vector<int>> nested{{"a", {1, 2}}, {"b", {}}};
  const auto p =
      packed_args(1, -100, "text", 2.5, nested, filled(300), std::vector<int>(70000), "end");
  const args a(p.bytes, p.attachments);
  BOOST_TEST_REQUIRE(a.size() == 8U);
  BOOST_TEST(a.get<int>(0) == 1);
  BOOST_TEST(a.get<int>(1) == -100);
  BOOST_TEST(a.get<double>(3) == 2.5);
  BOOST_TEST((a.get<std::map<std::string, std::vector<int>>>(4) == nested));
  BOOST_TEST(a.get<buffer>(5).size() == 300U);
  BOOST_TEST(a.get<std::string>(7) == "end");
  BOOST_TEST(a.bytes().size() == p.bytes.size());
}

BOOST_AUTO_TEST_CASE(every_width_of_array_is_counted) {
  for (const std::size_t size : {0U, 15U, 16U, 65535U, 65536U}) {
    const message m{std::vector<int>(size)};
    const args a(m.view().bytes(), {});
    BOOST_TEST(a.size() == size);
    BOOST_TEST(a.empty() == (size == 0));
    BOOST_TEST(a[size].is_nil());
    if (size != 0) BOOST_TEST(a.get<int>(size - 1) == 0);
  }
}

BOOST_AUTO_TEST_CASE(arguments_beyond_the_last_are_nil) {
  const auto p = packed_args(1);
  const args a(p.bytes, p.attachments);
  BOOST_TEST(a[1].is_nil());
  BOOST_TEST(a[1].bytes().empty());
  BOOST_TEST((a.get<std::optional<int>>(1) == std::nullopt));
  throws_text([&] { (void)a.get<int>(1); },
              "argument 2: wanted int32, got nothing (1 argument was sent)");
  throws_text([&] { (void)args(p.bytes, p.attachments, "c")[0].as<std::string>(); },
              "channel 'c': argument 1: wanted string, got integer");
  BOOST_TEST(args()[0].is_nil());
}

BOOST_AUTO_TEST_CASE(attachments_in_arguments_are_skipped_and_found) {
  const buffer large = filled(9000);
  const auto p = packed_args(large, 5, large);
  const args a(p.bytes, p.attachments);
  BOOST_TEST(a.get<int>(1) == 5);
  BOOST_TEST(a.get<buffer>(2).data() == large.data());
}

BOOST_AUTO_TEST_CASE(skipping_never_leaves_the_bytes) {
  const octets cut{0x93, 1, 0xd9};
  const auto v = view(cut);
  const auto* end = v.data() + v.size();
  BOOST_TEST((ipczmq::detail::skip_value(v.data(), end) == end));
  BOOST_TEST((ipczmq::detail::skip_value(end, end) == end));
}

BOOST_AUTO_TEST_CASE(raw_bytes_are_taken_when_they_are_one_value) {
  const octets array{0x92, 1, 2};
  const auto p = check_raw(view(array), {}, true);
  BOOST_TEST(args(p.bytes, {}).get<int>(1) == 2);
  BOOST_TEST(p.refs.empty());
}

BOOST_AUTO_TEST_CASE(raw_bytes_find_their_attachments) {
  const buffer large = filled(9000);
  const octets array{0x92, 1, 0xd6, 31, 0, 0, 0, 0};
  const auto p = check_raw(view(array), {&large, 1}, true);
  BOOST_TEST(p.refs == std::vector<std::uint32_t>{4}, boost::test_tools::per_element());
  BOOST_TEST(args(p.bytes, p.attachments).get<buffer>(1).data() == large.data());
}

BOOST_AUTO_TEST_CASE(raw_bytes_that_are_wrong_are_refused) {
  const auto refused = [](const octets& bytes, std::string_view start) {
    BOOST_CHECK_EXCEPTION(
        (void)check_raw(view(bytes), {}, true), ipczmq::error, [&](const auto& e) {
          BOOST_TEST_CONTEXT(e.what()) BOOST_TEST(std::string_view(e.what()).starts_with(start));
          return e.code() == ipczmq::errc::bad_arguments;
        });
  };
  refused({}, "argument bytes: ");
  refused({0x92, 1}, "argument bytes: ");
  refused({0x91, 1, 2}, "argument bytes: ");
  refused({0x91, 0xc1}, "argument bytes: ");
  refused({0xdd, 0xff, 0xff, 0xff, 0xff}, "argument bytes: ");
  refused({0x05}, "argument bytes: wanted an array");
  refused({0x91, 0xd6, 31, 0, 0, 0, 0}, "argument bytes: refers to attachment 0");
  refused({0x91, 0xd4, 31, 0}, "argument bytes: ext type 31");
}

BOOST_AUTO_TEST_CASE(unpack_checks_its_bytes) {
  BOOST_TEST(ipczmq::unpack<int>(ipczmq::pack(42)) == 42);
  const octets cut{0xd9, 200, 'a'};
  BOOST_CHECK_THROW((void)ipczmq::unpack<std::string>(view(cut)), ipczmq::error);
  const octets two{1, 2};
  BOOST_CHECK_THROW((void)ipczmq::unpack<int>(view(two)), ipczmq::error);
}

BOOST_AUTO_TEST_SUITE_END()
