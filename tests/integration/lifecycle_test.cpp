// SPDX-License-Identifier: MIT
// Renderers that come, crash, hang and leave, as processes of their own.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(lifecycle)

namespace {

const log_callback quiet = [](log_level, std::string_view) {};

// A main that writes down what becomes of its renderers.
struct observed_main {
  explicit observed_main(std::string_view transport, main_options o = {})
      : main([&] {
          o.endpoints = {fresh_endpoint(transport, dir)};
          o.log = quiet;
          return ipc_main(o);
        }()) {
    main.on_web_contents_created([this](web_contents c) { story.add("created " + c.identity()); });
    main.on_render_process_gone([this](web_contents c, const gone_details& d) {
      story.add("gone " + c.identity() + " " + std::string(to_string(d.reason)));
    });
    main.on_destroyed([this](web_contents c) { story.add("destroyed " + c.identity()); });
    main.on("note",
            [this](event& e, std::string s) { story.add(e.sender.identity() + " says " + s); });
    main.start();
  }
  std::unique_ptr<child_process> renderer(const std::string& identity,
                                          const std::string& drive = "run") {
    auto child = std::make_unique<child_process>(
        std::vector<std::string>{PEER_PROGRAM, "renderer", main.endpoints().front(),
                                 "identity=" + identity, "drive=" + drive});
    if (!eventually([&] { return main.from_identity(identity).has_value(); }))
      BOOST_ERROR("it does not come");
    return child;
  }

  temp_dir dir;
  collected<std::string> story;
  ipc_main main;
};

template <class F>
void across_processes(F f) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) { f(transport); }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(hooks_come_before_the_first_message_and_after_the_last) {
  across_processes([](std::string_view transport) {
    for (const char* drive : {"run", "start", "poll"}) {
      observed_main m(transport);
      const auto r = m.renderer("r", drive);
      BOOST_TEST(r->ask("send note hello", "ok") == " ");
      BOOST_TEST(r->ask("send note goodbye", "ok") == " ");
      r->say("exit");
      BOOST_TEST(r->wait() == 0);
      BOOST_TEST(m.story.is(
          {"created r", "r says hello", "r says goodbye", "gone r clean-exit", "destroyed r"}));
    }
  });
}

BOOST_AUTO_TEST_CASE(killed_renderer_is_noticed_within_half_a_second) {
  across_processes([](std::string_view transport) {
    observed_main m(transport);
    const auto r = m.renderer("r");
    const web_contents c = m.main.from_identity("r").value();
    const stopwatch watch;
    r->kill(SIGKILL);
    BOOST_TEST(m.story.is({"created r", "gone r crashed", "destroyed r"}));
    BOOST_TEST(watch.elapsed() < 500ms);
    BOOST_TEST(c.is_destroyed());
  });
}

BOOST_AUTO_TEST_CASE(aborted_renderer_has_crashed_and_its_last_message_arrives) {
  across_processes([](std::string_view transport) {
    observed_main m(transport);
    const auto r = m.renderer("r");
    BOOST_TEST(r->ask("send note help", "ok") == " ");
    BOOST_TEST(r->ask("drain 5000", "ok ") == "complete");
    r->say("abort");
    BOOST_TEST(r->wait() == -SIGABRT);
    BOOST_TEST(m.story.is({"created r", "r says help", "gone r crashed", "destroyed r"}));
  });
}

BOOST_AUTO_TEST_CASE(exit_without_destructors_is_noticed_as_well) {
  across_processes([](std::string_view transport) {
    observed_main m(transport);
    const auto r = m.renderer("r");
    const stopwatch watch;
    r->say("_exit");
    BOOST_TEST(m.story.is({"created r", "gone r crashed", "destroyed r"}));
    BOOST_TEST(watch.elapsed() < 500ms);
  });
}

BOOST_AUTO_TEST_CASE(renderer_that_crashes_while_others_work_disturbs_nobody) {
  across_processes([](std::string_view transport) {
    observed_main m(transport);
    const auto worker = m.renderer("worker");
    for (int i = 0; i < 5; ++i) {
      const auto victim = m.renderer("victim");
      victim->say("numbers 100000");
      victim->kill(SIGKILL);
      BOOST_TEST(worker->ask("invoke none x", "error ").starts_with("no_handler"));
      BOOST_TEST(eventually([&] { return !m.main.from_identity("victim"); }));
    }
    BOOST_TEST(m.main.from_identity("worker").has_value());
  });
}

BOOST_AUTO_TEST_CASE(stopped_renderer_is_lost_after_the_ping_timeout) {
  across_processes([](std::string_view transport) {
    observed_main m(transport, {.ping_interval = 100ms, .ping_timeout = 400ms, .resume_for = 0ms});
    const auto r = m.renderer("r");
    const web_contents c = m.main.from_identity("r").value();
    r->kill(SIGSTOP);
    const stopwatch watch;
    const auto call = c.invoke("echo", 1);
    BOOST_TEST(code_of([&] { (void)call.get_for(5s); }) == "peer_gone");
    BOOST_TEST((watch.elapsed() >= 200ms && watch.elapsed() < 1500ms));
    BOOST_TEST(m.story.is({"created r", "gone r lost", "destroyed r"}));
    // Woken up, it learns that main has forgotten it, and comes again.
    r->kill(SIGCONT);
    BOOST_TEST(r->expect("disconnected ") != "(timeout)");
    BOOST_TEST(r->expect("connected") == "");
    BOOST_TEST(m.main.from_identity("r").value().invoke<std::string>("echo", "x").get() == "x");
  });
}

BOOST_AUTO_TEST_CASE(answers_to_a_renderer_that_is_away_are_bounded) {
  for (const bool fails : {false, true}) {
    BOOST_TEST_CONTEXT((fails ? "errors" : "values")) {
      constexpr std::size_t mib = 1 << 20;
      observed_main m("ipc", {.ping_interval = 100ms,
                              .ping_timeout = 400ms,
                              .resume_for = 60000ms,
                              .queue_bytes = mib});
      collected<deferred<std::string>> open;
      m.main.handle("open", [&](event&) {
        deferred<std::string> d;
        open.add(d);
        return d;
      });
      const auto r = m.renderer("r");
      const web_contents c = m.main.from_identity("r").value();
      r->say("calls 2 60000");
      BOOST_TEST(open.reaches(2));
      r->kill(SIGSTOP);
      BOOST_TEST(eventually([&] { return !c.info().connected; }));
      const std::string large(5 * mib, 'x');
      for (const auto& d : open.all()) (void)(fails ? d.reject(large) : d.resolve(large));
      BOOST_TEST(m.story.is({"created r", "gone r overflow", "destroyed r"}));
    }
  }
}

BOOST_AUTO_TEST_CASE(stopped_renderer_that_wakes_up_in_time_goes_on_with_its_session) {
  across_processes([](std::string_view transport) {
    observed_main m(transport,
                    {.ping_interval = 100ms, .ping_timeout = 400ms, .resume_for = 10000ms});
    const auto r = m.renderer("r");
    const web_contents c = m.main.from_identity("r").value();
    r->kill(SIGSTOP);
    BOOST_TEST(eventually([&] { return !c.info().connected; }));
    const auto call = c.invoke<std::string>("echo", "still there");
    r->kill(SIGCONT);
    BOOST_TEST(call.get_for(8s) == "still there");
    BOOST_TEST(!c.is_destroyed());
    BOOST_TEST(r->ask("send note back", "ok") == " ");
    BOOST_TEST(m.story.is({"created r", "r says back"}));
  });
}

BOOST_AUTO_TEST_CASE(renderer_whose_listener_blocks_stays_and_is_unresponsive_meanwhile) {
  across_processes([](std::string_view transport) {
    collected<std::string> seen;
    observed_main m(transport,
                    {.ping_interval = 100ms, .ping_timeout = 400ms, .unresponsive_after = 300ms});
    m.main.on_unresponsive([&](web_contents) { seen.add("unresponsive"); });
    m.main.on_responsive([&](web_contents) { seen.add("responsive"); });
    const auto r = m.renderer("r");
    const web_contents c = m.main.from_identity("r").value();
    c.send("block", 1500);
    BOOST_TEST(r->expect("block begins") == "");
    BOOST_TEST(code_of([&] { c.invoke({.deadline = 1000ms}, "echo", "x").get(); }) == "timed_out");
    BOOST_TEST(!c.is_destroyed());
    BOOST_TEST(c.info().connected);
    BOOST_TEST(c.invoke<std::string>("echo", "x").get() == "x");
    BOOST_TEST(seen.is({"unresponsive", "responsive"}));
    BOOST_TEST(m.story.is({"created r"}));
  });
}

BOOST_AUTO_TEST_CASE(renderer_without_anybody_driving_it_stays_connected) {
  over_all_transports([](way w) {
    pair p(w, {.ping_interval = 50ms, .ping_timeout = 200ms, .resume_for = 0ms});
    collected<int> heard;
    p.main.on("n", [&](event&, int n) { heard.add(n); });
    p.renderer.on("n", [&](event&, int n) { heard.add(n); });
    const web_contents c = p.contents();
    std::this_thread::sleep_for(
        700ms);  // three ping timeouts: nothing to wait for, that is the claim
    BOOST_TEST(!c.is_destroyed());
    p.renderer.send("n", 1);
    BOOST_TEST(eventually([&] { return p.main.poll(100ms) != 0 && heard.size() == 1; }));
    c.send("n", 2);
    BOOST_TEST(eventually([&] { return p.renderer.poll(100ms) != 0 && heard.size() == 2; }));
    BOOST_TEST(heard.is({1, 2}));
  });
}

// The renderer's, which comes first: if both pinged it would be twice as many frames.
BOOST_AUTO_TEST_CASE(one_ping_and_one_pong_in_each_interval_keep_both_sides_content) {
  over_all_transports([](way w) {
    pair p(w, {.ping_interval = 200ms, .ping_timeout = 2s});
    (void)p.contents();
    // A ping that is late on a busy machine lets main send one, too.
    std::uint64_t frames = 13;
    for (int tries = 0; tries < 3 && frames > 12; ++tries) {
      const std::uint64_t before = p.main.statistics().frames_received;
      std::this_thread::sleep_for(2s);
      frames = p.main.statistics().frames_received - before;
    }
    BOOST_TEST(frames >= 5u);
    BOOST_TEST(frames <= 12u);
  });
}

BOOST_AUTO_TEST_SUITE_END()
