// SPDX-License-Identifier: MIT
#include "pair.hpp"

#include <future>
#include <thread>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(sync_calls)

BOOST_AUTO_TEST_CASE(nobody_listens_is_an_error_at_once) {
  in_all_ways([](way w) {
    pair p(w, {.identity = "the main"});
    p.main.handle("handled", [](event&) { return 1; });
    p.go();
    BOOST_TEST(failure_of([&] { p.renderer.send_sync("nothing"); }) ==
               "no_listener: Error sending synchronous message 'nothing': Error: nobody in 'the "
               "main' listens on "
               "'nothing' (on, not handle: invoke calls handlers)");
    // send_sync never reaches a handler.
    BOOST_TEST(code_of([&] { p.renderer.send_sync("handled"); }) == "no_listener");
  });
}

BOOST_AUTO_TEST_CASE(listeners_that_do_not_answer_are_no_reply) {
  in_all_ways([](way w) {
    pair p(w);
    p.main.on("x", [](event&) {});
    p.main.on("x", [](event&) {});
    p.go();
    BOOST_TEST(failure_of([&] { p.renderer.send_sync("x"); }) ==
               "no_reply: Error sending synchronous message 'x': Error: every listener of 'x' has "
               "returned, and none "
               "has answered");
  });
}

BOOST_AUTO_TEST_CASE(kept_event_answers_later_from_another_thread) {
  in_all_ways([](way w) {
    pair p(w);
    std::thread later;
    p.main.on("x", [&](event& event, int n) {
      later = std::thread([event, n] {
        std::this_thread::sleep_for(20ms);
        event.return_value = n + 1;
      });
    });
    p.go();
    BOOST_TEST(p.renderer.send_sync<int>("x", 41) == 42);
    later.join();
  });
}

BOOST_AUTO_TEST_CASE(kept_event_that_dies_unanswered_is_no_reply) {
  pair p;
  std::thread later;
  p.main.on("x", [&](event& event) {
    later = std::thread([kept = event]() mutable {
      std::this_thread::sleep_for(20ms);
      const auto dies = std::move(kept);
    });
  });
  p.go();
  BOOST_TEST(code_of([&] { p.renderer.send_sync("x"); }) == "no_reply");
  later.join();
}

BOOST_AUTO_TEST_CASE(first_return_value_wins) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.on("x", [](event& event) {
      event.return_value = "first";
      event.return_value = "second";
    });
    p.main.on("x", [](event& event) { event.return_value = "third"; });
    p.go();
    for (int i = 0; i < 10; ++i) BOOST_TEST(p.renderer.send_sync<std::string>("x") == "first");
    BOOST_TEST(p.renderer.statistics().replies_late == 0U);
  });
}

BOOST_AUTO_TEST_CASE(nil_is_an_answer) {
  pair p;
  p.main.on("x", [](event& event) { event.return_value = nullptr; });
  p.go();
  BOOST_TEST(p.renderer.send_sync("x").is_nil());
}

BOOST_AUTO_TEST_CASE(what_a_listener_throws_answers_when_nothing_else_does) {
  over_all_transports([](way w) {
    collected<std::string> errors;
    pair p(w);
    p.main.on_error([&](const failure& f) { errors.add(f.what); });
    p.main.on("throws", [](event&) { throw std::runtime_error("ouch"); });
    p.main.on("both", [](event&) { throw std::runtime_error("ouch"); });
    p.main.on("both", [](event& event) { event.return_value = 7; });
    p.go();
    BOOST_TEST(failure_of([&] { p.renderer.send_sync("throws"); }) ==
               "remote_failed: Error sending synchronous message 'throws': Error: ouch");
    BOOST_TEST(p.renderer.send_sync<int>("both") == 7);
    BOOST_TEST(errors.is({"ouch", "ouch"}));
  });
}

BOOST_AUTO_TEST_CASE(what_on_any_throws_answers_when_nothing_else_does) {
  over_all_transports([](way w) {
    collected<std::string> errors;
    pair p(w);
    p.main.on_error([&](const failure& f) { errors.add(f.what); });
    p.main.on_any([](event&, args) { throw std::runtime_error("ouch"); });
    p.main.on("silent", [](event&) {});
    p.main.on("answers", [](event& event) { event.return_value = 7; });
    p.go();
    for (const char* channel : {"nobody", "silent"})
      BOOST_TEST(failure_of([&] { p.renderer.send_sync(channel); }) ==
                 "remote_failed: Error sending synchronous message '" + std::string(channel) +
                     "': Error: ouch");
    BOOST_TEST(p.renderer.send_sync<int>("answers") == 7);
    BOOST_TEST(errors.is({"ouch", "ouch", "ouch"}));
  });
}

BOOST_AUTO_TEST_CASE(kept_event_fails_later_from_another_thread) {
  in_all_ways([](way w) {
    pair p(w);
    std::vector<std::thread> later;
    const auto fail_later = [&](const event& event) {
      later.emplace_back([event] {
        if (!event.fail(remote_error("RangeError", "too late"))) return;
        event.return_value = "ignored";
        if (event.fail(std::runtime_error("ignored"))) throw std::logic_error("answered twice");
      });
    };
    p.main.on("sync", [&](event& event) { fail_later(event); });
    p.main.handle("invoked", [&](event& event) {
      fail_later(event);
      return deferred<int>();
    });
    p.main.on("one_way", [](event& event) {
      event.reply("failed", event.fail(std::runtime_error("nobody hears")));
    });
    collected<bool> failed;
    p.renderer.on("failed", [&](event&, bool it_did) { failed.add(it_did); });
    p.go();
    BOOST_TEST(failure_of([&] { p.renderer.send_sync("sync"); }) ==
               "remote_failed: Error sending synchronous message 'sync': RangeError: too late");
    BOOST_TEST(failure_of([&] { p.renderer.invoke("invoked").get(); }) ==
               "remote_failed: Error invoking remote method 'invoked': RangeError: too late");
    p.renderer.send("one_way");
    BOOST_TEST(failed.is({false}));
    for (auto& each : later) each.join();
  });
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_told_to_the_caller) {
  pair p;
  p.main.on("sum", [](event& event, int a, int b) { event.return_value = a + b; });
  p.go();
  BOOST_TEST(p.renderer.send_sync<int>("sum", 1, 2) == 3);
  const std::string failure = failure_of([&] { p.renderer.send_sync<int>("sum", 1, "two"); });
  BOOST_TEST(failure.starts_with("bad_arguments: "));
  BOOST_TEST(contains(failure, "channel 'sum': argument 2: wanted int32, got string"));
  BOOST_TEST(failure_of([&] { p.renderer.send_sync<std::string>("sum", 1, 2); }) ==
             "bad_arguments: channel 'sum': the answer: wanted string, got integer");
  BOOST_TEST(
      failure_of([&] { p.renderer.send_sync<std::vector<std::string>>("sum", 1, 2); }) ==
      "bad_arguments: channel 'sum': the answer: wanted std::vector<std::string>, got integer");
  p.main.on("raw", [](event& event, args a) { event.return_value = a[1].as<int>(); });
  p.main.on("same", [](event& event, args a) { event.return_value = a[0]; });
  BOOST_TEST(p.renderer.send_sync<int>("same", 7) == 7);
  BOOST_TEST(contains(failure_of([&] { p.renderer.send_sync<int>("raw", 1, "two"); }),
                      "channel 'raw': argument 2: wanted int32, got string"));
  BOOST_TEST(
      contains(failure_of([&] { p.renderer.send_sync<int>("raw", 1); }),
               "channel 'raw': argument 2: wanted int32, got nothing (1 argument was sent)"));
}

BOOST_AUTO_TEST_CASE(deadline_passes) {
  over_all_transports([](way w) {
    collected<event> kept;
    pair p(w);
    p.main.on("x", [&](event& event) { kept.add(event); });
    p.go();
    (void)p.contents();
    const stopwatch watch;
    BOOST_TEST(failure_of([&] { p.renderer.send_sync(call_options{.deadline = 100ms}, "x"); }) ==
               "timed_out: send_sync('x'): the deadline passed");
    BOOST_TEST((watch.elapsed() >= 100ms && watch.elapsed() < 2s));
    BOOST_TEST(eventually([&] { return kept.all().at(0).cancelled(); }));
  });
}

BOOST_AUTO_TEST_CASE(deadline_passes_also_without_a_main) {
  const temp_dir dir;
  ipc_renderer renderer({.endpoint = dir.ipc(), .call_deadline = 100ms, .linger = 0ms});
  BOOST_TEST(code_of([&] { renderer.send_sync("x"); }) == "timed_out");
}

BOOST_AUTO_TEST_CASE(messages_that_come_while_it_waits_are_dispatched_afterwards_in_order) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    pair p(w);
    p.main.on("x", [](event& event) {
      for (const char* s : {"1", "2", "3"}) event.reply("n", s);
      event.return_value = "answer";
      event.reply("n", "4");
    });
    p.renderer.on("n", [&](event&, std::string s) { heard.add(s); });
    p.renderer.on("go", [&](event&) {
      heard.add(p.renderer.send_sync<std::string>("x"));
      heard.add("returned");
    });
    p.go();
    p.contents().send("go");
    BOOST_TEST(heard.is({"answer", "returned", "1", "2", "3", "4"}));
  });
}

BOOST_AUTO_TEST_CASE(works_without_anybody_driving_the_renderer) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.on("x", [](event& event, int n) { event.return_value = n; });
    p.main_driver.emplace(p.main, "run");
    for (int i = 0; i < 100; ++i) BOOST_TEST(p.renderer.send_sync<int>("x", i) == i);
  });
}

BOOST_AUTO_TEST_SUITE_END()
