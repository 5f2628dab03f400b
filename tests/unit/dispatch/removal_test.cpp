// SPDX-License-Identifier: MIT
// Removal, once, hooks, and who may be destroyed where.
#include "recorded_table.hpp"

#include <boost/test/unit_test.hpp>

using ipczmq::listener;
using ipczmq::test::recorded_table;
using strings = std::vector<std::string>;

namespace {

// Calls `f` when it is destroyed, copies of it aside.
auto on_destruction(std::function<void()> f) {
  return std::shared_ptr<void>(nullptr, [f = std::move(f)](void*) { f(); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(removal)

BOOST_AUTO_TEST_CASE(each_token_is_removed_once) {
  recorded_table t;
  const listener one = t.add("x", "");
  const listener two = t.add("x", "");
  BOOST_TEST(two.remove());
  BOOST_TEST(!two.remove());
  BOOST_TEST(one.remove());
  BOOST_TEST(t.table->count("x") == 0U);
  BOOST_TEST(!listener().remove());
}

BOOST_AUTO_TEST_CASE(token_of_another_channel_removes_nothing) {
  recorded_table t;
  const listener one = t.add("x", "");
  const listener any = t.table->add_any(t.call(""));
  BOOST_TEST(!t.table->remove("y", one.id()));
  BOOST_TEST(!t.table->remove("x", any.id()));
  BOOST_TEST(t.table->remove("x", one.id()));
  BOOST_TEST(t.table->remove({}, any.id()));
}

BOOST_AUTO_TEST_CASE(token_outlives_its_table) {
  listener one;
  {
    recorded_table t;
    one = t.add("x", "");
  }
  BOOST_TEST(!one.remove());
}

BOOST_AUTO_TEST_CASE(once_is_taken_by_one_dispatch_alone) {
  recorded_table t;
  t.add("x", "", true);
  const auto older = t.table->find("x");
  const auto& r = older->front();
  BOOST_TEST(t.table->take("x", *r));
  BOOST_TEST(t.table->count("x") == 0U);
  BOOST_TEST(!t.table->take("x", *r));
  BOOST_TEST(t.changed.size() == 2U);
}

BOOST_AUTO_TEST_CASE(once_that_was_removed_is_still_called_for_an_older_snapshot) {
  recorded_table t;
  const listener one = t.add("x", "", true);
  const auto older = t.table->find("x");
  one.remove();
  BOOST_TEST(t.table->take("x", *older->front()));
}

BOOST_AUTO_TEST_CASE(others_may_be_taken_again_and_again) {
  recorded_table t;
  t.add("x", "");
  const auto list = t.table->find("x");
  BOOST_TEST(t.table->take("x", *list->front()));
  BOOST_TEST(t.table->take("x", *list->front()));
  BOOST_TEST(t.table->count("x") == 1U);
}

BOOST_AUTO_TEST_CASE(added_hook_is_called_before_and_with_the_token_to_come) {
  recorded_table t;
  listener announced;
  t.table->set_added_hook([&](std::string_view channel, const listener& l) {
    announced = l;
    BOOST_TEST(channel == "x");
    BOOST_TEST(t.table->count("x") == 0U);
    BOOST_TEST(!l.remove());
  });
  const listener one = t.add("x", "");
  BOOST_TEST(bool(announced == one));
  BOOST_TEST(announced.remove());
}

BOOST_AUTO_TEST_CASE(listener_added_by_the_added_hook_goes_first) {
  recorded_table t;
  listener early;
  t.table->set_added_hook([&](std::string_view, const listener&) {
    t.table->set_added_hook(nullptr);
    early = t.add("x", "early");
  });
  const listener late = t.add("x", "late");
  const auto list = t.table->find("x");
  BOOST_TEST_REQUIRE(list->size() == 2U);
  BOOST_TEST(list->front()->id == early.id());
  BOOST_TEST(list->back()->id == late.id());
}

BOOST_AUTO_TEST_CASE(added_hook_that_throws_prevents_the_add) {
  recorded_table t;
  t.table->set_added_hook([](auto, const auto&) { throw std::runtime_error("no"); });
  BOOST_CHECK_THROW(t.add("x", ""), std::runtime_error);
  BOOST_TEST(t.table->count("x") == 0U);
  BOOST_TEST(t.changed.empty());
}

BOOST_AUTO_TEST_CASE(removed_hook_is_called_after) {
  recorded_table t;
  std::size_t calls = 0;
  const listener one = t.add("x", "", true);
  t.table->set_removed_hook([&](std::string_view channel, const listener& l) {
    ++calls;
    BOOST_TEST(channel == "x");
    BOOST_TEST(bool(l == one));
    BOOST_TEST(t.table->count("x") == 0U);
  });
  t.table->take("x", *t.table->find("x")->front());
  BOOST_TEST(calls == 1U);
  one.remove();
  BOOST_TEST(calls == 1U);
}

BOOST_AUTO_TEST_CASE(remove_all_tells_the_hook_last_in_first_out) {
  recorded_table t;
  std::vector<std::uint64_t> removed;
  t.table->set_removed_hook([&](auto, const listener& l) { removed.push_back(l.id()); });
  const auto any = t.table->add_any(t.call("")).id();
  const auto a1 = t.add("a", "").id();
  const auto b1 = t.add("b", "").id();
  const auto a2 = t.add("a", "").id();
  t.table->remove_all();
  BOOST_TEST(removed == (std::vector{a2, a1, b1, any}), boost::test_tools::per_element());
  BOOST_TEST(t.table->names().empty());
  BOOST_TEST(!t.table->has_any());
}

BOOST_AUTO_TEST_CASE(remove_all_of_a_channel_leaves_the_others) {
  recorded_table t;
  const listener gone = t.add("a", "");
  t.add("a", "");
  t.add("b", "");
  t.table->remove_all("a");
  t.table->remove_all("nobody");
  BOOST_TEST(t.table->names() == strings{"b"}, boost::test_tools::per_element());
  BOOST_TEST(!gone.remove());
  BOOST_TEST(t.changed == (strings{"a", "b", "a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(destructor_of_a_callable_may_come_back_to_the_table) {
  recorded_table t;
  std::size_t destroyed = 0;
  const auto returning = [&] {
    return [held = on_destruction([&] {
              ++destroyed;
              t.table
                  ->add(
                      "y", [](auto&, const auto&) {}, false, false)
                  .remove();
              t.table->remove_handler("y");
            })](auto&&...) {};
  };
  t.table->add("x", returning(), false, false).remove();
  BOOST_TEST(destroyed == 1U);
  t.table->add("x", returning(), false, false);
  t.table->add_any(returning());
  t.table->remove_all();
  BOOST_TEST(destroyed == 3U);
  t.table->add("x", returning(), true, false);
  t.table->take("x", *t.table->find("x")->front());
  BOOST_TEST(destroyed == 4U);
  t.table->set_added_hook(returning());
  t.table->set_added_hook(nullptr);
  t.table->set_removed_hook(returning());
  t.table->set_removed_hook(nullptr);
  BOOST_TEST(destroyed == 6U);
  t.table->add_handler("x", returning(), false);
  BOOST_CHECK_THROW(t.table->add_handler("x", returning(), false), ipczmq::error);
  BOOST_TEST(destroyed == 7U);
  t.table->remove_handler("x");
  BOOST_TEST(destroyed == 8U);
}

BOOST_AUTO_TEST_CASE(callable_lives_as_long_as_a_snapshot_has_it) {
  recorded_table t;
  bool destroyed = false;
  t.table->add(
      "x", [held = on_destruction([&] { destroyed = true; })](auto&, const auto&) {}, false, false);
  auto list = t.table->find("x");
  t.table->remove_all();
  BOOST_TEST(!destroyed);
  list.reset();
  BOOST_TEST(destroyed);
}

BOOST_AUTO_TEST_SUITE_END()
