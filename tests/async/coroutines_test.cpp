// SPDX-License-Identifier: MIT
// Coroutines on both sides of a call.
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

// Counts how many of it live.
struct counted {
  explicit counted(std::atomic<int>& n) : alive(&n) { ++n; }
  counted(const counted& o) : alive(o.alive) { ++*alive; }
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

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

void answer_sums(ipc_main& main) {
  main.handle("sum", [](event&, int a, int b) { return a + b; });
  main.handle("fail", [](event&) -> int { throw ipczmq::remote_error("RangeError", "too far"); });
}

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
    BOOST_TEST(threads.reaches(2));
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
  pair p;
  std::vector<ipczmq::deferred<int>> open;
  std::atomic<bool> reached{false};
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

namespace {

// What lambdas capture would be gone when these are resumed by a destructor.
task<int> waits_for_later(ipc_renderer& r, std::atomic<int>& alive) {
  const counted c(alive);
  co_return co_await r.invoke<int>("later");
}
task<> notes_how_it_ends(ipc_renderer& r, std::atomic<int>& alive, collected<std::string>& said) {
  const counted c(alive);
  try {
    co_await waits_for_later(r, alive);
  } catch (const error& e) {
    said.add(std::string(errc_name(e.kind())));
  }
  // Resumed after close: every use says so.
  co_await r.invoke<int>("later");
}

// Calls that are open as the endpoint closes, in every way of driving it; also those that nobody
// drives any more.
void close_under_waiting(std::string_view drive, bool destroy) {
  constexpr int count = 200;
  std::atomic<int> alive{0};
  collected<std::string> said;
  temp_dir dir;
  ipc_main main(dir.ipc());
  std::vector<ipczmq::deferred<int>> open;
  std::atomic<int> asked{0};
  main.handle("later", [&](event&) {
    open.emplace_back();
    ++asked;
    return open.back();
  });
  main.start();
  {
    ipc_renderer r({.endpoint = dir.ipc(), .linger = 100ms});
    r.on_error([&](const ipczmq::failure& f) { said.add("on_error: " + f.what); });
    std::optional<driver> d;
    if (!drive.empty()) d.emplace(r, drive);
    for (int i = 0; i < count; ++i) r.spawn(notes_how_it_ends(r, alive, said));
    BOOST_TEST(eventually([&] { return asked == count; }, 20s));
    BOOST_TEST(alive == 2 * count);
    if (!destroy) {
      r.close();
      BOOST_TEST(said.reaches(count));
    }
  }
  BOOST_TEST(said.size() == count);
  BOOST_TEST(alive == 0);
  for (const auto& s : said.all()) BOOST_TEST(s == "closed");
}

}  // namespace

BOOST_AUTO_TEST_CASE(closing_an_endpoint_ends_the_coroutines_that_wait_with_closed) {
  for (const std::string_view drive : {"", "start", "run", "poll"}) {
    BOOST_TEST_CONTEXT("driven by " << (drive.empty() ? "nobody" : drive)) {
      close_under_waiting(drive, false);
    }
  }
  BOOST_TEST_CONTEXT("destroyed, driven by nobody") { close_under_waiting("", true); }
}

BOOST_AUTO_TEST_CASE(a_coroutine_may_close_its_own_endpoint) {
  for (const std::string_view drive : {"start", "run", "poll"}) {
    BOOST_TEST_CONTEXT("driven by " << drive) {
      temp_dir dir;
      ipc_main main(dir.ipc());
      answer_sums(main);
      std::vector<ipczmq::deferred<int>> open;
      main.handle("later", [&](event&) {
        open.emplace_back();
        return open.back();
      });
      main.start();
      ipc_renderer r({.endpoint = dir.ipc(), .linger = 100ms});
      std::atomic<int> alive{0};
      collected<std::string> said;
      const auto waits = [&]() -> task<> {
        const counted c(alive);
        co_await r.invoke<int>("later");
      };
      const auto closes = [&]() -> task<> {
        const counted c(alive);
        co_await r.invoke<int>("sum", 1, 2);
        r.close();
        said.add("closed");
      };
      const driver d(r, drive);
      r.spawn(waits());
      r.spawn(closes());
      BOOST_TEST(said.is({"closed"}));
      BOOST_TEST(eventually([&] { return alive == 0; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_call_awaited_after_close_gives_what_it_has) {
  pair p;
  answer_sums(p.main);
  p.main.start();
  auto done = p.renderer.invoke<int>("sum", 1, 2);
  BOOST_TEST(done.get() == 3);
  p.renderer.close();
  collected<int> got;
  p.renderer.spawn(
      [](call<int> c, collected<int>& to) -> task<> { to.add(co_await c); }(done, got));
  BOOST_TEST(got.is({3}));
  BOOST_TEST(code_of([&] { (void)p.renderer.invoke<int>("sum", 1, 2); }) == "closed");
}

BOOST_AUTO_TEST_CASE(a_handlers_coroutine_ends_when_its_own_endpoint_closes) {
  std::atomic<int> alive{0};
  temp_dir dir;
  auto main = std::make_unique<ipc_main>(dir.ipc());
  main->handle("work", [&](event& e) -> task<int> {
    const counted c(alive);
    co_return co_await e.sender.invoke<int>("later");
  });
  ipc_renderer r(dir.ipc());
  std::vector<ipczmq::deferred<int>> open;
  r.handle("later", [&](event&) {
    open.emplace_back();
    return open.back();
  });
  r.start();
  main->start();
  auto c = r.invoke<int>("work");
  BOOST_TEST(eventually([&] { return alive == 1; }));
  main.reset();
  BOOST_TEST(alive == 0);
  BOOST_TEST(code_of([&] { c.get(); }) != "");
}
