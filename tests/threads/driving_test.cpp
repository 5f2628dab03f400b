// SPDX-License-Identifier: MIT
// Who drives, and for how long: run, start, poll, stop.
#include "pair.hpp"

#include <future>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(driving)

BOOST_AUTO_TEST_CASE(stop_is_sticky) {
  pair p;
  collected<int> heard;
  p.main.on("x", [&](event&, int n) {
    heard.add(n);
    p.main.stop();
  });
  p.main.stop();
  p.main.stop();  // twice is once
  p.main.run();   // returns at once
  BOOST_TEST(heard.size() == 0U);
  p.renderer.send("x", 1);
  p.renderer.send("x", 2);
  p.main.run();
  BOOST_TEST(heard.size() >= 1U);
  p.renderer.send("x", 3);
  while (heard.size() < 3) p.main.run();  // what travels in one frame is dispatched in one run
  BOOST_TEST((heard.all() == std::vector<int>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(run_may_be_stopped_and_taken_up_by_another_thread_again_and_again) {
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    std::atomic<bool> over{false};
    pair p(w);
    p.main.on("x", [&](event&) { ++heard; });
    p.renderer_driver.emplace(p.renderer, "start");
    std::jthread sender([&] {
      for (int i = 0; i < 2000; ++i) p.renderer.send("x");
      over = true;
    });
    // Longer each time: on a busy machine the stop may come before the thread has got to run().
    for (int i = 1; !over || heard < 2000; ++i) {
      auto running = std::async(std::launch::async, [&] { p.main.run(); });
      std::this_thread::sleep_for(std::chrono::microseconds(500 + 100 * i));
      p.main.stop();
      BOOST_TEST_REQUIRE((running.wait_for(5s) == std::future_status::ready));
    }
    BOOST_TEST(heard == 2000);
  });
}

BOOST_AUTO_TEST_CASE(start_and_stop_may_be_repeated_and_start_twice_is_once) {
  pair p;
  p.main.on("x", [](event& event) { event.return_value = 1; });
  for (int i = 0; i < 200; ++i) {
    p.main.start();
    p.main.start();
    BOOST_TEST(p.renderer.send_sync<int>({.deadline = 5s}, "x") == 1);
    p.main.stop();
    BOOST_TEST(eventually([&] {
      try {
        p.main.poll();  // nobody else dispatches now
        return true;
      } catch (const error&) {
        return false;
      }
    }));
  }
}

BOOST_AUTO_TEST_CASE(one_dispatches_at_a_time_and_nobody_in_his_own_listener) {
  collected<std::string> inside;
  pair p;
  p.main.on("x", [&](event&) {
    inside.add(code_of([&] { p.main.run(); }));
    inside.add(code_of([&] { p.main.poll(); }));
  });
  p.go();
  p.renderer.send("x");
  BOOST_TEST(inside.is({"reentered", "reentered"}));
  BOOST_TEST(code_of([&] { p.main.run(); }) == "reentered");
  BOOST_TEST(code_of([&] { p.main.poll(); }) == "reentered");
}

namespace {

// What went on while the listeners of both sides blocked for three ping timeouts.
std::vector<std::string> story_of_blocking(way w) {
  collected<std::string> story;
  pair p(w, {.ping_interval = 200ms, .ping_timeout = 1s, .resume_for = 0ms});
  p.main.on_render_process_gone(
      [&](web_contents, const gone_details& d) { story.add("gone " + d.message); });
  p.renderer.on_disconnected(
      [&](const disconnect_details& d) { story.add("disconnected " + d.message); });
  p.main.on("block", [&](event&) {
    std::this_thread::sleep_for(3s);
    story.add("main got on");
  });
  p.renderer.on("block", [&](event&) {
    std::this_thread::sleep_for(3s);
    story.add("renderer got on");
  });
  p.go();
  const web_contents c = p.contents();
  p.renderer.send("block");
  static_cast<void>(story.reaches(1, 10s));
  c.send("block");
  static_cast<void>(story.reaches(2, 10s));
  if (c.is_destroyed()) story.add("destroyed");
  return story.all();
}

}  // namespace

BOOST_AUTO_TEST_CASE(listener_that_blocks_for_three_ping_timeouts_keeps_its_session) {
  // All ways at a time, each on a thread of its own: one after another would take a minute.
  std::vector<std::future<std::vector<std::string>>> stories;
  std::vector<std::string> names;
  in_all_ways([&](way w) {
    names.push_back(std::string(w.transport) + ", " + std::string(w.drive));
    stories.push_back(std::async(std::launch::async, story_of_blocking, w));
  });
  for (std::size_t i = 0; i < stories.size(); ++i) {
    BOOST_TEST_CONTEXT(names[i]) {
      BOOST_TEST(stories[i].get() == (std::vector<std::string>{"main got on", "renderer got on"}),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(other_threads_calls_are_answered_while_a_listener_blocks) {
  over_all_transports([](way w) {
    std::atomic<bool> blocked{false};
    std::promise<void> release;
    pair p(w);
    p.main.handle("x", [](event&, int n) { return n; });
    p.renderer.on("block", [&](event&) {
      blocked = true;
      release.get_future().wait();
    });
    p.go();
    p.contents().send("block");
    BOOST_TEST(eventually([&] { return blocked.load(); }));
    for (int i = 0; i < 50; ++i)
      BOOST_TEST(p.renderer.invoke<int>({.deadline = 5s}, "x", i).get() == i);
    BOOST_TEST(p.renderer.drain(5s).complete);
    release.set_value();
  });
}

BOOST_AUTO_TEST_CASE(
    messages_sent_while_a_listener_runs_go_out_before_it_returns_when_it_takes_long) {
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    std::atomic<int> before_the_end{-1};
    pair p(w);
    p.main.on("x", [&](event&) { ++heard; });
    p.renderer.on("go", [&](event&) {
      for (int i = 0; i < 10; ++i) p.renderer.send("x");
      BOOST_ASSERT(eventually([&] { return heard == 10; }));
      before_the_end = heard.load();
    });
    p.go();
    p.contents().send("go");
    BOOST_TEST(eventually([&] { return before_the_end == 10; }));
  });
}

BOOST_AUTO_TEST_CASE(poll_waits_no_longer_than_it_is_told_and_wakes_for_a_message) {
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    pair p(w);
    p.main.on("x", [&](event&) { ++heard; });
    (void)p.contents();
    (void)p.main.poll();
    const stopwatch watch;
    BOOST_TEST(p.main.poll(50ms) == 0U);
    BOOST_TEST((watch.elapsed() >= 50ms && watch.elapsed() < 1s));
    std::jthread sender([&] {
      std::this_thread::sleep_for(20ms);
      p.renderer.send("x");
    });
    const stopwatch second;
    BOOST_TEST(p.main.poll(5s) == 1U);
    BOOST_TEST(second.elapsed() < 2s);
    BOOST_TEST(heard == 1);
  });
}

BOOST_AUTO_TEST_SUITE_END()
