// SPDX-License-Identifier: MIT
// Endpoints that are closed while others use them.
#include "pair.hpp"

#include <future>

using namespace ipczmq;
using namespace ipczmq::test;

namespace {
const log_callback quiet = [](log_level, std::string_view) {};
}

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(several_threads_close_while_others_send_and_call) {
  for (int round = 0; round < 5; ++round) {
    over_all_transports([](way w) {
      std::atomic<int> odd{0};
      pair p(w, {.log = quiet}, {.log = quiet});
      p.main.on("x", [](event& event) { event.return_value = 1; });
      p.main.handle("x", [](event&) { return 1; });
      p.go();
      (void)p.contents();
      std::vector<std::jthread> working;
      for (int i = 0; i < 4; ++i) {
        working.emplace_back([&, i] {
          const std::string code = code_of([&] {
            for (;;) {
              if (i == 0) p.renderer.send("x");
              if (i == 1) p.renderer.send_sync("x");
              if (i == 2) p.renderer.invoke("x").get();
              if (i == 3) p.renderer.on("y", [](event&) {}).remove(), p.renderer.send("y");
            }
          });
          if (code != "closed") ++odd;
        });
      }
      std::this_thread::sleep_for(5ms);
      for (int i = 0; i < 3; ++i) working.emplace_back([&] { p.renderer.close(); });
      working.clear();
      BOOST_TEST(odd == 0);
      BOOST_TEST(p.renderer.is_closed());
    });
  }
}

BOOST_AUTO_TEST_CASE(every_then_callback_is_called_once_whoever_closes) {
  for (int round = 0; round < 6; ++round) {
    over_all_transports([round](way w) {
      std::atomic<int> asked{0};
      std::atomic<int> told{0};
      pair p(w, {.log = quiet}, {.linger = 100ms, .log = quiet});
      p.main.handle("x", [](event&) { return 1; });
      p.main.start();
      if (round % 2 == 0) p.renderer.start();
      std::vector<std::jthread> working;
      for (int i = 0; i < 3; ++i) {
        working.emplace_back([&] {
          (void)code_of([&] {
            for (;;) {
              const auto c = p.renderer.invoke<int>("x");
              ++asked;
              c.then([&](const call<int>& over) { told += over.ready() ? 1 : 1000; });
            }
          });
        });
      }
      std::this_thread::sleep_for(5ms);
      for (int i = 0; i < 2; ++i) working.emplace_back([&] { p.renderer.close(); });
      working.clear();
      BOOST_TEST(eventually([&] { return told >= asked; }));
      BOOST_TEST(told == asked);
    });
  }
}

BOOST_AUTO_TEST_CASE(main_is_closed_while_renderers_call) {
  over_all_transports([](way w) {
    std::atomic<int> odd{0};
    pair p(w, {.linger = 100ms, .log = quiet}, {.linger = 100ms, .log = quiet});
    p.main.on("x", [](event& event) { event.return_value = 1; });
    p.go();
    std::vector<std::jthread> working;
    for (int i = 0; i < 4; ++i) {
      working.emplace_back([&] {
        const std::string code = code_of([&] {
          for (;;) p.renderer.send_sync({.deadline = 300ms}, "x");
        });
        if (code != "disconnected" && code != "timed_out" && code != "main_restarted") ++odd;
      });
    }
    (void)p.contents();
    p.main.close();
    working.clear();
    BOOST_TEST(odd == 0);
  });
}

BOOST_AUTO_TEST_CASE(renderers_come_and_go_on_many_threads) {
  over_all_transports([](way w) {
    std::atomic<int> wrong{0};
    std::atomic<int> created{0};
    std::atomic<int> destroyed{0};
    pair p(w);
    p.main.on("x", [](event& event, int n) { event.return_value = n; });
    p.main.on_web_contents_created([&](web_contents) { ++created; });
    p.main.on_destroyed([&](web_contents) { ++destroyed; });
    p.main_driver.emplace(p.main, "run");
    {
      std::vector<std::jthread> working;
      for (int i = 0; i < 4; ++i) {
        working.emplace_back([&, i] {
          for (int n = 0; n < 10; ++n) {
            ipc_renderer r(p.another());
            if (n % 2 == 0) r.start();
            if (r.send_sync<int>({.deadline = 10s}, "x", i) != i) ++wrong;
          }
        });
      }
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(eventually([&] { return created == 41 && destroyed == 40; }));
  });
}

BOOST_AUTO_TEST_CASE(waiting_calls_end_when_the_endpoint_is_closed) {
  over_all_transports([](way w) {
    collected<event> kept;
    collected<std::string> codes;
    pair p(w);
    p.main.on("x", [&](event& event) { kept.add(event); });
    p.main.handle("x", [&](event& event) {
      kept.add(event);
      static const deferred<int> d;
      return deferred<int>(d);
    });
    p.go();
    std::vector<std::jthread> waiting;
    for (int i = 0; i < 4; ++i) {
      waiting.emplace_back([&, i] {
        codes.add(code_of([&] {
          if (i % 2 == 0) {
            p.renderer.send_sync("x");
          } else {
            p.renderer.invoke("x").get();
          }
        }));
      });
    }
    BOOST_TEST(kept.reaches(4));
    p.renderer.close();
    waiting.clear();
    BOOST_TEST(codes.is({"closed", "closed", "closed", "closed"}));
  });
}

// close() dispatches what follows on its calls; a loop that polls meanwhile is told the truth.
BOOST_AUTO_TEST_CASE(poll_while_close_runs_a_then_callback_says_closed) {
  over_all_transports([](way w) {
    std::promise<void> inside;
    std::promise<void> polled;
    pair p(w);
    p.main_driver.emplace(p.main, "start");
    p.renderer.invoke("x").then([&](const call<value>&) {
      inside.set_value();
      polled.get_future().wait();
    });
    std::jthread closing([&] { p.renderer.close(); });
    inside.get_future().wait();
    BOOST_TEST(code_of([&] { p.renderer.poll(); }) == "closed");
    polled.set_value();
  });
}

BOOST_AUTO_TEST_CASE(events_and_handles_may_outlive_their_endpoint) {
  std::optional<event> kept;
  std::optional<web_contents> contents;
  std::optional<call<int>> call;
  listener registered;
  {
    pair p;
    p.main.on("x", [&](event& event) { kept = event; });
    registered = p.main.on("y", [](event&) {});
    p.go();
    call = p.renderer.invoke<int>("none");
    BOOST_TEST(code_of([&] { (void)call->get(); }) == "no_handler");
    contents = p.contents();
    p.renderer.send("x", std::string(100000, 'x'));
    BOOST_TEST(p.renderer.drain(5s).complete);
    BOOST_TEST(eventually([&] { return contents->info().messages_waiting == 0; }));
    p.main_driver.reset();
  }
  BOOST_TEST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->channel == "x");
  kept->return_value = 1;
  BOOST_TEST(kept->sender.is_destroyed());
  BOOST_TEST(contents->is_destroyed());
  BOOST_TEST(contents->id() == 1U);
  BOOST_TEST(code_of([&] { contents->send("x"); }) == "closed");
  BOOST_TEST(code_of([&] { (void)contents->info(); }) == "closed");
  BOOST_TEST(!registered.remove());
  BOOST_TEST(code_of([&] { (void)call->get(); }) == "no_handler");
}

BOOST_AUTO_TEST_SUITE_END()
