// SPDX-License-Identifier: MIT
#include "child_process.hpp"
#include "pair.hpp"

#include <sys/wait.h>

#include <future>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(drain_waits_until_everything_is_acknowledged) {
  in_all_ways([](way w) {
    std::atomic<int> heard{0};
    pair p(w);
    p.main.on("n", [&](event&, int) { ++heard; });
    p.go();
    for (int i = 0; i < 10000; ++i) p.renderer.send("n", i);
    const drain_result r = p.renderer.drain(5s);
    BOOST_TEST(r.complete);
    BOOST_TEST(r.unacknowledged == 0U);
    BOOST_TEST(eventually([&] { return heard == 10000; }));
    p.renderer.send("n", 1);  // it goes on working
    BOOST_TEST(eventually([&] { return heard == 10001; }));
    BOOST_TEST(p.main.drain(5s).complete);
  });
}

BOOST_AUTO_TEST_CASE(drain_without_a_main_tells_how_much_is_left) {
  const temp_dir dir;
  ipc_renderer renderer(
      {.endpoint = dir.ipc(), .linger = 0ms, .log = [](log_level, std::string_view) {}});
  for (int i = 0; i < 5; ++i) renderer.send("n", i);
  const stopwatch watch;
  const drain_result r = renderer.drain(100ms);
  BOOST_TEST(!r.complete);
  BOOST_TEST(!r);
  BOOST_TEST(r.unacknowledged == 5U);
  BOOST_TEST((watch.elapsed() >= 100ms && watch.elapsed() < 1s));
}

BOOST_AUTO_TEST_CASE(destructor_without_a_main_returns_within_linger_and_reports_the_loss) {
  const temp_dir dir;
  for (const auto linger : {0ms, 200ms}) {
    collected<std::string> log;
    std::optional<ipc_renderer> renderer(
        std::in_place, renderer_options{.endpoint = dir.ipc(),
                                        .identity = "lonely",
                                        .linger = linger,
                                        .log = [&](log_level l, std::string_view s) {
                                          if (l >= log_level::warning) log.add(std::string(s));
                                        }});
    renderer->send("x");
    renderer->send("x");
    const stopwatch watch;
    renderer.reset();
    BOOST_TEST((watch.elapsed() >= linger && watch.elapsed() < linger + 500ms));
    BOOST_TEST(log.reaches(1));
    BOOST_TEST(contains(log.all().at(0), "'lonely' closed with 2 message"));
  }
}

BOOST_AUTO_TEST_CASE(closing_is_quick_when_there_is_nothing_to_wait_for) {
  over_all_transports([](way w) {
    auto p = std::make_unique<pair>(w);
    p->go();
    (void)p->contents();
    p->renderer.send("x");
    const stopwatch watch;
    p.reset();
    BOOST_TEST(watch.elapsed() < 500ms);
  });
}

BOOST_AUTO_TEST_CASE(use_after_close_throws_closed) {
  in_all_ways([](way w) {
    pair p(w);
    p.go();
    const web_contents c = p.contents();
    p.renderer.close();
    p.renderer.close();  // idempotent
    BOOST_TEST(p.renderer.is_closed());
    const std::string closed = "closed: the endpoint is closed";
    BOOST_TEST(failure_of([&] { p.renderer.send("x"); }) == closed);
    BOOST_TEST(failure_of([&] { p.renderer.send_sync("x"); }) == closed);
    BOOST_TEST(failure_of([&] { (void)p.renderer.invoke("x"); }) == closed);
    BOOST_TEST(failure_of([&] { p.renderer.run(); }) == closed);
    BOOST_TEST(failure_of([&] { p.renderer.start(); }) == closed);
    BOOST_TEST(failure_of([&] { p.renderer.poll(); }) == closed);
    BOOST_TEST(failure_of([&] { (void)p.renderer.fd(); }) == closed);
    BOOST_TEST(failure_of([&] { p.renderer.drain(1s); }) == closed);
    p.main.close();
    BOOST_TEST(p.main.is_closed());
    BOOST_TEST(failure_of([&] { p.main.broadcast("x"); }) == closed);
    BOOST_TEST(failure_of([&] { c.send("x"); }) == closed);
    BOOST_TEST(p.main.web_contents().empty());
    p.renderer.stop();
    (void)p.renderer.statistics();
  });
}

namespace {

// A call to "open", which main never answers, with callbacks that note how it ends.
void ask_in_vain(ipc_renderer& r, collected<std::string>& ended) {
  const call<int> c = r.invoke<int>("open");
  c.then([&ended](const call<int>& over) {
    ended.add("call: " + code_of([&] { (void)over.get(); }));
  });
  c.then([&ended](int) { ended.add("answered"); },
         [&ended](const std::exception&) { ended.add("failure"); });
  c.then([&ended](int) { ended.add("answered"); });  // its error is for on_error
}

}  // namespace

BOOST_AUTO_TEST_CASE(closing_calls_every_then_callback_that_waits) {
  for (const std::string_view drive : {"", "start", "run", "poll"}) {
    for (const bool destroy : {false, true}) {
      BOOST_TEST_CONTEXT("driven by " << drive << ", destroyed " << destroy) {
        collected<std::string> ended;
        std::vector<deferred<int>> open;
        const temp_dir dir;
        ipc_main main(dir.ipc());
        main.handle("open", [&](event&) { return open.emplace_back(); });
        main.start();
        {
          ipc_renderer renderer(dir.ipc());
          renderer.on_error([&](const failure& f) { ended.add("on_error: " + f.what); });
          std::optional<driver> driving;
          if (!drive.empty()) driving.emplace(renderer, drive);
          ask_in_vain(renderer, ended);
          if (!destroy) {
            renderer.close();
            BOOST_TEST(ended.reaches(3));
          }
        }
        BOOST_TEST(ended.is(
            {"call: closed", "failure", "on_error: invoke('open'): the endpoint was closed"}));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(answer_that_was_there_before_close_reaches_its_then_callback) {
  collected<std::string> ended;
  pair p;
  p.main.handle("sum", [](event&, int a, int b) { return a + b; });
  p.main.start();
  const call<int> c = p.renderer.invoke<int>("sum", 1, 2);
  BOOST_TEST(c.get() == 3);
  c.then([&](int n) { ended.add("before " + std::to_string(n)); });
  BOOST_TEST(ended.size() == 0U);  // nobody dispatches
  p.renderer.close();
  BOOST_TEST(ended.is({"before 3"}));
  c.then([&](int n) {
    ended.add("after " + std::to_string(n));
    c.then([&](int) { ended.add("inside"); });
  });
  BOOST_TEST(ended.is({"before 3", "after 3", "inside"}));
}

BOOST_AUTO_TEST_CASE(then_callback_may_close_and_those_behind_it_are_called) {
  in_all_ways([](way w) {
    collected<std::string> ended;
    std::vector<deferred<int>> open;
    pair p(w);
    p.main.handle("sum", [](event&, int a, int b) { return a + b; });
    p.main.handle("open", [&](event&) { return open.emplace_back(); });
    ask_in_vain(p.renderer, ended);
    p.renderer.invoke<int>("sum", 1, 2).then([&](int) {
      p.renderer.close();
      ended.add("closed");
    });
    p.renderer.on_error([&](const failure& f) { ended.add("on_error: " + f.what); });
    p.go();
    BOOST_TEST(ended.is({"closed", "call: closed", "failure",
                         "on_error: invoke('open'): the endpoint was closed"}));
  });
}

BOOST_AUTO_TEST_CASE(closing_main_calls_the_then_callbacks_of_its_calls) {
  for (const std::string_view drive : {"", "start"}) {
    BOOST_TEST_CONTEXT("driven by " << drive) {
      collected<std::string> ended;
      std::vector<deferred<int>> open;
      pair p;
      p.renderer.handle("open", [&](event&) { return open.emplace_back(); });
      p.renderer.start();
      if (!drive.empty()) p.main.start();
      p.contents().invoke<int>("open").then(
          [&](const call<int>& over) { ended.add(code_of([&] { (void)over.get(); })); });
      p.main.close();
      BOOST_TEST(ended.is({"closed"}));
    }
  }
}

BOOST_AUTO_TEST_CASE(close_ends_run) {
  pair p;
  auto running = std::async(std::launch::async, [&] { p.main.run(); });
  auto other = std::async(std::launch::async, [&] { p.renderer.run(); });
  p.renderer.send("x");
  p.renderer.close();
  p.main.close();
  BOOST_TEST((running.wait_for(5s) == std::future_status::ready));
  BOOST_TEST((other.wait_for(5s) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(endpoint_may_be_closed_in_its_own_listener) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    collected<std::string> gone;
    pair p(w);
    p.main.on_render_process_gone(
        [&](web_contents, const gone_details& d) { gone.add(std::string(to_string(d.reason))); });
    p.renderer.on("leave", [&](event& event) {
      event.reply("last words");
      p.renderer.close();
      heard.add("closed");
    });
    p.main.on("last words", [&](event&) { heard.add("last words"); });
    p.go();
    p.contents().send("leave");
    BOOST_TEST(heard.reaches(2));
    BOOST_TEST(gone.is({"clean-exit"}));
  });
}

namespace {

void end_in_listener(ipc_main& main, std::string_view ending) {
  main.on("end", [&main, ending](event& event) {
    if (ending == "close") main.close();
    if (ending == "kill") event.sender.close();
  });
}

// How many messages the renderer is told of as lost.
void collect_losses(ipc_renderer& renderer, collected<std::size_t>& told) {
  const auto tell = [&told](const disconnect_details& d) { told.add(d.lost.total()); };
  renderer.on_disconnected(tell);
  renderer.on_closed(tell);
}

}  // namespace

BOOST_AUTO_TEST_CASE(message_in_whose_listener_main_ends_counts_as_dispatched_when_it_is_the_last) {
  for (const std::string_view ending : {"close", "kill"}) {
    BOOST_TEST_CONTEXT("ended by " << ending) {
      in_all_ways([&](way w) {
        collected<std::size_t> told;
        pair p(w);
        end_in_listener(p.main, ending);
        collect_losses(p.renderer, told);
        for (const char* channel : {"work", "work", "end"}) p.renderer.send(channel);
        p.go();
        BOOST_TEST(told.is({0U}));
      });
    }
  }
}

// What has not reached its listener, though it may yet, is told with its whole frame.
BOOST_AUTO_TEST_CASE(message_in_whose_listener_main_ends_is_told_when_others_come_behind_it) {
  for (const std::string_view ending : {"close", "kill"}) {
    BOOST_TEST_CONTEXT("ended by " << ending) {
      const temp_dir dir;
      collected<std::size_t> told;
      ipc_renderer renderer(dir.ipc());
      collect_losses(renderer, told);
      // Before main is there, so that all go in one frame.
      for (const char* channel : {"work", "work", "end", "more"}) renderer.send(channel);
      renderer.start();
      ipc_main main(dir.ipc());
      end_in_listener(main, ending);
      main.start();
      BOOST_TEST(told.is({4U}));
    }
  }
}

BOOST_AUTO_TEST_CASE(message_sent_right_before_close_or_exit_arrives) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      std::atomic<int> heard{0};
      collected<std::string> order;
      ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}});
      main.on("number", [&](event&, int) { ++heard; });
      main.on("numbers", [&](event&, int n) { order.add("numbers " + std::to_string(n)); });
      main.on_web_contents_created([&](web_contents c) { order.add("created " + c.identity()); });
      main.on_render_process_gone([&](web_contents, const gone_details& d) {
        order.add("gone " + std::string(to_string(d.reason)));
      });
      main.on_destroyed([&](web_contents c) { order.add("destroyed " + c.identity()); });
      const driver driving(main, "start");
      child_process renderer({PEER_PROGRAM, "renderer", main.endpoints().front(), "identity=r"});
      renderer.say("numbers 20000");
      renderer.say("exit");
      BOOST_TEST(renderer.wait() == 0);
      BOOST_TEST(order.is({"created r", "numbers 20000", "gone clean-exit", "destroyed r"}));
      BOOST_TEST(heard == 20000);
    }
  }
}

BOOST_AUTO_TEST_CASE(child_of_a_fork_cannot_use_its_parents_endpoints) {
  pair p;
  p.main.on("x", [](event& event) { event.return_value = 1; });
  p.go();
  BOOST_TEST(p.renderer.send_sync<int>("x") == 1);
  const web_contents c = p.contents();
  p.main.handle("x", [](event&) { return 1; });
  const call<int> answered = p.renderer.invoke<int>("x");
  BOOST_TEST(answered.get() == 1);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto forked = [](auto f) { return code_of(f) == "forked"; };
    int wrong = 0;
    if (!forked([&] { p.renderer.send("x"); })) wrong |= 1;
    if (!forked([&] { p.renderer.send_sync("x"); })) wrong |= 2;
    if (!forked([&] { (void)p.renderer.invoke("x"); })) wrong |= 4;
    if (!forked([&] { p.main.run(); })) wrong |= 8;
    if (!forked([&] { p.main.poll(); })) wrong |= 16;
    if (!forked([&] { c.send("x"); })) wrong |= 32;
    if (!forked([&] { p.main.broadcast("x"); })) wrong |= 64;
    if (!forked([&] { (void)answered.get(); })) wrong |= 128;
    p.renderer.close();  // does nothing, and does not hang
    ::_exit(wrong);
  }
  int status = 0;
  BOOST_TEST(eventually([&] { return ::waitpid(child, &status, WNOHANG) == child; }));
  if (!WIFEXITED(status)) ::kill(child, SIGKILL);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0);
  BOOST_TEST(p.renderer.send_sync<int>("x") == 1);  // the parent's go on
}

BOOST_AUTO_TEST_SUITE_END()
