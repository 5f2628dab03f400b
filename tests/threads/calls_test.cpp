// SPDX-License-Identifier: MIT
// Any call from any thread, while others send, dispatch and answer.
#include "pair.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

using namespace ipczmq;
using namespace ipczmq::test;

namespace {

constexpr int threads = 8;

// Runs `f(number of the thread)` on all threads at once.
void on_all_threads(const std::function<void(int)>& f) {
  std::atomic<int> waiting{threads};
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      waiting.fetch_sub(1);
      while (waiting.load() != 0) std::this_thread::yield();
      f(i);
    });
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calls)

BOOST_AUTO_TEST_CASE(eight_threads_send_while_another_runs_and_each_ones_order_stays) {
  constexpr int count = 500;
  over_all_transports([](way w) {
    std::vector<int> next(threads);  // of the dispatch thread
    std::atomic<int> disorder{0};
    std::atomic<int> heard{0};
    pair p({w.transport, "run"});
    p.main.on("n", [&](event&, int thread, int n) {
      if (next[static_cast<std::size_t>(thread)]++ != n) ++disorder;
      ++heard;
    });
    p.go();
    on_all_threads([&](int thread) {
      for (int i = 0; i < count; ++i) p.renderer.send("n", thread, i);
    });
    BOOST_TEST(eventually([&] { return heard == threads * count; }, 20s));
    BOOST_TEST(disorder == 0);
  });
}

BOOST_AUTO_TEST_CASE(eight_threads_call_at_once_and_each_gets_its_own_answer) {
  constexpr int count = 50;
  for (const bool driven : {true, false}) {
    over_all_transports([driven](way w) {
      std::atomic<int> wrong{0};
      pair p(w);
      p.main.on("sync", [](event& event, int n) { event.return_value = n; });
      p.main.handle("invoke", [](event&, int n) { return n; });
      p.main_driver.emplace(p.main, "run");
      if (driven) p.renderer_driver.emplace(p.renderer, "run");
      on_all_threads([&](int thread) {
        for (int i = 0; i < count; ++i) {
          const int n = thread * count + i;
          if (thread % 2 == 0 ? p.renderer.send_sync<int>("sync", n) != n
                              : p.renderer.invoke<int>("invoke", n).get() != n)
            ++wrong;
        }
      });
      BOOST_TEST(wrong == 0);
    });
  }
}

BOOST_AUTO_TEST_CASE(send_sync_inside_listeners_three_deep_while_other_threads_call) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    std::atomic<int> wrong{0};
    pair p(w);
    p.main.on("sync", [](event& event, std::string s) {
      event.reply("pushed", s);
      event.return_value = s;
    });
    p.renderer.on("a", [&](event&) {
      heard.add(p.renderer.send_sync<std::string>("sync", "1"));
      p.renderer.emit("b");
      heard.add(p.renderer.send_sync<std::string>("sync", "4"));
    });
    p.renderer.on("b", [&](event&) {
      heard.add(p.renderer.send_sync<std::string>("sync", "2"));
      p.renderer.emit("c");
    });
    p.renderer.on("c", [&](event&) { heard.add(p.renderer.send_sync<std::string>("sync", "3")); });
    p.renderer.on("pushed", [&](event&, std::string s) {
      if (s.size() == 1) heard.add("pushed " + s);
    });
    p.go();
    const web_contents c = p.contents();
    std::jthread others([&] {
      on_all_threads([&](int thread) {
        for (int i = 0; i < 20; ++i) {
          const std::string s = "thread " + std::to_string(thread);
          if (p.renderer.send_sync<std::string>("sync", s) != s) ++wrong;
        }
      });
    });
    c.send("a");
    BOOST_TEST(heard.is({"1", "2", "3", "4", "pushed 1", "pushed 2", "pushed 3", "pushed 4"}));
    others.join();
    BOOST_TEST(wrong == 0);
  });
}

BOOST_AUTO_TEST_CASE(both_sides_send_and_call_each_other_from_all_threads) {
  constexpr int count = 100;
  over_all_transports([](way w) {
    std::atomic<int> heard{0};
    std::atomic<int> answered{0};
    pair p(w);
    p.main.on("e", [&](event&) { ++heard; });
    p.renderer.on("e", [&](event&) { ++heard; });
    p.main.handle("i", [](event&, int n) { return n; });
    p.renderer.handle("i", [](event&, int n) { return n; });
    p.go();
    const web_contents c = p.contents();
    on_all_threads([&](int thread) {
      for (int i = 0; i < count; ++i) {
        if (thread % 2 == 0) {
          c.send("e");
          c.invoke<int>("i", i).then([&, i](int n) { answered += n == i; });
          p.main.broadcast("e");
        } else {
          p.renderer.send("e");
          p.renderer.invoke<int>("i", i).then([&, i](int n) { answered += n == i; });
          (void)p.renderer.statistics();
          (void)c.info();
        }
      }
    });
    BOOST_TEST(eventually(
        [&] { return heard == threads * count * 3 / 2 && answered == threads * count; }, 20s));
    BOOST_TEST(heard == threads * count * 3 / 2);
    BOOST_TEST(answered == threads * count);
  });
}

BOOST_AUTO_TEST_CASE(kept_events_are_answered_from_many_threads_at_once_and_the_first_wins) {
  pair p({"ipc", "run"});
  std::vector<std::jthread> answering;  // of the dispatch thread, which the driver joins
  p.main.on("x", [&](event& event) {
    for (int i = 0; i < 4; ++i) answering.emplace_back([event, i] { event.return_value = i; });
  });
  p.go();
  for (int i = 0; i < 50; ++i) {
    const int answer = p.renderer.send_sync<int>("x");
    BOOST_TEST((answer >= 0 && answer < 4));
  }
  p.main_driver.reset();
  answering.clear();
}

BOOST_AUTO_TEST_CASE(answer_and_cancel_and_deadline_race) {
  std::atomic<int> odd{0};
  pair p({"ipc", "run"});
  std::vector<std::jthread> answering;
  p.main.handle("x", [&](event& event) {
    const deferred<int> d;
    answering.emplace_back([d, event] {
      std::this_thread::sleep_for(std::chrono::microseconds(300));
      d.resolve(event.cancelled() ? -1 : 1);
    });
    return d;
  });
  p.go();
  on_all_threads([&](int thread) {
    for (int i = 0; i < 40; ++i) {
      const auto call =
          p.renderer.invoke<int>({.deadline = std::chrono::milliseconds(1 + i % 3)}, "x");
      if (thread % 2 == 0) call.cancel();
      const std::string code = code_of([&] { (void)call.get(); });
      if (code != "" && code != "cancelled" && code != "timed_out") ++odd;
    }
  });
  BOOST_TEST(odd == 0);
  BOOST_TEST(code_of([&] { p.renderer.invoke("none").get(); }) == "no_handler");
  p.main_driver.reset();
}

BOOST_AUTO_TEST_CASE(listeners_come_and_go_during_dispatch) {
  over_all_transports([](way w) {
    std::atomic<int> constant{0};
    std::atomic<bool> over{false};
    pair p(w);
    p.main.on("x", [&](event&) { ++constant; });
    p.go();
    (void)p.contents();
    std::jthread sender([&] {
      while (!over) {
        p.renderer.send("x");
        p.main.publish("y");
        std::this_thread::yield();
      }
    });
    on_all_threads([&](int thread) {
      for (int i = 0; i < 100; ++i) {
        std::atomic<int> calls{0};
        endpoint& e = thread % 2 == 0 ? static_cast<endpoint&>(p.main) : p.renderer;
        const auto held = std::make_shared<int>(7);
        const listener l =
            e.on(thread % 2 == 0 ? "x" : "y", [held](event&) { BOOST_ASSERT(*held == 7); });
        const listener any = e.on_any([held](event&) {});
        e.once("x", [held](event&) {});
        (void)e.listener_count("x");
        l.remove();
        any.remove();
      }
    });
    over = true;
    sender.join();
    const int before = constant;
    p.renderer.send("x");
    BOOST_TEST(eventually([&] { return constant > before; }));
  });
}

BOOST_AUTO_TEST_SUITE_END()
