// SPDX-License-Identifier: MIT
// Endpoints in a libuv loop.
#include <ipczmq/libuv.hpp>

#include "adapter_cases.hpp"
#include "pair.hpp"
#include "wakeups.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace ipczmq::test;
using ipczmq::event;
using ipczmq::ipc_main;
using ipczmq::ipc_renderer;
using ipczmq::libuv_adapter;

namespace {

// A loop that ends by itself should nothing stop it.
struct loop {
  loop() {
    uv_loop_init(&uv);
    uv_timer_init(&uv, &timer);
    timer.data = this;
  }
  ~loop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
    uv_run(&uv, UV_RUN_DEFAULT);
    BOOST_TEST(uv_loop_close(&uv) == 0, "handles are left in the loop");
  }
  // Whether it was stopped in time.
  bool run(std::chrono::milliseconds most = 20s) {
    late = false;
    uv_timer_start(
        &timer,
        [](uv_timer_t* t) {
          static_cast<loop*>(t->data)->late = true;
          uv_stop(t->loop);
        },
        static_cast<std::uint64_t>(most.count()), 0);
    uv_unref(reinterpret_cast<uv_handle_t*>(&timer));
    uv_run(&uv, UV_RUN_DEFAULT);
    uv_timer_stop(&timer);
    return !late;
  }
  void stop() { uv_stop(&uv); }
  uv_loop_t uv{};
  uv_timer_t timer{};
  bool late = false;
};

}  // namespace

BOOST_AUTO_TEST_CASE(several_endpoints_share_a_loop) {
  temp_dir dir;
  loop l;
  ipc_main main(dir.ipc());
  main.handle("sum", [](event&, int a, int b) { return a + b; });
  const libuv_adapter main_loop(&l.uv, main);
  std::vector<std::unique_ptr<ipc_renderer>> renderers;
  std::vector<libuv_adapter> adapters;
  int answers = 0;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 10; ++i) {
    renderers.push_back(std::make_unique<ipc_renderer>(dir.ipc()));
    adapters.emplace_back(&l.uv, *renderers.back());
    renderers.back()->invoke<int>("sum", i, 1).then([&, i](int n) {
      BOOST_TEST(n == i + 1);
      threads.push_back(std::this_thread::get_id());
      if (++answers == 10) l.stop();
    });
  }
  BOOST_TEST(l.run());
  BOOST_TEST(answers == 10);
  for (const auto id : threads) BOOST_TEST((id == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(closing_in_the_middle_of_a_listener_lets_the_loop_end) {
  temp_dir dir;
  loop l;
  ipc_main main({.endpoints = {dir.ipc()}, .linger = 100ms});
  ipc_renderer renderer({.endpoint = dir.ipc(), .linger = 100ms});
  const libuv_adapter a(&l.uv, main);
  const libuv_adapter b(&l.uv, renderer);
  main.on("bye", [&](event&) {
    renderer.close();
    main.close();
  });
  renderer.send("bye");
  BOOST_TEST(l.run());  // returns because no handle is active any more
  BOOST_TEST(main.is_closed());
}

BOOST_AUTO_TEST_CASE(endpoint_and_adapter_may_be_destroyed_in_a_listener) {
  for (const bool adapter_first : {true, false}) {
    loop l;
    destroy_endpoint_and_adapter_in_a_listener(
        adapter_first, [&](auto& e) { return std::make_unique<libuv_adapter>(&l.uv, e); },
        [&] { BOOST_TEST(l.run()); });
  }
}

BOOST_AUTO_TEST_CASE(two_dispatchers_are_said_in_the_log) {
  temp_dir dir;
  loop l;
  collected<std::string> log;
  ipc_main main({.endpoints = {dir.ipc()}, .log = [&](ipczmq::log_level, std::string_view line) {
                   log.add(std::string(line));
                 }});
  const libuv_adapter a(&l.uv, main);
  std::atomic<bool> inside{false};
  std::atomic<bool> leave{false};
  main.on("block", [&](event&) {
    inside = true;
    eventually([&] { return leave.load(); }, 20s);
  });
  ipc_renderer renderer(dir.ipc());
  {
    const driver other(main, "start");
    renderer.send("block");
    BOOST_TEST(eventually([&] { return inside.load(); }));
    renderer.send("block");
    BOOST_TEST(l.run());  // it gives up
    BOOST_TEST(log.reaches(1));
    leave = true;
  }
  BOOST_TEST(contains(log.all().at(0), "is not driven by its loop any more: another thread"));
}

BOOST_AUTO_TEST_CASE(an_idle_loop_sleeps) {
  temp_dir dir;
  loop l;
  ipc_main main(dir.ipc());
  const libuv_adapter a(&l.uv, main);
  l.run(300ms);
  const std::string service = service_task();
  const long before = wakeups_of_this_thread();
  const long service_before = wakeups_of(service);
  l.run(1s);
  BOOST_TEST(wakeups_of_this_thread() - before <= 1);  // the timer of this test
  BOOST_TEST(wakeups_of(service) - service_before == 0);
}
