// SPDX-License-Identifier: MIT
// What can be seen from outside: the tap, statistics, the log.
#include "pair.hpp"

#include <algorithm>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(observing)

namespace {

struct tapped {
  collected<std::string> seen;
  tap_callback callback() {
    return [this](const tap_record& r) {
      seen.add(std::string(r.incoming ? "in " : "out ") + std::string(r.peer) + " " +
               std::string(r.kind) + " " + std::string(r.channel));
    };
  }
  // How often each was seen.
  [[nodiscard]] std::size_t count(const std::string& record) const {
    const auto all = seen.all();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), record));
  }
  [[nodiscard]] bool sees(const std::string& record, std::size_t times = 1) const {
    BOOST_TEST_INFO(record);
    return eventually([&] { return count(record) >= times; }) && count(record) == times;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(tap_sees_every_message_in_and_out) {
  over_all_transports([](way w) {
    tapped of_main;
    tapped of_renderer;
    pair p(w, {.tap = of_main.callback()}, {.identity = "r", .tap = of_renderer.callback()});
    p.main.on("e", [](event& event) { event.reply("r"); });
    p.main.on("s", [](event& event) { event.return_value = 1; });
    p.main.handle("i", [](event&) { return 1; });
    p.renderer.on("r", [](event&) {});
    p.renderer.handle("back", [](event&) { return 1; });
    p.go();
    p.renderer.send("e");
    p.renderer.send_sync("s");
    p.renderer.invoke("i").get();
    BOOST_TEST(code_of([&] { p.renderer.invoke("none").get(); }) == "no_handler");
    p.contents().invoke("back").get();
    BOOST_TEST(p.main.broadcast("b") == 1U);
    for (const char* kind : {"event e", "sync_call s", "invoke i", "invoke none"}) {
      BOOST_TEST(of_renderer.sees(std::string("out main ") + kind));
      BOOST_TEST(of_main.sees(std::string("in r ") + kind));
    }
    for (const char* kind : {"event r", "invoke back", "event b"}) {
      BOOST_TEST(of_main.sees(std::string("out r ") + kind));
      BOOST_TEST(of_renderer.sees(std::string("in main ") + kind));
    }
    BOOST_TEST(of_renderer.sees("in main reply ", 2));
    BOOST_TEST(of_renderer.sees("in main error_reply "));
    BOOST_TEST(of_renderer.sees("out main subscribe r"));
    BOOST_TEST(of_main.sees("in r subscribe r"));
    BOOST_TEST(of_main.sees("in r reply "));
  });
}

BOOST_AUTO_TEST_CASE(tap_tells_id_bytes_and_time) {
  collected<tap_record> seen;
  pair p({}, {}, {.tap = [&](const tap_record& r) {
           if (r.kind != "subscribe") seen.add({r.incoming, {}, {}, {}, r.bytes, r.id, r.time});
         }});
  p.main.handle("i", [](event&, std::string s) { return s; });
  p.go();
  p.renderer.invoke("i", std::string(100, 'x')).get();
  BOOST_TEST(seen.reaches(2));
  auto all = seen.all();  // "soon after the message passed", on whatever thread: the time tells
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  BOOST_TEST(!all[0].incoming);
  BOOST_TEST(all[1].incoming);
  BOOST_TEST(all[0].id != 0U);
  BOOST_TEST(all[0].id == all[1].id);
  BOOST_TEST(all[0].bytes == 103U);
  BOOST_TEST(all[1].bytes == 102U);
  BOOST_TEST((all[1].time <= std::chrono::steady_clock::now()));
}

BOOST_AUTO_TEST_CASE(tap_may_be_slow_and_take_its_time) {
  pair p({}, {}, {.tap = [](const tap_record&) { std::this_thread::sleep_for(1ms); }});
  p.main.on("s", [](event& event) { event.return_value = 1; });
  p.go();
  for (int i = 0; i < 20; ++i) BOOST_TEST(p.renderer.send_sync<int>("s") == 1);
}

BOOST_AUTO_TEST_CASE(statistics_add_up) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.on("e", [](event& event) { event.reply("r"); });
    p.main.handle("i", [](event&) { return 1; });
    p.go();
    for (int i = 0; i < 100; ++i) p.renderer.send("e");
    p.renderer.invoke("i").get();
    BOOST_TEST(p.main.drain(5s).complete);
    const auto r = p.renderer.statistics();
    const auto m = p.main.statistics();
    BOOST_TEST(r.messages_sent == 101U);
    BOOST_TEST(m.messages_received == 101U);
    BOOST_TEST(m.messages_sent == 101U);
    BOOST_TEST(r.messages_received == 101U);
    BOOST_TEST(r.frames_sent >= 1U);
    BOOST_TEST(m.frames_received >= 1U);
    for (const auto& s : {r, m}) {
      BOOST_TEST(s.frames_malformed == 0U);
      BOOST_TEST(s.frames_duplicate == 0U);
      BOOST_TEST(s.messages_unknown == 0U);
      BOOST_TEST(s.messages_lost == 0U);
      BOOST_TEST(s.replies_late == 0U);
      BOOST_TEST(s.calls_expired == 0U);
    }
    p.renderer.close();
    BOOST_TEST(eventually([&] { return p.main.web_contents().empty(); }));
    BOOST_TEST(p.main.statistics().messages_received == 101U);  // of those that have gone as well
  });
}

BOOST_AUTO_TEST_CASE(late_replies_and_expired_calls_are_counted) {
  collected<event> kept;
  pair p;
  p.main.on("s", [&](event& event) { kept.add(event); });
  p.main.handle("slow", [](event&) {
    std::this_thread::sleep_for(100ms);
    return 1;
  });
  p.go();
  const auto first = p.renderer.invoke({.deadline = 10s}, "slow");
  BOOST_TEST(code_of([&] { p.renderer.send_sync({.deadline = 20ms}, "s"); }) == "timed_out");
  (void)first.get();
  BOOST_TEST(eventually([&] { return p.main.statistics().calls_expired + kept.size() <= 1; }));
}

BOOST_AUTO_TEST_CASE(renderer_that_waits_for_main_says_so_once) {
  const temp_dir dir;
  collected<std::string> log;
  ipc_renderer r(
      {.endpoint = dir.ipc(), .identity = "early", .log = [&](log_level l, std::string_view s) {
         if (l >= log_level::warning) log.add(std::string(s));
       }});
  BOOST_TEST(log.reaches(1));
  BOOST_TEST(log.all().at(0) ==
             "renderer 'early': no main answers at " + dir.ipc() +
                 " yet; it waits (start main, or set connect_within to fail instead)");
}

BOOST_AUTO_TEST_CASE(without_a_hook_what_a_listener_throws_is_logged) {
  collected<std::string> log;
  pair p({}, {.log = [&](log_level, std::string_view s) { log.add(std::string(s)); }},
         {.identity = "r"});
  p.main.on("x", [](event&) { throw std::runtime_error("ouch"); });
  p.main.on("y", [](event&) { throw 7; });
  p.go();
  p.renderer.send("x");
  p.renderer.send("y");
  BOOST_TEST(log.is({"a message from 'r' on 'x' failed in a listener: ouch",
                     "a message from 'r' on 'y' failed in a listener: something that is not a "
                     "std::exception was thrown"}));
}

BOOST_AUTO_TEST_SUITE_END()
