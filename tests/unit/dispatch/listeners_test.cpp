// SPDX-License-Identifier: MIT
#include "recorded_table.hpp"

#include <boost/test/unit_test.hpp>
#include <ipczmq/error.hpp>

using ipczmq::errc;
using ipczmq::listener;
using ipczmq::test::recorded_table;
using strings = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(listeners)

BOOST_AUTO_TEST_CASE(channel_without_listeners_has_no_list) {
  recorded_table t;
  BOOST_TEST(t.table->find("x") == nullptr);
  BOOST_TEST(t.table->find_any() == nullptr);
  BOOST_TEST(t.table->count("x") == 0U);
  BOOST_TEST(t.table->names().empty());
}

BOOST_AUTO_TEST_CASE(snapshot_is_not_changed_by_what_comes_after) {
  recorded_table t;
  const listener first = t.add("x", "first");
  const auto before = t.table->find("x");
  t.add("x", "second");
  first.remove();
  BOOST_TEST(before->size() == 1U);
  BOOST_TEST(before->front()->id == first.id());
  BOOST_TEST(t.table->find("x")->front()->id != first.id());
}

BOOST_AUTO_TEST_CASE(first_and_last_listener_of_a_channel_are_reported) {
  recorded_table t;
  const listener one = t.add("x", "");
  const listener two = t.add("x", "");
  BOOST_TEST(t.changed == strings{"x"}, boost::test_tools::per_element());
  two.remove();
  BOOST_TEST(t.changed.size() == 1U);
  one.remove();
  BOOST_TEST(t.changed == (strings{"x", "x"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(first_and_last_listener_of_every_channel_are_reported_without_a_name) {
  recorded_table t;
  const listener one = t.table->add_any(t.call(""));
  BOOST_TEST(t.table->has_any());
  BOOST_TEST(t.changed == strings{""}, boost::test_tools::per_element());
  one.remove();
  BOOST_TEST(!t.table->has_any());
  BOOST_TEST(t.table->find_any() == nullptr);
  BOOST_TEST(t.changed.size() == 2U);
}

BOOST_AUTO_TEST_CASE(change_is_in_force_when_it_is_reported) {
  std::vector<std::size_t> counts;
  std::shared_ptr<ipczmq::dispatch::listeners> table;
  table = std::make_shared<ipczmq::dispatch::listeners>(ipczmq::dispatch::listeners::callbacks{
      .name = "",
      .changed = [&](std::string_view c) { counts.push_back(table->count(c)); },
      .warn = nullptr});
  table
      ->add(
          "x", [](auto&, const auto&) {}, false, false)
      .remove();
  BOOST_TEST(counts == (std::vector<std::size_t>{1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_are_in_the_order_of_their_first_listener) {
  recorded_table t;
  const listener b = t.add("b", "");
  t.add("a", "");
  t.add("b", "");
  t.table->add_any(t.call(""));
  BOOST_TEST(t.table->names() == (strings{"b", "a"}), boost::test_tools::per_element());
  t.table->remove_all("b");
  t.add("b", "");
  BOOST_TEST(t.table->names() == (strings{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(eleventh_listener_is_warned_of_once_a_channel) {
  recorded_table t;
  for (int i = 0; i < 10; ++i) t.add("x", "");
  BOOST_TEST(t.warnings.empty());
  t.add("x", "");
  t.add("x", "");
  BOOST_TEST_REQUIRE(t.warnings.size() == 1U);
  BOOST_TEST(t.warnings[0] ==
             "possible listener leak: 11 listeners on channel 'x' of ipc_main (limit 10); "
             "remove some, or raise the limit with set_max_listeners()");
  for (int i = 0; i < 11; ++i) t.add("y", "");
  BOOST_TEST(t.warnings.size() == 2U);
  for (int i = 0; i < 11; ++i) t.table->add_any(t.call(""));
  BOOST_TEST_REQUIRE(t.warnings.size() == 3U);
  BOOST_TEST(t.warnings[2].find("11 listeners of on_any of ipc_main") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(limit_of_zero_is_no_limit) {
  recorded_table t;
  BOOST_TEST(t.table->max() == 10U);
  t.table->set_max(0);
  for (int i = 0; i < 100; ++i) t.add("x", "");
  BOOST_TEST(t.warnings.empty());
  t.table->set_max(2);
  t.add("x", "");
  BOOST_TEST(t.warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(warning_is_one_printable_line) {
  recorded_table t;
  t.table->set_max(1);
  t.add("a\nb", "");
  t.add("a\nb", "");
  BOOST_TEST_REQUIRE(t.warnings.size() == 1U);
  BOOST_TEST(t.warnings[0].find("channel 'a\\x0ab'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tokens_of_two_tables_differ) {
  recorded_table t;
  recorded_table other;
  const listener mine = t.add("x", "");
  const listener theirs = other.add("x", "");
  BOOST_TEST(!(mine == theirs));
  BOOST_TEST(!t.table->remove("x", theirs.id()));
  BOOST_TEST(t.table->count("x") == 1U);
}

BOOST_AUTO_TEST_CASE(channels_that_do_not_exist_are_refused_with_the_reason) {
  recorded_table t;
  const auto refused = [&](std::string_view channel, std::string_view text) {
    const auto matches = [&](const ipczmq::error& e) {
      BOOST_TEST(e.what() == text);
      return e.code() == errc::bad_channel;
    };
    BOOST_CHECK_EXCEPTION(t.add(channel, ""), ipczmq::error, matches);
    BOOST_CHECK_EXCEPTION(t.table->add_handler(
                              channel, [](auto&&...) {}, false),
                          ipczmq::error, matches);
  };
  refused("", "channel '' is empty");
  refused(std::string(256, 'a'),
          "channel '" + std::string(80, 'a') + "…' is 256 bytes long, 255 allowed");
  refused("ab\xff", "channel 'ab\\xff' is not UTF-8");
  BOOST_TEST(t.changed.empty());
}

BOOST_AUTO_TEST_CASE(R_82_R_83_any_utf8_is_a_channel_reserved_names_of_node_included) {
  recorded_table t;
  for (const auto& name : {std::string("error"), std::string("newListener"), std::string("канал 🚀"),
                           std::string("a\0b", 3), std::string(255, 'x')}) {
    t.add(name, "");
    BOOST_TEST(t.table->count(name) == 1U);
  }
  BOOST_TEST(t.changed.size() == 5U);
}

BOOST_AUTO_TEST_CASE(long_name_is_not_cut_inside_a_character) {
  std::string name = "x";
  while (name.size() < 300) name += "ü";
  recorded_table t;
  BOOST_CHECK_EXCEPTION(t.add(name, ""), ipczmq::error, [](const ipczmq::error& e) {
    return std::string(e.what()).find("üü…' is 301 bytes") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(empty_function_is_refused) {
  recorded_table t;
  const auto is_bad = [](const ipczmq::error& e) { return e.code() == errc::bad_arguments; };
  BOOST_CHECK_EXCEPTION(t.table->add("x", {}, false, false), ipczmq::error, is_bad);
  BOOST_CHECK_EXCEPTION(t.table->add_any({}), ipczmq::error, is_bad);
  BOOST_TEST(t.table->count("x") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
