// SPDX-License-Identifier: MIT
// Endpoints in asio's loops, and calls by callbacks and futures.
#include "adapter_cases.hpp"
#include "asio_fixture.hpp"
#include "wakeups.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace ipczmq::test;
namespace net = ipczmq::net;
using ipczmq::asio_adapter;
using ipczmq::asio_error_code;
using ipczmq::async_get;
using ipczmq::error;
using ipczmq::event;
using ipczmq::ipc_main;
using ipczmq::ipc_renderer;

BOOST_AUTO_TEST_CASE(listeners_and_continuations_run_in_the_loop) {
  looped l;
  std::vector<std::thread::id> threads;
  l.main.on("ping", [&](event& e, int n) {
    threads.push_back(std::this_thread::get_id());
    e.reply("pong", n);
  });
  int pongs = 0;
  l.renderer.on("pong", [&](event& e, int n) {
    threads.push_back(std::this_thread::get_id());
    if (++pongs == 100) {
      l.renderer.invoke<int>("sum", 1, 2).then([&](int) { l.io.stop(); });
    } else {
      e.reply("ping", n + 1);
    }
  });
  l.renderer.send("ping", 0);
  l.run();
  BOOST_TEST(pongs == 100);
  for (const auto id : threads) BOOST_TEST((id == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(a_call_completes_a_callback) {
  looped l;
  std::vector<std::string> said;
  async_get(l.renderer.invoke<int>("sum", 1, 2), [&](std::exception_ptr failed, int n) {
    said.push_back(text_of(failed) + " " + std::to_string(n));
    async_get(l.renderer.invoke<void>("sum", 1, 2), [&](std::exception_ptr none) {
      said.push_back(text_of(none));
      async_get(l.renderer.invoke<int>("fail"), [&](std::exception_ptr why, int) {
        said.push_back(text_of(why));
        l.io.stop();
      });
    });
  });
  BOOST_TEST(said.empty());
  l.run();
  BOOST_TEST((said == std::vector<std::string>{
                          "nothing 3", "nothing",
                          "Error invoking remote method 'fail': RangeError: too far"}));
}

BOOST_AUTO_TEST_CASE(a_call_completes_a_future) {
  looped l;
  auto keep = net::make_work_guard(l.io);
  std::thread loop([&] { l.io.run(); });
  auto good = async_get(l.renderer.invoke<int>("sum", 20, 22), net::use_future);
  auto bad = async_get(l.renderer.invoke<int>("fail"), net::use_future);
  BOOST_TEST(good.get() == 42);
  BOOST_CHECK_THROW(bad.get(), ipczmq::remote_error);
  l.io.stop();
  loop.join();
}

BOOST_AUTO_TEST_CASE(a_call_of_an_endpoint_with_its_own_thread_completes_in_the_io_context) {
  net::io_context io;  // outlives the thread that posts to it
  pair p;
  p.main.handle("sum", [](event&, int a, int b) { return a + b; });
  p.go();
  std::thread::id where;
  async_get(p.renderer.invoke<int>("sum", 1, 2),
            net::bind_executor(io.get_executor(), [&](std::exception_ptr, int n) {
              BOOST_TEST(n == 3);
              where = std::this_thread::get_id();
            }));
  io.run();  // the call is its work: it does not return before
  BOOST_TEST((where == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(several_endpoints_share_one_loop) {
  looped l;
  std::vector<std::unique_ptr<ipc_renderer>> renderers;
  std::vector<std::unique_ptr<asio_adapter>> adapters;
  int answers = 0;
  for (int i = 0; i < 20; ++i) {
    renderers.push_back(std::make_unique<ipc_renderer>(
        ipczmq::renderer_options{.endpoint = l.dir.ipc(), .linger = 100ms}));
    adapters.push_back(std::make_unique<asio_adapter>(l.io, *renderers.back()));
    renderers.back()->invoke<int>("sum", i, 1).then([&, i](int n) {
      BOOST_TEST(n == i + 1);
      if (++answers == 20) l.io.stop();
    });
  }
  l.run();
  BOOST_TEST(answers == 20);
}

BOOST_AUTO_TEST_CASE(closing_in_the_middle_of_a_listener_ends_the_loop) {
  looped l;
  l.main.on("bye", [&](event&) {
    l.too_long.cancel();
    l.renderer.close();
    l.main.close();
  });
  std::string ended;
  async_get(l.renderer.invoke<int>("never"),
            [&](std::exception_ptr failed, int) { ended = text_of(failed); });
  l.renderer.send("bye");
  l.run();  // returns, for nothing is left to do
  BOOST_TEST(contains(ended, "the endpoint was closed"));
}

BOOST_AUTO_TEST_CASE(endpoint_and_adapter_may_be_destroyed_in_a_listener) {
  for (const bool adapter_first : {true, false}) {
    net::io_context io;
    destroy_endpoint_and_adapter_in_a_listener(
        adapter_first, [&](auto& e) { return std::make_unique<asio_adapter>(io, e); },
        [&] { io.run(); });
  }
}

BOOST_AUTO_TEST_CASE(an_adapter_destroyed_first_leaves_the_endpoint_alive) {
  pair p({.drive = "start"});
  p.renderer.start();
  net::io_context io;
  { const asio_adapter a(io, p.main); }
  io.run();
  collected<int> got;
  p.main.on("n", [&](event&, int n) { got.add(n); });
  p.renderer.send("n", 1);
  BOOST_TEST(p.renderer.drain(5s).complete);  // taken by the library's thread
  p.main.start();
  BOOST_TEST(got.is({1}));
}

BOOST_AUTO_TEST_CASE(two_loops_cannot_dispatch_one_endpoint_at_once) {
  pair p;
  net::io_context io;
  const asio_adapter a(io, p.main);
  std::atomic<bool> inside{false};
  std::atomic<bool> leave{false};
  p.main.on("block", [&](event&) {
    inside = true;
    eventually([&] { return leave.load(); }, 20s);
  });
  const driver other(p.main, "start");
  p.renderer.send("block");
  BOOST_TEST(eventually([&] { return inside.load(); }));
  p.renderer.send("block");
  std::string said;
  net::steady_timer give_up(io, 20s);
  give_up.async_wait([&](asio_error_code) { io.stop(); });
  try {
    io.run();
  } catch (const error& e) {
    said = e.what();
  }
  BOOST_TEST(contains(said, "another thread dispatches this endpoint already"));
  leave = true;
}

BOOST_AUTO_TEST_CASE(idle_loops_sleep) {
  temp_dir dir;
  net::io_context io;
  ipc_main main(dir.ipc());
  const asio_adapter main_loop(io, main);
  const auto idle_for = [&](std::chrono::milliseconds d) {
    const std::string service = service_task();
    const long before = wakeups_of_this_thread();
    const long service_before = wakeups_of(service);
    net::steady_timer t(io, d);
    t.async_wait([&](asio_error_code) { io.stop(); });
    io.run();
    io.restart();
    return std::pair(wakeups_of_this_thread() - before, wakeups_of(service) - service_before);
  };
  idle_for(300ms);  // until all is set up
  const auto alone = idle_for(1s);
  BOOST_TEST_MESSAGE("alone, in 1 s: loop " << alone.first << ", service thread " << alone.second);
  BOOST_TEST(alone.first <= 1);  // the timer of this test
  BOOST_TEST(alone.second == 0);

  ipc_renderer renderer(dir.ipc());
  const asio_adapter renderer_loop(io, renderer);
  idle_for(500ms);
  BOOST_TEST(renderer.is_connected());
  const auto connected = idle_for(4s);
  BOOST_TEST_MESSAGE("connected, in 4 s: loop " << connected.first << ", service thread "
                                                << connected.second);
  // The renderer's pings and their answers; the service thread looks every 3 s for each.
  BOOST_TEST(connected.first <= 40);
  BOOST_TEST(connected.second <= 6);
}
