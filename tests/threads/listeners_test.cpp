// SPDX-License-Identifier: MIT
// One table, four threads. What it proves is ThreadSanitizer's to say: ./dev sanitize tsan.
#include "dispatch/listeners.hpp"

#include <boost/test/unit_test.hpp>
#include <ipczmq/deferred.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using ipczmq::listener;
using ipczmq::dispatch::listeners;

namespace {

constexpr int threads = 4;
constexpr int rounds = 500;

// Runs `f(number of the thread)` on all threads at once.
template <class F>
void on_all_threads(F f) {
  std::atomic<int> waiting{threads};
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      waiting.fetch_sub(1);
      while (waiting.load() != 0) std::this_thread::yield();
      f(i);
    });
  }
}

std::shared_ptr<listeners> make_table(listeners::callbacks c = {}) {
  return std::make_shared<listeners>(std::move(c));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listeners_on_threads)

BOOST_AUTO_TEST_CASE(add_remove_and_find_at_the_same_time) {
  std::atomic<int> changes{0};
  const auto table = make_table({.name = "test",
                                 .changed = [&](std::string_view) { ++changes; },
                                 .warn = [](std::string_view) {}});
  std::atomic<int> alive{0};
  std::atomic<int> wrong{0};  // Boost.Test checks on one thread only
  on_all_threads([&](int) {
    for (int round = 0; round < rounds; ++round) {
      const auto held = std::shared_ptr<void>(nullptr, [&, table](void*) {
        --alive;
        (void)table->count("x");  // the user's destructor may come back
      });
      ++alive;
      const listener l = table->add(
          "x", [held](auto&, const auto&) {}, false, round % 2 == 0);
      const listener any = table->add_any([](auto&, const auto&) {});
      if (const auto list = table->find("x"); list != nullptr && list->empty()) ++wrong;
      (void)table->find_any();
      (void)table->names();
      if (!l.remove() || !any.remove()) ++wrong;
    }
  });
  BOOST_TEST(table->count("x") == 0U);
  BOOST_TEST(!table->has_any());
  BOOST_TEST(alive == 0);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(changes % 2 == 0);
}

BOOST_AUTO_TEST_CASE(once_is_taken_by_exactly_one_thread) {
  const auto table = make_table();
  for (int round = 0; round < rounds / 10; ++round) {
    table->add(
        "x", [](auto&, const auto&) {}, true, false);
    const auto list = table->find("x");
    std::atomic<int> taken{0};
    on_all_threads([&](int) {
      if (table->take("x", *list->front())) ++taken;
    });
    BOOST_REQUIRE(taken == 1);
  }
}

BOOST_AUTO_TEST_CASE(handler_once_is_taken_by_exactly_one_thread) {
  const auto table = make_table();
  for (int round = 0; round < rounds / 10; ++round) {
    table->add_handler(
        "x", [](auto&, const auto&, const auto&) {}, true);
    std::atomic<int> taken{0};
    on_all_threads([&](int) {
      if (table->take_handler("x") != nullptr) ++taken;
    });
    BOOST_REQUIRE(taken == 1);
  }
}

BOOST_AUTO_TEST_CASE(hooks_and_remove_all_at_the_same_time) {
  const auto table = make_table();
  std::atomic<int> added{0};
  std::atomic<int> removed{0};
  table->set_removed_hook([&](std::string_view, const listener&) { ++removed; });
  on_all_threads([&](int thread) {
    for (int round = 0; round < rounds; ++round) {
      switch (thread) {
        case 0:
          table->set_added_hook([](std::string_view, const listener& l) { (void)l.id(); });
          table->set_max(static_cast<std::size_t>(round));
          break;
        case 1:
          if (round % 2 == 0) {
            table->remove_all();
          } else {
            table->remove_all("x");
          }
          break;
        default:
          table->add(
              round % 3 == 0 ? "y" : "x", [](auto&, const auto&) {}, round % 5 == 0, false);
          ++added;
      }
    }
  });
  table->remove_all();
  BOOST_TEST(added == removed);
  BOOST_TEST(table->names().empty());
}

BOOST_AUTO_TEST_CASE(deferred_is_attached_and_completed_at_the_same_time) {
  struct counting final : ipczmq::detail::responder {
    explicit counting(std::atomic<int>& n) : count(n) {}
    bool answer(const ipczmq::detail::packed&) override { return ++count != 0; }
    bool fail(std::exception_ptr) override { return ++count != 0; }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return {}; }
    std::atomic<int>& count;
  };
  for (int round = 0; round < rounds / 10; ++round) {
    const ipczmq::deferred<int> d;
    std::atomic<int> completed{0};
    std::atomic<int> answered{0};
    on_all_threads([&](int thread) {
      if (thread == 0) d.state()->attach(std::make_shared<counting>(answered));
      if (thread == 1 && d.resolve(1)) ++completed;
      if (thread >= 2 && d.reject("no")) ++completed;
    });
    BOOST_REQUIRE(completed == 1);
    BOOST_REQUIRE(answered == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
