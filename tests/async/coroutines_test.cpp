// SPDX-License-Identifier: MIT
// Coroutines on both sides of a call.
#include "coroutine_fixture.hpp"
#include "pair.hpp"

#include <atomic>
#include <coroutine>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace ipczmq::test;
using ipczmq::call;
using ipczmq::errc;
using ipczmq::error;
using ipczmq::event;
using ipczmq::ipc_main;
using ipczmq::ipc_renderer;
using ipczmq::task;

namespace {

// A coroutine type that knows nothing of ours.
struct foreign {
  struct promise_type {
    foreign get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_awaited_call_gives_its_answer_on_the_dispatch_thread) {
  in_all_ways([](way w) {
    pair p(w);
    answer_sums(p.main);
    p.go();
    collected<int> sums;
    collected<std::thread::id> threads;
    p.renderer.on("where", [&](event&) { threads.add(std::this_thread::get_id()); });
    p.main.handle("tell", [](event& e) { e.reply("where"); });
    p.renderer.spawn([](ipc_renderer& r, auto& to, auto& where) -> task<> {
      int n = 0;
      for (int i = 0; i < 100; ++i) n = co_await r.invoke<int>("sum", n, i);
      where.add(std::this_thread::get_id());
      to.add(n);
      co_await r.invoke<void>("tell");
    }(p.renderer, sums, threads));
    BOOST_TEST(sums.is({4950}));
    BOOST_TEST_REQUIRE(threads.reaches(2));
    BOOST_TEST((threads.all().at(0) == threads.all().at(1)));
  });
}

BOOST_AUTO_TEST_CASE(errors_come_out_of_the_await) {
  pair p;
  answer_sums(p.main);
  p.go();
  collected<std::string> said;
  p.renderer.spawn([](ipc_renderer& r, collected<std::string>& to) -> task<> {
    try {
      co_await r.invoke<int>("fail");
    } catch (const ipczmq::remote_error& e) {
      to.add(e.name() + ": " + e.message());
    }
    try {
      co_await r.invoke<int>("nobody");
    } catch (const error& e) {
      to.add(std::string(errc_name(e.kind())));
    }
    try {
      co_await r.invoke<std::string>("sum", 1, 2);
    } catch (const error& e) {
      to.add(std::string(errc_name(e.kind())));
    }
  }(p.renderer, said));
  BOOST_TEST(said.is({"RangeError: too far", "no_handler", "bad_arguments"}));
}

BOOST_AUTO_TEST_CASE(what_a_spawned_task_throws_goes_to_on_error) {
  pair p;
  answer_sums(p.main);
  collected<std::string> said;
  p.renderer.on_error([&](const ipczmq::failure& f) { said.add(f.what); });
  p.go();
  const auto fails = [](ipc_renderer& r) -> task<> { co_await r.invoke<int>("fail"); };
  const auto at_once = []() -> task<> {
    throw std::runtime_error("at once");
    co_return;
  };
  p.renderer.spawn(at_once());
  BOOST_TEST(said.reaches(1));
  p.renderer.spawn(fails(p.renderer));
  BOOST_TEST(said.is({"at once", "Error invoking remote method 'fail': RangeError: too far"}));
}

BOOST_AUTO_TEST_CASE(a_handler_may_be_a_coroutine_and_owns_what_it_was_given) {
  in_all_ways([](way w) {
    pair p(w);
    p.renderer.handle("twice", [](event&, int n) { return 2 * n; });
    auto lambda_state = std::make_shared<std::string>(40, 's');
    p.main.handle("work",
                  [lambda_state](event& e, const std::string& text, std::vector<int> v,
                                 std::string_view view) -> task<std::string> {
                    const int n = co_await e.sender.invoke<int>("twice", v.at(0));
                    co_return text + *lambda_state + std::string(view) + std::to_string(n) +
                        std::string(e.channel);
                  });
    lambda_state.reset();
    p.go();
    auto answer =
        p.renderer.invoke<std::string>("work", std::string(50, 't'), std::vector{4}, "seen");
    p.main.handle_once("gone", [](event&) -> task<> { co_return; });
    BOOST_TEST(answer.get() == std::string(50, 't') + std::string(40, 's') + "seen" + "8" + "work");
    p.renderer.invoke<void>("gone").get();
    BOOST_TEST(!p.main.has_handler("gone"));
  });
}

BOOST_AUTO_TEST_CASE(a_running_handler_survives_its_removal) {
  pair p;
  ipczmq::deferred<int> later;
  std::atomic<bool> entered{false};
  p.renderer.handle("later", [&](event&) {
    entered = true;
    return later;
  });
  p.main.handle("work", [text = std::string(60, 'x')](event& e) -> task<std::string> {
    const int n = co_await e.sender.invoke<int>("later");
    co_return text + std::to_string(n);
  });
  p.go();
  auto answer = p.renderer.invoke<std::string>("work");
  BOOST_TEST(eventually([&] { return entered.load(); }));
  p.main.remove_handler("work");
  later.resolve(5);
  BOOST_TEST(answer.get() == std::string(60, 'x') + "5");
}

BOOST_AUTO_TEST_CASE(what_a_coroutine_handler_throws_reaches_the_caller_whole) {
  pair p;
  p.renderer.handle("fail", [](event&) -> task<> {
    throw ipczmq::remote_error("TypeError", "inner");
    co_return;
  });
  p.main.handle("at_once", [](event&, int n) -> task<int> {
    if (n == 0) throw ipczmq::remote_error("RangeError", "none");
    co_return 10 / n;
  });
  p.main.handle("later", [](event& e) -> task<int> {
    co_await e.sender.invoke<void>("fail");
    co_return 1;
  });
  p.go();
  const auto name_of = [](auto f) -> std::string {
    try {
      f();
    } catch (const ipczmq::remote_error& e) {
      return e.name() + ": " + e.message();
    }
    return "nothing";
  };
  BOOST_TEST(p.renderer.invoke<int>("at_once", 5).get() == 2);
  BOOST_TEST(name_of([&] { p.renderer.invoke<int>("at_once", 0).get(); }) == "RangeError: none");
  BOOST_TEST(contains(name_of([&] { p.renderer.invoke<int>("later").get(); }), "TypeError: inner"));
  BOOST_TEST(code_of([&] { p.renderer.invoke<int>("at_once", "x").get(); }) == "bad_arguments");
}

BOOST_AUTO_TEST_CASE(a_listener_may_be_a_coroutine) {
  pair p;
  collected<std::string> said;
  p.main.on_error([&](const ipczmq::failure& f) { said.add(f.channel + " " + f.what); });
  p.renderer.handle("twice", [](event&, int n) { return 2 * n; });
  p.main.on("ask", [](event& e, int n) -> task<> {
    e.return_value = co_await e.sender.invoke<int>("twice", n);
  });
  p.main.on("throws", [](event& e) -> task<> {
    co_await e.sender.invoke<int>("twice", 1);
    throw std::runtime_error("after all");
  });
  p.go();
  BOOST_TEST(p.renderer.send_sync<int>("ask", 21) == 42);
  p.renderer.send("throws");
  BOOST_TEST(said.is({"throws after all"}));
  BOOST_TEST(contains(failure_of([&] { p.renderer.send_sync("throws"); }), "after all"));
}

BOOST_AUTO_TEST_CASE(a_cancelled_caller_cancels_what_its_handler_waits_for) {
  pair p;
  collected<std::string> said;
  std::atomic<bool> inner_running{false};
  std::vector<event> kept;
  std::vector<ipczmq::deferred<int>> open;
  p.renderer.handle("never", [&](event& e) {
    kept.push_back(e);
    open.emplace_back();
    inner_running = true;
    return open.back();
  });
  p.main.handle("work", [&](event& e) -> task<int> {
    try {
      co_return co_await e.sender.invoke<int>("never");
    } catch (const error& x) {
      said.add(std::string(errc_name(x.kind())) + (e.cancelled() ? ", cancelled" : ""));
      throw;
    }
  });
  p.go();
  auto c = p.renderer.invoke<int>("work");
  BOOST_TEST(eventually([&] { return inner_running.load(); }));
  c.cancel();
  BOOST_TEST(code_of([&] { c.get(); }) == "cancelled");
  BOOST_TEST(said.is({"cancelled, cancelled"}));
  BOOST_TEST(eventually([&] { return kept.at(0).cancelled(); }));
}

BOOST_AUTO_TEST_CASE(a_stop_token_cancels_a_spawned_task) {
  std::vector<ipczmq::deferred<int>> open;
  std::atomic<bool> reached{false};
  pair p;
  p.main.handle("never", [&](event&) {
    open.emplace_back();
    reached = true;
    return open.back();
  });
  collected<std::string> said;
  p.renderer.on_error([&](const ipczmq::failure& f) { said.add("on_error: " + f.what); });
  p.go();
  std::stop_source stop;
  std::atomic<int> alive{0};
  p.renderer.spawn(
      [](ipc_renderer& r, collected<std::string>& to, counted) -> task<> {
        try {
          co_await r.invoke<int>("never");
        } catch (const error& e) {
          to.add(std::string(errc_name(e.kind())));
          throw;
        }
      }(p.renderer, said, counted(alive)),
      stop.get_token());
  BOOST_TEST(eventually([&] { return reached.load(); }));
  BOOST_TEST(alive == 1);
  stop.request_stop();
  BOOST_TEST(said.is({"cancelled"}));
  BOOST_TEST(eventually([&] { return alive == 0; }));
  // Already asked for: it does not even wait.
  p.renderer.spawn(
      [](ipc_renderer& r, collected<std::string>& to) -> task<> {
        try {
          co_await r.invoke<int>("never");
        } catch (const error& e) {
          to.add(std::string(errc_name(e.kind())));
        }
      }(p.renderer, said),
      stop.get_token());
  BOOST_TEST(said.is({"cancelled", "cancelled"}));
}

BOOST_AUTO_TEST_CASE(destroying_a_coroutine_that_waits_cancels_its_call) {
  pair p;
  std::vector<ipczmq::deferred<int>> open;
  collected<event> events;
  p.main.handle("never", [&](event& e) {
    open.emplace_back();
    events.add(e);
    return open.back();
  });
  p.go();
  const auto wait = [](ipc_renderer& r) -> foreign { co_await r.invoke<int>("never"); };
  const auto wait_on = [](call<int> c) -> foreign { co_await c; };
  foreign f = wait(p.renderer);
  BOOST_TEST(events.reaches(1));
  f.handle.destroy();
  BOOST_TEST(eventually([&] { return events.all().at(0).cancelled(); }));
  // Of a call with a name others may know: it goes on.
  auto named = p.renderer.invoke<int>("never");
  f = wait_on(named);
  BOOST_TEST(events.reaches(2));
  f.handle.destroy();
  open.at(1).resolve(6);
  BOOST_TEST(named.get() == 6);
  BOOST_TEST(!events.all().at(1).cancelled());
}

BOOST_AUTO_TEST_CASE(ten_thousand_calls_wait_at_once) {
  constexpr int count = 10'000;
  pair p;
  std::vector<ipczmq::deferred<int>> open;
  std::atomic<int> asked{0};
  p.main.handle("later", [&](event&) {
    open.emplace_back();
    ++asked;
    return open.back();
  });
  p.go();
  std::atomic<int> alive{0};
  std::atomic<int> total{0};
  const auto job = [&](int n) -> task<> {
    const counted c(alive);
    total += co_await p.renderer.invoke<int>("later") + n;
  };
  for (int i = 0; i < count; ++i) p.renderer.spawn(job(1));
  BOOST_TEST(eventually([&] { return asked == count; }, 60s));
  BOOST_TEST(alive == count);
  for (auto& d : open) d.resolve(1);
  BOOST_TEST(eventually([&] { return alive == 0; }, 60s));
  BOOST_TEST(total == 2 * count);
}
