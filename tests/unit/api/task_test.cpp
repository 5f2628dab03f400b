// SPDX-License-Identifier: MIT
#include <ipczmq/task.hpp>

#include <ipczmq/detail/coroutine.hpp>
#include <ipczmq/options.hpp>

#include <boost/test/unit_test.hpp>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

using ipczmq::task;

namespace {

// Suspends until the test resumes it by hand.
struct gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept { waiting = h; }
  void await_resume() const noexcept {}
};

}  // namespace

// What became of a task that was begun.
struct outcome {
  std::string said;
  int value = 0;
  int dropped = 0;
};
struct note {  // a coroutine is made with it, so it has a linkage
  outcome* to;
  std::shared_ptr<int> token;
  void succeed(int v) const {
    to->said = "done";
    to->value = v;
  }
  void succeed() const { to->said = "done"; }
  void fail(std::exception_ptr e) const {
    try {
      std::rethrow_exception(e);
    } catch (const std::exception& x) {
      to->said = x.what();
    }
  }
};

namespace {

template <class T>
outcome& begin(outcome& o, task<T> t, std::stop_token stop = {}) {
  ipczmq::detail::coroutine_kind<task<T>>::begin(note{&o, {}}, std::move(t), std::move(stop));
  return o;
}

task<int> number(int n) { co_return n; }
task<int> sum(int a, int b) { co_return co_await number(a) + co_await number(b); }
task<> fails(const char* why) {
  throw std::runtime_error(why);
  co_return;
}

// Counts how many of it live: a compiler that copies a temporary bytewise, or destroys it twice, is
// found out.
struct counted {
  explicit counted(int& n) : alive(&n) { ++n; }
  counted(const counted& o) : alive(o.alive) { ++*alive; }
  ~counted() { --*alive; }
  int* alive;
};
struct options {
  options(int d, counted w) : deadline(d), what(std::move(w)) {}
  int deadline;
  counted what;
};
task<int> takes(const options& o, const std::string& text) {
  co_return o.deadline + static_cast<int>(text.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tasks)

BOOST_AUTO_TEST_CASE(begins_when_it_is_awaited) {
  bool begun = false;
  const auto job = [&]() -> task<int> {
    begun = true;
    co_return 1;
  };
  task<int> t = job();
  BOOST_TEST(!begun);
  outcome o;
  begin(o, std::move(t));
  BOOST_TEST(begun);
  BOOST_TEST(o.value == 1);
}

BOOST_AUTO_TEST_CASE(values_come_through_every_level) {
  outcome o;
  BOOST_TEST(begin(o, sum(2, 3)).value == 5);
}

BOOST_AUTO_TEST_CASE(exceptions_come_through_every_level) {
  const auto outer = []() -> task<int> {
    co_await fails("no luck");
    co_return 1;
  };
  outcome o;
  BOOST_TEST(begin(o, outer()).said == "no luck");
  const auto catches = []() -> task<int> {
    int n = 0;
    try {
      co_await fails("caught");
    } catch (const std::runtime_error&) {
      n = 7;
    }
    co_return n + co_await number(1);
  };
  BOOST_TEST(begin(o, catches()).value == 8);
}

BOOST_AUTO_TEST_CASE(move_only_values) {
  const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
  const auto use = [&]() -> task<int> {
    const auto p = co_await make();
    co_return *p;
  };
  outcome o;
  BOOST_TEST(begin(o, use()).value == 4);
}

BOOST_AUTO_TEST_CASE(goes_on_where_it_was_suspended) {
  gate g;
  const auto job = [&]() -> task<int> {
    co_await g;
    co_return 3;
  };
  const auto outer = [&]() -> task<int> { co_return 1 + co_await job(); };
  outcome o;
  begin(o, outer());
  BOOST_TEST(o.said == "");
  g.waiting.resume();
  BOOST_TEST(o.value == 4);
}

BOOST_AUTO_TEST_CASE(a_million_awaits_that_do_not_suspend_need_no_stack) {
  const auto job = []() -> task<int> {
    int n = 0;
    for (int i = 0; i < 1'000'000; ++i) n += co_await number(1);
    co_return n;
  };
  outcome o;
  BOOST_TEST(begin(o, job()).value == 1'000'000);
}

BOOST_AUTO_TEST_CASE(destroying_a_suspended_one_destroys_all_its_locals) {
  gate g;
  int alive = 0;
  const auto inner = [&]() -> task<> {
    const counted c(alive);
    co_await g;
  };
  const auto outer = [&]() -> task<> {
    const counted c(alive);
    co_await inner();
  };
  {
    task<> t = outer();
    // Begun by hand, so that it still has an owner.
    auto awaiter = std::move(t).operator co_await();
    BOOST_TEST(awaiter.await_suspend(std::noop_coroutine()));
    BOOST_TEST(alive == 2);
  }
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(temporaries_of_an_await_are_destroyed_once) {
  int alive = 0;
  const auto job = [&]() -> task<int> {
    int n = co_await takes(options(2, counted(alive)), std::string(100, 'x'));
    if (co_await takes(options(1, counted(alive)), "a") == 2) ++n;
    co_return n;
  };
  outcome o;
  BOOST_TEST(begin(o, job()).value == 102 + 1);
  BOOST_TEST(alive == 0);
}

// gcc 12 destroys an aggregate twice that is a temporary of a co_await.
BOOST_AUTO_TEST_CASE(braced_call_options_may_be_written_in_an_await) {
  const auto asked = [](const ipczmq::call_options& o) -> task<int> {
    co_return (o.deadline ? 1 : 0) + (o.stop.stop_requested() ? 2 : 0);
  };
  const auto job = [&](std::stop_token t) -> task<int> {
    int n = co_await asked({.deadline = std::chrono::seconds(2), .stop = t});
    n += co_await asked({.stop = std::move(t)});
    co_return n;
  };
  std::stop_source stop;
  stop.request_stop();
  outcome o;
  BOOST_TEST(begin(o, job(stop.get_token())).value == 3 + 2);
  bool called = false;
  const std::stop_callback still_there(stop.get_token(), [&] { called = true; });
  BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(captures_of_a_lambda_are_not_copied_into_its_coroutine) {
  int alive = 0;
  {
    const auto job = [c = counted(alive)](int a) -> task<int> { co_return a + *c.alive; };
    outcome o;
    BOOST_TEST(begin(o, job(1)).value == 2);
  }
  BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(the_stop_token_reaches_the_innermost) {
  std::stop_source stop;
  gate g;
  const auto inner = [&]() -> task<int> {
    const std::stop_token token = co_await ipczmq::current_stop_token{};
    co_await g;
    co_return token.stop_requested() ? 1 : 0;
  };
  const auto outer = [&]() -> task<int> { co_return co_await inner(); };
  outcome o;
  begin(o, outer(), stop.get_token());
  stop.request_stop();
  g.waiting.resume();
  BOOST_TEST(o.value == 1);
}

BOOST_AUTO_TEST_SUITE_END()
