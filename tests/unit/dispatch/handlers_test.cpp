// SPDX-License-Identifier: MIT
#include "recorded_table.hpp"

#include <boost/test/unit_test.hpp>
#include <ipczmq/error.hpp>

using ipczmq::errc;
using ipczmq::test::recorded_table;

namespace {

ipczmq::detail::handler_fn nothing() {
  return [](auto&, const auto&, const auto&) {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handlers)

BOOST_AUTO_TEST_CASE(R_40_second_handler_throws_electrons_text) {
  recorded_table t;
  t.table->add_handler("sum", nothing(), false);
  const auto matches = [](const ipczmq::error& e) {
    BOOST_TEST(e.what() == "Attempted to register a second handler for 'sum'");
    return e.code() == errc::duplicate_handler;
  };
  BOOST_CHECK_EXCEPTION(t.table->add_handler("sum", nothing(), false), ipczmq::error, matches);
  // Checked before the type, as in Electron.
  BOOST_CHECK_EXCEPTION(t.table->add_handler("sum", {}, false), ipczmq::error, matches);
}

BOOST_AUTO_TEST_CASE(R_41_empty_handler_throws_electrons_text) {
  recorded_table t;
  BOOST_CHECK_EXCEPTION(
      t.table->add_handler("sum", {}, false), ipczmq::error, [](const ipczmq::error& e) {
        BOOST_TEST(e.what() == "Expected handler to be a function, but found type 'undefined'");
        return e.code() == errc::bad_arguments;
      });
  BOOST_TEST(!t.table->has_handler("sum"));
}

BOOST_AUTO_TEST_CASE(R_43_handle_once_is_removed_by_the_first_invoke) {
  recorded_table t;
  t.table->add_handler("sum", nothing(), true);
  BOOST_TEST(t.table->take_handler("sum") != nullptr);
  BOOST_TEST(t.table->take_handler("sum") == nullptr);
  BOOST_TEST(!t.table->has_handler("sum"));
  BOOST_CHECK_NO_THROW(t.table->add_handler("sum", nothing(), true));
}

BOOST_AUTO_TEST_CASE(handler_stays_until_it_is_removed) {
  recorded_table t;
  t.table->add_handler("sum", nothing(), false);
  BOOST_TEST(t.table->take_handler("sum") != nullptr);
  BOOST_TEST(t.table->take_handler("sum") != nullptr);
  t.table->remove_handler("sum");
  BOOST_TEST(t.table->take_handler("sum") == nullptr);
}

BOOST_AUTO_TEST_CASE(R_52_running_handler_outlives_its_removal) {
  recorded_table t;
  const auto held = std::make_shared<int>(0);
  t.table->add_handler(
      "sum", [held](auto&, const auto&, const auto&) {}, false);
  auto running = t.table->take_handler("sum");
  t.table->remove_handler("sum");
  BOOST_TEST(held.use_count() == 2);
  running.reset();
  BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(R_53_removing_an_unknown_handler_does_nothing) {
  recorded_table t;
  BOOST_CHECK_NO_THROW(t.table->remove_handler("nobody"));
  BOOST_CHECK_NO_THROW(t.table->remove_handler(""));
}

BOOST_AUTO_TEST_CASE(handlers_are_not_listeners) {
  recorded_table t;
  std::size_t hooks = 0;
  t.table->set_added_hook([&](auto, const auto&) { ++hooks; });
  t.table->set_removed_hook([&](auto, const auto&) { ++hooks; });
  t.table->add_handler("sum", nothing(), false);
  BOOST_TEST(t.table->count("sum") == 0U);
  BOOST_TEST(t.table->names().empty());
  BOOST_TEST(t.table->find("sum") == nullptr);
  t.table->remove_all();
  t.table->remove_all("sum");
  BOOST_TEST(t.table->has_handler("sum"));
  t.table->remove_handler("sum");
  BOOST_TEST(hooks == 0U);
  BOOST_TEST(t.changed.empty());
}

BOOST_AUTO_TEST_SUITE_END()
