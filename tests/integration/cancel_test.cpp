// SPDX-License-Identifier: MIT
// How a call ends before its answer, and how the side that serves it hears of that.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(cancel)

namespace {

// A handler "never" that keeps its calls open, and says when they are cancelled.
struct keeper {
  collected<event> calls;
  collected<std::string> stopped;

  void serve(emitter e) {
    e.handle("never", [this](event& event) {
      calls.add(event);
      return deferred<int>();
    });
    e.handle("open", [this](event& event) {
      calls.add(event);
      const deferred<int> d;
      kept.push_back(d);
      return d;
    });
  }
  [[nodiscard]] bool all_cancelled() const {
    return eventually([this] {
      const auto all = calls.all();
      return !all.empty() &&
             std::all_of(all.begin(), all.end(), [](const event& e) { return e.cancelled(); });
    });
  }
  std::vector<deferred<int>> kept;  // of the dispatch thread
};

}  // namespace

BOOST_AUTO_TEST_CASE(deadline_passes_and_the_handler_hears_of_it) {
  in_all_ways([](way w) {
    keeper k;
    pair p(w);
    k.serve(p.main);
    p.go();
    (void)p.contents();
    const stopwatch watch;
    // Long enough for the handler to begin before it: what comes later is not dispatched at all.
    BOOST_TEST(failure_of([&] { p.renderer.invoke({.deadline = 300ms}, "open").get(); }) ==
               "timed_out: invoke('open'): the deadline passed");
    BOOST_TEST((watch.elapsed() >= 300ms && watch.elapsed() < 3s));
    BOOST_TEST(k.all_cancelled());
  });
}

BOOST_AUTO_TEST_CASE(default_deadline_of_the_renderer_holds_and_zero_is_none) {
  keeper k;
  pair p({}, {}, {.call_deadline = 50ms});
  k.serve(p.main);
  p.go();
  (void)p.contents();
  BOOST_TEST(code_of([&] { p.renderer.invoke("open").get(); }) == "timed_out");
  const auto endless = p.renderer.invoke({.deadline = 0ms}, "open");
  BOOST_TEST(code_of([&] { (void)endless.get_for(150ms); }) == "timed_out");
  BOOST_TEST(!endless.ready());
  endless.cancel();
}

BOOST_AUTO_TEST_CASE(get_for_gives_up_waiting_but_not_the_call) {
  over_all_transports([](way w) {
    keeper k;
    pair p(w);
    k.serve(p.main);
    p.go();
    (void)p.contents();
    const auto call = p.renderer.invoke<int>("open");
    BOOST_TEST(failure_of([&] { (void)call.get_for(50ms); }) ==
               "timed_out: invoke('open') has not been answered in time; the call goes on");
    BOOST_TEST(k.calls.reaches(1));
    BOOST_TEST(!k.calls.all().at(0).cancelled());
    BOOST_TEST(eventually([&] { return k.kept.size() == 1; }));
    k.kept[0].resolve(7);
    BOOST_TEST(call.get_for(5s) == 7);
    BOOST_TEST(call.get() == 7);
  });
}

BOOST_AUTO_TEST_CASE(cancel_completes_the_call_and_stops_the_handler) {
  in_all_ways([](way w) {
    keeper k;
    pair p(w);
    k.serve(p.main);
    p.go();
    const auto call = p.renderer.invoke<int>("open");
    BOOST_TEST(k.calls.reaches(1));
    std::stop_callback on_stop(k.calls.all().at(0).stop_token(), [&] { k.stopped.add("stopped"); });
    call.cancel();
    BOOST_TEST(failure_of([&] { (void)call.get(); }) ==
               "cancelled: invoke('open'): cancelled by the caller");
    BOOST_TEST(k.stopped.reaches(1));
    k.kept[0].resolve(1);  // too late: nobody is harmed
    BOOST_TEST(code_of([&] { (void)call.get(); }) == "cancelled");
    BOOST_TEST(code_of([&] { p.renderer.invoke("none").get(); }) == "no_handler");
  });
}

BOOST_AUTO_TEST_CASE(stop_token_of_the_caller_cancels) {
  keeper k;
  pair p;
  k.serve(p.main);
  p.go();
  std::stop_source source;
  const auto call = p.renderer.invoke<int>({.stop = source.get_token()}, "open");
  BOOST_TEST(k.calls.reaches(1));
  source.request_stop();
  BOOST_TEST(code_of([&] { (void)call.get(); }) == "cancelled");
  BOOST_TEST(k.all_cancelled());
  // One that was requested before.
  BOOST_TEST(code_of([&] { p.renderer.invoke({.stop = source.get_token()}, "open").get(); }) ==
             "cancelled");
}

BOOST_AUTO_TEST_CASE(call_cancelled_before_it_is_dispatched_is_not_dispatched) {
  collected<int> heard;
  pair p;
  p.main.handle("x", [&](event&, int n) { heard.add(n); });
  // Nobody drives main: the messages wait in its inbox.
  p.renderer_driver.emplace(p.renderer, "start");
  (void)p.contents();
  const auto first = p.renderer.invoke<void>("x", 1);
  const auto second = p.renderer.invoke<void>("x", 2);
  first.cancel();
  BOOST_TEST(p.renderer.drain(5s).complete);
  p.main_driver.emplace(p.main, "start");
  second.get();
  BOOST_TEST(heard.is({2}));
}

BOOST_AUTO_TEST_CASE(call_whose_deadline_has_passed_is_not_dispatched) {
  collected<int> heard;
  pair p;
  p.main.handle("x", [&](event&, int n) { heard.add(n); });
  p.main.on("x", [&](event&, int n) { heard.add(n); });
  p.renderer_driver.emplace(p.renderer, "start");
  (void)p.contents();
  BOOST_TEST(code_of([&] { p.renderer.invoke<void>({.deadline = 50ms}, "x", 1).get(); }) ==
             "timed_out");
  BOOST_TEST(code_of([&] { p.renderer.send_sync({.deadline = 50ms}, "x", 1); }) == "timed_out");
  // Main maps the deadline by the fastest hello or ping it has seen, and that may have been slow:
  // the cancel that follows a deadline settles it.
  BOOST_TEST(p.renderer.drain(5s).complete);
  p.main_driver.emplace(p.main, "start");
  p.renderer.invoke<void>("x", 2).get();
  BOOST_TEST(heard.is({2}));
}

BOOST_AUTO_TEST_CASE(death_of_the_caller_stops_the_handler) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      keeper k;
      ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}});
      k.serve(main);
      const driver driving(main, "start");
      child_process renderer({PEER_PROGRAM, "renderer", main.endpoints().front()});
      renderer.say("invoke open");
      BOOST_TEST(k.calls.reaches(1));
      BOOST_TEST(!k.calls.all().at(0).cancelled());
      renderer.kill(SIGKILL);
      BOOST_TEST(k.all_cancelled());
    }
  }
}

BOOST_AUTO_TEST_CASE(closing_of_the_caller_stops_the_handler) {
  over_all_transports([](way w) {
    keeper k;
    pair p(w);
    k.serve(p.main);
    p.go();
    const auto call = p.renderer.invoke<int>("open");
    BOOST_TEST(k.calls.reaches(1));
    p.renderer.close();
    BOOST_TEST(code_of([&] { (void)call.get(); }) == "closed");
    BOOST_TEST(k.all_cancelled());
  });
}

BOOST_AUTO_TEST_CASE(deferred_that_is_dropped_is_no_reply) {
  keeper k;
  pair p;
  k.serve(p.main);
  p.go();
  // The event is kept, the answer is not.
  BOOST_TEST(k.calls.size() == 0U);
  p.main.remove_handler("never");
  p.main.handle("never", [](event&) { return deferred<int>(); });
  BOOST_TEST(code_of([&] { p.renderer.invoke("never").get(); }) == "no_reply");
}

BOOST_AUTO_TEST_SUITE_END()
