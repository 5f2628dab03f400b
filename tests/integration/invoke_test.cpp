// SPDX-License-Identifier: MIT
#include "pair.hpp"

#include <thread>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(invoke)

BOOST_AUTO_TEST_CASE(handler_returns_a_value_nothing_or_a_deferred) {
  in_all_ways([](way w) {
    std::thread later;
    pair p(w);
    p.main.handle("sum", [](event&, int a, int b) { return a + b; });
    p.main.handle("nothing", [](event&) {});
    p.main.handle("later", [&](event&, std::string s) {
      const deferred<std::string> d;
      later = std::thread([d, s] { d.resolve(s + " later"); });
      return d;
    });
    p.go();
    BOOST_TEST(p.renderer.invoke<int>("sum", 1, 2).get() == 3);
    p.renderer.invoke<void>("nothing").get();
    BOOST_TEST(p.renderer.invoke("nothing").get().is_nil());
    BOOST_TEST(p.renderer.invoke<std::string>("later", "sooner or").get() == "sooner or later");
    later.join();
  });
}

BOOST_AUTO_TEST_CASE(exception_travels_with_electrons_text) {
  in_all_ways([](way w) {
    pair p(w);
    p.main.handle("fail", [](event&) -> int { throw std::runtime_error("it broke"); });
    p.main.handle("reject", [](event&) {
      const deferred<int> d;
      d.reject("not today");
      return d;
    });
    p.go();
    BOOST_TEST(failure_of([&] { p.renderer.invoke("fail").get(); }) ==
               "remote_failed: Error invoking remote method 'fail': Error: it broke");
    BOOST_TEST(failure_of([&] { p.renderer.invoke("reject").get(); }) ==
               "remote_failed: Error invoking remote method 'reject': Error: not today");
    BOOST_TEST(
        failure_of([&] { p.renderer.invoke("none").get(); }) ==
        "no_handler: Error invoking remote method 'none': Error: No handler registered for 'none'");
  });
}

BOOST_AUTO_TEST_CASE(remote_error_travels_whole) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.handle("fail", [](event&) -> int {
      throw remote_error("RangeError", "too big", pack(std::vector<int>{1, 2}));
    });
    p.go();
    try {
      p.renderer.invoke("fail").get();
      BOOST_ERROR("no exception");
    } catch (const remote_error& e) {
      BOOST_TEST((e.code() == errc::remote_failed));
      BOOST_TEST(e.what() == "Error invoking remote method 'fail': RangeError: too big");
      BOOST_TEST(e.name() == "RangeError");
      BOOST_TEST(e.message() == "too big");
      BOOST_TEST((unpack<std::vector<int>>(e.data()) == std::vector<int>{1, 2}));
    }
  });
}

BOOST_AUTO_TEST_CASE(handler_once_answers_one_of_two_concurrent_calls) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.handle_once("x", [](event&) { return 1; });
    p.go();
    const auto first = p.renderer.invoke<int>("x");
    const auto second = p.renderer.invoke<int>("x");
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(
        failure_of([&] { (void)second.get(); }) ==
        "no_handler: Error invoking remote method 'x': Error: No handler registered for 'x'");
    BOOST_TEST(!p.main.has_handler("x"));
  });
}

BOOST_AUTO_TEST_CASE(second_handler_is_refused_with_electrons_text) {
  pair p;
  p.main.handle("x", [](event&) { return 1; });
  BOOST_TEST(failure_of([&] { p.main.handle("x", [](event&) { return 2; }); }) ==
             "duplicate_handler: Attempted to register a second handler for 'x'");
  BOOST_TEST(failure_of([&] { p.main.handle_once("x", [](event&) { return 2; }); }) ==
             "duplicate_handler: Attempted to register a second handler for 'x'");
}

BOOST_AUTO_TEST_CASE(handler_removed_while_it_runs_still_answers) {
  pair p;
  p.main.handle("x", [&p, own = std::string(100, 'x')](event&) {
    p.main.remove_handler("x");
    return own;
  });
  p.go();
  BOOST_TEST(p.renderer.invoke<std::string>("x").get() == std::string(100, 'x'));
  BOOST_TEST(code_of([&] { p.renderer.invoke("x").get(); }) == "no_handler");
}

BOOST_AUTO_TEST_CASE(invoke_does_not_reach_listeners) {
  collected<std::string> heard;
  pair p;
  p.main.on("x", [&](event&) { heard.add("x"); });
  p.go();
  BOOST_TEST(code_of([&] { p.renderer.invoke("x").get(); }) == "no_handler");
  BOOST_TEST(heard.size() == 0U);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_told_to_the_caller) {
  collected<std::string> errors;
  pair p;
  p.main.on_error([&](const failure& f) { errors.add(f.what); });
  p.main.handle("sum", [](event&, int a, std::uint8_t b) { return a + b; });
  p.go();
  BOOST_TEST(failure_of([&] { p.renderer.invoke("sum", 1).get(); }) ==
             "bad_arguments: Error invoking remote method 'sum': Error: channel 'sum': argument 2: "
             "wanted uint8, "
             "got nothing (1 argument was sent)");
  BOOST_TEST(contains(failure_of([&] { p.renderer.invoke("sum", 1, 300).get(); }),
                      "argument 2: wanted uint8, got 300"));
  BOOST_TEST(errors.size() == 0U);
}

BOOST_AUTO_TEST_CASE(then_continues_on_the_dispatch_thread) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    collected<std::thread::id> where;
    pair p(w);
    p.main.handle("sum", [](event&, int a, int b) { return a + b; });
    p.main.handle("fail", [](event&) -> int { throw std::runtime_error("it broke"); });
    p.renderer.on("here", [&](event&) { where.add(std::this_thread::get_id()); });
    p.go();
    p.renderer.invoke<int>("sum", 1, 2).then([&](int n) {
      where.add(std::this_thread::get_id());
      heard.add(std::to_string(n));
    });
    BOOST_TEST(heard.is({"3"}));
    p.renderer.invoke<int>("fail").then([](int) {},
                                        [&](const std::exception& e) { heard.add(e.what()); });
    BOOST_TEST(heard.is({"3", "Error invoking remote method 'fail': Error: it broke"}));
    p.contents().send("here");
    BOOST_TEST(where.reaches(2));
    BOOST_TEST((where.all().at(0) == where.all().at(1)));
  });
}

BOOST_AUTO_TEST_CASE(failure_of_a_then_without_a_second_callable_goes_to_the_hook) {
  collected<std::string> errors;
  pair p;
  p.renderer.on_error([&](const failure& f) { errors.add(f.what); });
  p.go();
  p.renderer.invoke<int>("none").then([](int) {});
  BOOST_TEST(
      errors.is({"Error invoking remote method 'none': Error: No handler registered for 'none'"}));
}

BOOST_AUTO_TEST_CASE(destroying_a_call_detaches_it) {
  collected<int> heard;
  pair p;
  p.main.handle("x", [&](event& event, int n) {
    heard.add(event.cancelled() ? -1 : n);
    return n;
  });
  p.go();
  (void)p.renderer.invoke("x", 1);
  BOOST_TEST(heard.is({1}));
}

BOOST_AUTO_TEST_CASE(get_inside_a_listener_runs_no_other_listener) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    pair p(w);
    p.main.handle("x", [](event& event) {
      event.sender.send("other");
      return std::string("answer");
    });
    p.renderer.on("other", [&](event&) { heard.add("other"); });
    p.renderer.on("go", [&](event&) { heard.add(p.renderer.invoke<std::string>("x").get()); });
    p.go();
    p.contents().send("go");
    BOOST_TEST(heard.is({"answer", "other"}));
  });
}

BOOST_AUTO_TEST_CASE(empty_call_says_so) {
  const call<int> none;
  const std::string text =
      "bad_arguments: this call is empty: it was not made by invoke, or moved from";
  BOOST_TEST(failure_of([&] { (void)none.get(); }) == text);
  BOOST_TEST(failure_of([&] { (void)none.get_for(1ms); }) == text);
  BOOST_TEST(failure_of([&] { (void)none.ready(); }) == text);
  BOOST_TEST(failure_of([&] { none.cancel(); }) == text);
  BOOST_TEST(failure_of([&] { none.then([](int) {}); }) == text);
}

BOOST_AUTO_TEST_SUITE_END()
