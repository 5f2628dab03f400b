// SPDX-License-Identifier: MIT
// asio's coroutines: as callers, as handlers and as listeners.
#include "asio_fixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace ipczmq::test;
namespace net = ipczmq::net;
using ipczmq::asio_error_code;
using ipczmq::async_get;
using ipczmq::event;

#ifdef IPCZMQ_ASIO_AWAITABLE
BOOST_AUTO_TEST_CASE(a_call_is_awaited) {
  looped l;
  std::vector<std::string> said;
  net::co_spawn(
      l.io,
      [&]() -> net::awaitable<void> {
        const int n = co_await async_get(l.renderer.invoke<int>("sum", 1, 2), net::use_awaitable);
        said.push_back(std::to_string(n));
        try {
          co_await async_get(l.renderer.invoke<int>("fail"), net::use_awaitable);
        } catch (const ipczmq::remote_error& e) {
          said.push_back(e.name());
        }
        l.io.stop();
      },
      net::detached);
  l.run();
  BOOST_TEST((said == std::vector<std::string>{"3", "RangeError"}));
}

BOOST_AUTO_TEST_CASE(handlers_and_listeners_may_be_asios_coroutines) {
  looped l;
  l.main.handle("slow", [&](event& e, const std::string& text) -> net::awaitable<std::string> {
    net::steady_timer t(l.io, 10ms);
    co_await t.async_wait(net::use_awaitable);
    co_return text + " on " + std::string(e.channel);
  });
  l.main.handle("bad", [&](event&) -> net::awaitable<void> {
    net::steady_timer t(l.io, 1ms);
    co_await t.async_wait(net::use_awaitable);
    throw ipczmq::remote_error("TypeError", "late");
  });
  l.main.on("ask", [&](event& e, int n) -> net::awaitable<void> {
    net::steady_timer t(l.io, 1ms);
    co_await t.async_wait(net::use_awaitable);
    e.reply("told", 2 * n);
  });
  std::vector<std::string> said;
  l.renderer.on("told", [&](event&, int n) {
    said.push_back(std::to_string(n));
    l.io.stop();
  });
  async_get(l.renderer.invoke<std::string>("slow", std::string(50, 'x')),
            [&](std::exception_ptr, const std::string& s) {
              said.push_back(s);
              async_get(l.renderer.invoke<void>("bad"), [&](std::exception_ptr failed) {
                said.push_back(text_of(failed));
                l.renderer.send("ask", 4);
              });
            });
  l.run();
  BOOST_TEST((said == std::vector<std::string>{
                          std::string(50, 'x') + " on slow",
                          "Error invoking remote method 'bad': TypeError: late", "8"}));
}

BOOST_AUTO_TEST_CASE(an_awaitable_handler_without_an_adapter_says_what_it_needs) {
  pair p;
  p.main.handle("slow", [](event&) -> net::awaitable<void> { co_return; });
  p.go();
  BOOST_TEST(contains(failure_of([&] { p.renderer.invoke<void>("slow").get(); }),
                      "needs an ipczmq::asio_adapter"));
}

BOOST_AUTO_TEST_CASE(ten_thousand_awaitables_wait_at_once) {
  looped l;
  constexpr int count = 10'000;
  int done = 0;
  const auto job = [&]() -> net::awaitable<void> {
    done += co_await async_get(l.renderer.invoke<int>("never"), net::use_awaitable);
    if (done == count) l.io.stop();
  };
  for (int i = 0; i < count; ++i) net::co_spawn(l.io, job(), net::detached);
  net::steady_timer look(l.io);
  std::function<void(asio_error_code)> check = [&](asio_error_code) {
    if (l.open.size() == count) {
      for (auto& d : l.open) d.resolve(1);
      return;
    }
    look.expires_after(5ms);
    look.async_wait(check);
  };
  check({});
  l.run();
  BOOST_TEST(done == count);
}

BOOST_AUTO_TEST_CASE(what_waits_as_the_io_context_goes_is_destroyed) {
  auto alive = std::make_shared<int>(0);
  {
    looped l;
    net::co_spawn(
        l.io,
        [&l, alive]() -> net::awaitable<void> {
          const auto mine = alive;
          co_await async_get(l.renderer.invoke<int>("never"), net::use_awaitable);
        },
        net::detached);
    net::steady_timer look(l.io, 50ms);
    look.async_wait([&](asio_error_code) { l.io.stop(); });
    l.run();
  }
  BOOST_TEST(alive.use_count() == 1);
}

#ifdef IPCZMQ_ASIO_CANCELLATION
BOOST_AUTO_TEST_CASE(cancelling_goes_through_both_ways) {
  looped l;
  std::vector<std::string> said;
  // Of the caller: asio's cancellation reaches the handler.
  net::cancellation_signal cancel;
  net::co_spawn(
      l.io,
      [&]() -> net::awaitable<void> {
        co_await async_get(l.renderer.invoke<int>("never"), net::use_awaitable);
      },
      net::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failed) {
        said.push_back(text_of(failed));
        // Of the handler: its caller's cancellation stops the coroutine.
        auto c = std::make_shared<ipczmq::call<void>>(l.renderer.invoke<void>("sleeps"));
        auto t = std::make_shared<net::steady_timer>(l.io, 50ms);
        t->async_wait([t, c](asio_error_code) { c->cancel(); });
      }));
  l.main.handle("sleeps", [&](event& e) -> net::awaitable<void> {
    net::steady_timer t(l.io, 60s);
    try {
      co_await t.async_wait(net::use_awaitable);
    } catch (const std::exception&) {
      said.push_back(e.cancelled() ? "stopped" : "?");
      l.io.stop();
    }
  });
  net::steady_timer soon(l.io, 50ms);
  soon.async_wait([&](asio_error_code) { cancel.emit(net::cancellation_type::terminal); });
  l.run();
  BOOST_TEST_REQUIRE(said.size() == 2U);
  BOOST_TEST(contains(said[0], "cancelled by the caller"));
  BOOST_TEST(said[1] == "stopped");
  BOOST_TEST(l.kept.at(0).cancelled());
}
#endif

#endif
