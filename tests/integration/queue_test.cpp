// SPDX-License-Identifier: MIT
// What happens when the queue to a peer is full.
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(queue)

namespace {
const buffer piece = buffer::copy(std::string(100000, 'p'));
const log_callback quiet = [](log_level, std::string_view) {};
}  // namespace

BOOST_AUTO_TEST_CASE(main_throws_overflow_and_tells_when_there_is_room_again) {
  over_all_transports([](way w) {
    collected<std::string> drained;
    std::atomic<int> heard{0};
    pair p(w, {.queue_bytes = 1 << 20, .log = quiet}, {.identity = "r"});
    p.main.on_drain([&](web_contents c) { drained.add(c.identity()); });
    p.renderer.on("x", [&](event&, buffer) { ++heard; });
    p.main_driver.emplace(p.main, "start");  // nobody dispatches in the renderer
    const web_contents c = p.contents();
    int sent = 0;
    std::string failure;
    while (failure.empty() && sent < 1000) {
      failure = failure_of([&] { c.send("x", piece); });
      if (failure.empty()) ++sent;
    }
    BOOST_TEST(failure.starts_with("overflow: the queue to renderer 'r' is full ("));
    BOOST_TEST(failure.ends_with(
        " bytes not dispatched there); wait for on_drain, or raise queue_bytes or "
        "queue_messages"));
    BOOST_TEST((sent >= 8 && sent <= 11));
    BOOST_TEST(code_of([&] { (void)c.invoke("x", piece); }) == "overflow");
    BOOST_TEST(p.main.broadcast("x", piece) == 0U);
    BOOST_TEST(drained.size() == 0U);
    p.renderer_driver.emplace(p.renderer, "start");
    BOOST_TEST(eventually([&] { return heard == sent; }));
    BOOST_TEST(drained.reaches(1));
    BOOST_TEST(c.writable());
    c.send("x", piece);
    BOOST_TEST(eventually([&] { return heard == sent + 1; }));
  });
}

BOOST_AUTO_TEST_CASE(what_waits_for_the_window_goes_as_soon_as_that_opens) {
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    pair p(w, {.ping_interval = 20s, .ping_timeout = 60s}, {.queue_bytes = 1 << 16});
    p.renderer.on("x", [&](event&, buffer) { ++heard; });
    p.go();
    const web_contents c = p.contents();
    const stopwatch watch;
    for (int i = 0; i < 30; ++i) c.send("x", piece);
    BOOST_TEST(eventually([&] { return heard == 30; }));
    // Nothing else goes either way: but for the window, only pings would move it on.
    BOOST_TEST((watch.elapsed() < 3s));
  });
}

BOOST_AUTO_TEST_CASE(one_full_renderer_does_not_hold_up_the_others) {
  std::atomic<int> heard{0};
  pair p({}, {.queue_bytes = 1 << 20, .log = quiet});
  ipc_renderer other(p.another("other"));
  other.on("x", [&](event&, buffer) { ++heard; });
  other.start();
  p.main_driver.emplace(p.main, "start");
  (void)p.contents();
  BOOST_TEST(eventually([&] { return p.main.web_contents().size() == 2; }));
  const web_contents there = p.main.from_identity("other").value();
  std::size_t reached = 0;
  for (int i = 0; i < 100; ++i) {
    reached += p.main.broadcast("x", piece);
    BOOST_TEST(eventually([&] { return heard == i + 1 && there.info().bytes_queued == 0; }));
  }
  BOOST_TEST((reached >= 108U && reached <= 111U));
  BOOST_TEST(p.main.statistics().messages_dropped == 200 - reached);
}

BOOST_AUTO_TEST_CASE(renderer_waits_for_room) {
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    std::atomic<int> sent{0};
    pair p(w, {}, {.queue_bytes = 1 << 20});
    p.main.on("x", [&](event&, buffer) { ++heard; });
    (void)p.contents();
    std::thread sender([&] {
      for (; sent < 50; ++sent) p.renderer.send("x", piece);
    });
    BOOST_TEST(eventually([&] { return sent >= 8; }));
    std::this_thread::sleep_for(50ms);
    BOOST_TEST(sent <= 11);
    p.main_driver.emplace(p.main, "run");
    sender.join();
    BOOST_TEST(eventually([&] { return heard == 50; }));
  });
}

BOOST_AUTO_TEST_CASE(renderer_that_waits_for_room_is_released_by_close) {
  pair p({}, {}, {.linger = 50ms, .queue_bytes = 1 << 20, .log = quiet});
  (void)p.contents();
  std::string failure;
  std::atomic<int> sent{0};
  std::thread sender([&] {
    failure = code_of([&] {
      for (;; ++sent) p.renderer.send("x", piece);
    });
  });
  BOOST_TEST(eventually([&] { return sent >= 8; }));
  std::this_thread::sleep_for(50ms);
  p.renderer.close();
  sender.join();
  BOOST_TEST(failure == "closed");
}

BOOST_AUTO_TEST_CASE(listener_of_a_renderer_gets_overflow_instead_of_waiting) {
  collected<std::string> failures;
  pair p({}, {}, {.queue_bytes = 1 << 20, .log = quiet});
  p.renderer.on("go", [&](event&) {
    failures.add(code_of([&] {
      for (int i = 0; i < 1000; ++i) p.renderer.send("x", piece);
    }));
  });
  p.renderer_driver.emplace(p.renderer, "start");
  p.contents().send("go");
  BOOST_TEST(failures.is({"overflow"}));
}

BOOST_AUTO_TEST_CASE(answers_do_not_wait_for_room) {
  over_all_transports([](way w) {
    collected<std::string> heard;
    pair p(w, {}, {.queue_bytes = 1 << 20});
    p.renderer.handle("ask", [](event&) { return piece; });
    p.main.on("go", [&](event& event) {
      // The queue to main is full, and its dispatch is busy here: the answer still comes.
      heard.add(event.sender.invoke<buffer>({.deadline = 5s}, "ask").get() == piece ? "right"
                                                                                    : "wrong");
    });
    p.main.on("x", [](event&, buffer) {});
    p.go();
    p.renderer.send("go");
    for (int i = 0; i < 30; ++i) p.renderer.send("x", piece);
    BOOST_TEST(heard.is({"right"}));
  });
}

BOOST_AUTO_TEST_CASE(message_larger_than_the_queue_goes_when_it_is_empty) {
  over_all_transports([](way w) {
    const buffer big = buffer::copy(std::string(3 << 20, 'b'));
    std::atomic<int> heard{0};
    pair p(w, {.queue_bytes = 1 << 20}, {.queue_bytes = 1 << 20});
    p.main.on("x", [&](event& event, buffer b) {
      heard += b == big ? 1 : 0;
      event.reply("x", b);
    });
    p.renderer.on("x", [&](event&, buffer b) { heard += b == big ? 1 : 0; });
    p.go();
    p.renderer.send("x", big);
    BOOST_TEST(eventually([&] { return heard == 2; }));
    // A listener that has been called is counted as dispatched a moment later.
    BOOST_TEST(eventually([&] { return p.contents().info().bytes_queued == 0; }));
    p.renderer.send("x", big);
    BOOST_TEST(eventually([&] { return heard == 4; }));
  });
}

BOOST_AUTO_TEST_SUITE_END()
