// SPDX-License-Identifier: MIT
// Main calls a renderer's handlers.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(main_calls)

BOOST_AUTO_TEST_CASE(renderer_answers_values_errors_and_no_handler) {
  in_all_ways([](way w) {
    pair p(w);
    p.renderer.handle("sum", [](event& event, int a, int b) {
      return a + b + static_cast<int>(event.sender.id());
    });
    p.renderer.handle("fail", [](event&) -> int { throw std::runtime_error("it broke"); });
    p.go();
    const web_contents c = p.contents();
    BOOST_TEST(c.invoke<int>("sum", 1, 2).get() == 3);
    BOOST_TEST(failure_of([&] { c.invoke("fail").get(); }) ==
               "remote_failed: Error invoking remote method 'fail': Error: it broke");
    BOOST_TEST(
        failure_of([&] { c.invoke("none").get(); }) ==
        "no_handler: Error invoking remote method 'none': Error: No handler registered for 'none'");
  });
}

BOOST_AUTO_TEST_CASE(both_sides_call_each_other_from_inside_their_handlers) {
  over_all_transports([](way w) {
    pair p(w);
    p.renderer.handle("inner", [](event&, int n) { return n + 1; });
    p.main.handle("outer", [](event& event, int n) {
      const deferred<int> d;
      event.sender.invoke<int>("inner", n).then([d](int m) { d.resolve(m * 2); });
      return d;
    });
    p.go();
    BOOST_TEST(p.renderer.invoke<int>("outer", 20).get() == 42);
  });
}

BOOST_AUTO_TEST_CASE(deadline_of_the_call_and_of_main_hold) {
  collected<event> kept;
  pair p({}, {.call_deadline = 50ms});
  p.renderer.handle("open", [&](event& event) {
    kept.add(event);
    std::this_thread::sleep_for(200ms);
  });
  p.go();
  const web_contents c = p.contents();
  BOOST_TEST(failure_of([&] { c.invoke("open").get(); }) ==
             "timed_out: invoke('open'): the deadline passed");
  BOOST_TEST(eventually([&] { return kept.size() == 1 && kept.all().at(0).cancelled(); }));
  BOOST_TEST(code_of([&] { c.invoke({.deadline = 10ms}, "open").get(); }) == "timed_out");
  c.invoke<void>({.deadline = 5s}, "open").get();
}

BOOST_AUTO_TEST_CASE(death_of_the_renderer_fails_the_calls_to_it) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}});
      const driver driving(main, "start");
      child_process renderer({PEER_PROGRAM, "renderer", main.endpoints().front(), "identity=r"});
      BOOST_TEST(eventually([&] { return main.from_identity("r").has_value(); }));
      const web_contents c = main.from_identity("r").value();
      BOOST_TEST(c.invoke<std::string>("echo", "x").get() == "x");
      const auto call = c.invoke<int>("never");
      BOOST_TEST(renderer.expect("never called") == "");
      renderer.kill(SIGKILL);
      const stopwatch watch;
      BOOST_TEST(code_of([&] { (void)call.get_for(5s); }) == "peer_gone");
      BOOST_TEST(watch.elapsed() < 500ms);
      BOOST_TEST(c.is_destroyed());
      BOOST_TEST(code_of([&] { c.invoke("echo", "x").get(); }) == "peer_gone");
      BOOST_TEST(failure_of([&] { c.send("x"); }) == "peer_gone: renderer 1 ('r') has gone");
    }
  }
}

BOOST_AUTO_TEST_CASE(cancelled_call_stops_the_renderers_handler) {
  over_all_transports([](way w) {
    collected<event> kept;
    pair p(w);
    p.renderer.handle("open", [&](event& event) {
      kept.add(event);
      const deferred<int> d;
      std::thread([d, event] { std::this_thread::sleep_for(300ms); }).detach();
      return d;
    });
    p.go();
    const auto call = p.contents().invoke<int>("open");
    BOOST_TEST(kept.reaches(1));
    call.cancel();
    BOOST_TEST(code_of([&] { (void)call.get(); }) == "cancelled");
    BOOST_TEST(eventually([&] { return kept.all().at(0).cancelled(); }));
  });
}

BOOST_AUTO_TEST_CASE(closed_renderer_costs_main_its_calls_and_nothing_else) {
  over_all_transports([](way w) {
    collected<event> kept;
    collected<std::string> told;
    pair p(w);
    p.renderer.handle("open", [&](event& event) {
      kept.add(event);
      return deferred<int>();
    });
    p.main.on_render_process_gone([&](web_contents, const gone_details& d) {
      told.add(std::string(to_string(d.reason)) + " " + std::to_string(d.lost.total()));
    });
    p.go();
    const web_contents c = p.contents();
    const auto call = c.invoke<int>("open");
    BOOST_TEST(kept.reaches(1));
    p.renderer.close();
    BOOST_TEST(code_of([&] { (void)call.get_for(5s); }) == "peer_gone");
    BOOST_TEST(told.is({"clean-exit 0"}));
    BOOST_TEST(code_of([&] { c.send("x"); }) == "peer_gone");
  });
}

BOOST_AUTO_TEST_CASE(closing_main_fails_its_calls_with_closed) {
  collected<event> kept;
  pair p;
  p.renderer.handle("open", [&](event& event) {
    kept.add(event);
    std::this_thread::sleep_for(300ms);
  });
  p.go();
  const auto call = p.contents().invoke<int>("open");
  BOOST_TEST(kept.reaches(1));
  p.main.close();
  BOOST_TEST(code_of([&] { (void)call.get(); }) == "closed");
}

BOOST_AUTO_TEST_SUITE_END()
