// SPDX-License-Identifier: MIT
#include "pair.hpp"

#include <atomic>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(events)

BOOST_AUTO_TEST_CASE(the_seed_program_works_in_every_way) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    pair p(w);
    p.main.on("asynchronous-message", [](event& event, std::string arg) {
      event.sender.send("asynchronous-reply", arg + " pong");
    });
    p.main.on("synchronous-message",
              [](event& event, std::string arg) { event.return_value = arg + " pong"; });
    p.renderer.on("asynchronous-reply", [&](event&, std::string arg) { heard.add(arg); });
    p.go();
    p.renderer.send("asynchronous-message", "ping");
    BOOST_TEST(p.renderer.send_sync<std::string>("synchronous-message", "ping") == "ping pong");
    BOOST_TEST(heard.is({"ping pong"}));
  });
}

BOOST_AUTO_TEST_CASE(hundred_thousand_events_and_invokes_stay_in_order) {
  constexpr int count = 100000;
  for (const way w : {way{"ipc", "run"}, way{"tcp", "start"}, way{"inproc", "poll"}}) {
    BOOST_TEST_CONTEXT("over " << w.transport << ", driven by " << w.drive) {
      pair p(w);
      int next = 0;  // of the dispatch thread
      std::atomic<int> disorder{0};
      std::atomic<int> done{0};
      std::atomic<int> answered{0};
      std::atomic<int> wrong{0};
      const auto take = [&](int n) {
        if (n != next) ++disorder;
        next = n + 1;
        done = next;
      };
      p.main.on("event", [&](event&, int n) { take(n); });
      p.main.handle("invoke", [&](event&, int n) {
        take(n);
        return n;
      });
      p.go();
      for (int i = 0; i < count; ++i) {
        if (i % 5 == 4) {
          p.renderer.invoke<int>("invoke", i).then([&, i](int n) {
            if (n != i) ++wrong;
            ++answered;
          });
        } else {
          p.renderer.send("event", i);
        }
      }
      BOOST_TEST(eventually([&] { return done == count && answered == count / 5; }, 30s));
      BOOST_TEST(disorder == 0);
      BOOST_TEST(wrong == 0);
      BOOST_TEST(done == count);
      BOOST_TEST(answered == count / 5);
    }
  }
}

BOOST_AUTO_TEST_CASE(replies_and_pushes_are_one_ordered_stream) {
  constexpr int count = 20000;
  over_all_transports([](way w) {
    collected<int> heard;
    pair p(w);
    p.main.on("ask", [](event& event, int n) {
      if (n % 2 == 0) {
        event.reply("n", n);
      } else {
        event.sender.send("n", n);
      }
    });
    p.renderer.on("n", [&](event&, int n) { heard.add(n); });
    p.go();
    for (int i = 0; i < count; ++i) p.renderer.send("ask", i);
    BOOST_TEST(heard.reaches(count, 20s));
    const auto all = heard.all();
    BOOST_TEST(std::is_sorted(all.begin(), all.end()));
    BOOST_TEST(all.size() == static_cast<std::size_t>(count));
  });
}

BOOST_AUTO_TEST_CASE(argument_types_cross) {
  over_all_transports([](way w) {
    collected<std::string> heard;
    pair p(w);
    p.main.on("types", [&](event& event, bool b, double d, std::vector<int> v,
                           std::map<std::string, std::string> m, std::optional<int> absent) {
      heard.add(std::string(event.channel) + (b ? " true " : " false ") + std::to_string(d) + " " +
                std::to_string(v.size()) + " " + m.at("key") + (absent ? " there" : " absent"));
    });
    p.go();
    p.renderer.send("types", true, 1.5, std::vector<int>{1, 2, 3},
                    std::map<std::string, std::string>{{"key", "värde"}});
    BOOST_TEST(heard.is({"types true 1.500000 3 värde absent"}));
  });
}

BOOST_AUTO_TEST_CASE(renderer_may_be_there_before_main) {
  for (const std::string_view transport : {"ipc", "inproc"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      const std::string endpoint = fresh_endpoint(transport, dir);
      collected<std::string> heard;
      ipc_renderer renderer({.endpoint = endpoint});
      const driver driving_renderer(renderer, "start");
      renderer.send("early", "bird");
      BOOST_TEST(!renderer.is_connected());
      ipc_main main({.endpoints = {endpoint}});
      main.on("early", [&](event&, std::string s) { heard.add(s); });
      const driver driving_main(main, "start");
      BOOST_TEST(heard.is({"bird"}));
      BOOST_TEST(eventually([&] { return renderer.is_connected(); }));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_channel_name_of_utf8_works_also_those_that_node_reserves) {
  collected<std::string> heard;
  pair p;
  const std::vector<std::string> channels{"error",      "newListener",         "removeListener",
                                          "ünï·¢ødé ☃", std::string(255, 'x'), "a b\nc"};
  for (const std::string& channel : channels)
    p.main.on(channel, [&](event& event) { heard.add(std::string(event.channel)); });
  p.go();
  for (const std::string& channel : channels) p.renderer.send(channel);
  BOOST_TEST(heard.is(channels));
  BOOST_TEST(failure_of([&] { p.renderer.send(""); }) == "bad_channel: the channel is empty");
  BOOST_TEST(code_of([&] { p.renderer.send(std::string(256, 'x')); }) == "bad_channel");
  BOOST_TEST(code_of([&] { p.renderer.send("\xff"); }) == "bad_channel");
}

BOOST_AUTO_TEST_CASE(listener_that_throws_is_reported_and_the_others_are_called) {
  over_all_transports([](way w) {
    collected<std::string> heard;
    collected<std::string> errors;
    pair p(w, {}, {.identity = "thrower"});
    p.main.on_error([&](const failure& f) { errors.add(f.channel + " " + f.peer + " " + f.what); });
    p.main.on("x", [&](event&) { heard.add("first"); });
    p.main.on("x", [&](event&) { throw std::runtime_error("ouch"); });
    p.main.on("x", [&](event&) { heard.add("third"); });
    p.go();
    p.renderer.send("x");
    BOOST_TEST(heard.is({"first", "third"}));
    BOOST_TEST(errors.is({"x thrower ouch"}));
  });
}

BOOST_AUTO_TEST_CASE(wrong_arguments_of_a_one_way_message_go_to_the_hook) {
  collected<std::string> heard;
  collected<std::string> errors;
  pair p;
  p.main.on_error([&](const failure& f) { errors.add(f.what); });
  p.main.on("x", [&](event&, int n) { heard.add(std::to_string(n)); });
  p.main.on("x", [&](event&, args a) { heard.add("raw " + std::to_string(a.size())); });
  p.go();
  p.renderer.send("x", "text");
  p.renderer.send("x", 7, "more than it takes");
  p.renderer.send("x");
  BOOST_TEST(heard.is({"raw 1", "7", "raw 2", "raw 0"}));
  BOOST_TEST(errors.reaches(2));
  BOOST_TEST(errors.all().at(0) == "channel 'x': argument 1: wanted int32, got string");
  BOOST_TEST(contains(errors.all().at(1), "channel 'x': argument 1: wanted int32, got nothing"));
}

BOOST_AUTO_TEST_CASE(once_is_called_once_and_removal_during_dispatch_spares_the_snapshot) {
  collected<std::string> heard;
  pair p;
  p.main.once("x", [&](event&) { heard.add("once"); });
  listener second;
  p.main.on("x", [&](event&) {
    heard.add("on");
    p.main.off(second);
  });
  second = p.main.on("x", [&](event&) { heard.add("second"); });
  p.go();
  p.renderer.send("x");
  p.renderer.send("x");
  p.renderer.send("end");
  BOOST_TEST(heard.is({"once", "on", "second", "on"}));
}

BOOST_AUTO_TEST_SUITE_END()
