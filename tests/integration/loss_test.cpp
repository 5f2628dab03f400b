// SPDX-License-Identifier: MIT
// What the survivor is told, and gets back, when a session ends with messages on their way.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(loss)

namespace {

const log_callback quiet = [](log_level, std::string_view) {};

std::vector<int> numbers_of(const undelivered& u) {
  std::vector<int> all;
  for (const auto& m : u.messages()) all.push_back(m.arguments().get<int>(0));
  return all;
}

template <class F>
void across_processes(F f) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) { f(transport); }
  }
}

std::vector<int> range(int from, int to) {
  std::vector<int> all;
  for (; from < to; ++from) all.push_back(from);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(renderer_gets_back_what_a_killed_main_had_not_dispatched) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    child_process main({PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    collected<int> lost;
    std::atomic<int> received{-1};
    ipc_renderer r({.endpoint = main.expect("endpoint "), .identity = "r", .log = quiet});
    r.on_disconnected([&](const disconnect_details& d) {
      if (d.code != errc::main_restarted) return;
      received = d.unacknowledged == d.lost.total() ? static_cast<int>(d.lost.received) : -1;
      for (const int i : numbers_of(d.lost)) lost.add(i);
    });
    r.start();
    for (int i = 0; i < 5; ++i) r.send("number", i);
    BOOST_TEST(r.invoke<std::string>("echo", "x").get() == "x");
    // Main is in a listener: what comes now is received and not dispatched.
    std::string blocked;
    std::thread waits([&] { blocked = code_of([&] { r.send_sync("block", 20000); }); });
    BOOST_TEST(main.expect("block begins") == "");
    for (int i = 5; i < 10; ++i) r.send("number", i);
    BOOST_TEST(r.drain(5s).complete);
    main.kill(SIGKILL);
    BOOST_TEST(lost.reaches(5, 5s));
    BOOST_TEST((lost.all() == range(5, 10)));
    BOOST_TEST(received == 5);
    BOOST_TEST(r.statistics().messages_lost == 5U);
    waits.join();
    BOOST_TEST(blocked == "main_restarted");
  });
}

BOOST_AUTO_TEST_CASE(of_a_stopped_and_killed_main_the_fate_is_unknown) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    child_process main({PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    std::optional<undelivered> lost;
    std::atomic<bool> known{false};
    ipc_renderer r({.endpoint = main.expect("endpoint "), .identity = "r", .log = quiet});
    r.on_disconnected([&](const disconnect_details& d) {
      if (d.code != errc::main_restarted) return;
      lost = d.lost;
      known = true;
    });
    r.start();
    BOOST_TEST(r.invoke<std::string>("echo", "x").get() == "x");
    main.kill(SIGSTOP);
    for (int i = 0; i < 5; ++i) r.send("number", i);
    main.kill(SIGKILL);
    BOOST_TEST(eventually([&] { return known.load(); }));
    BOOST_TEST(lost->unknown == 5U);
    BOOST_TEST((numbers_of(*lost) == range(0, 5)));
    BOOST_TEST(lost->messages().at(0).channel == "number");
    BOOST_TEST((lost->messages().at(0).fate == fate::unknown));
  });
}

BOOST_AUTO_TEST_CASE(what_is_handed_back_can_be_sent_again) {
  const temp_dir dir;
  std::optional<child_process> main(std::in_place,
                                    std::vector<std::string>{PEER_PROGRAM, "main", dir.ipc()});
  ipc_renderer r({.endpoint = main->expect("endpoint "), .identity = "r", .log = quiet});
  std::atomic<bool> again{false};
  r.on_disconnected([&](const disconnect_details& d) {
    for (const auto& m : d.lost.messages()) r.send_raw(m.channel, m.bytes(), m.attachments());
    again = d.lost.total() == 5;
  });
  r.start();
  BOOST_TEST(r.invoke<std::string>("echo", "x").get() == "x");
  main->kill(SIGSTOP);
  for (int i = 0; i < 5; ++i) r.send("number", i, buffer(10000));
  main->kill(SIGKILL);
  BOOST_TEST(eventually([&] { return again.load(); }));
  main.emplace(std::vector<std::string>{PEER_PROGRAM, "main", dir.ipc()});
  r.send("numbers", 5);
  BOOST_TEST(main->expect("numbers ") == "5");
}

BOOST_AUTO_TEST_CASE(with_repeat_the_next_main_gets_everything_in_order) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    std::optional<child_process> main(
        std::in_place,
        std::vector<std::string>{PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    const std::string endpoint = main->expect("endpoint ");
    std::atomic<std::size_t> repeated{0};
    std::atomic<std::size_t> lost{0};
    ipc_renderer r({.endpoint = endpoint,
                    .identity = "r",
                    .after_restart = restart_policy::repeat,
                    .log = quiet});
    r.on_disconnected([&](const disconnect_details& d) {
      repeated += d.repeated;
      lost += d.lost.total();
    });
    r.start();
    BOOST_TEST(r.invoke<std::string>("echo", "x").get() == "x");
    main->kill(SIGSTOP);
    for (int i = 0; i < 500; ++i) r.send("number", i);
    main->kill(SIGKILL);
    BOOST_TEST(eventually([&] { return repeated == 500; }));
    for (int i = 500; i < 1000; ++i) r.send("number", i);
    main.emplace(std::vector<std::string>{PEER_PROGRAM, "main", endpoint});
    r.send("numbers", 1000);
    BOOST_TEST(main->expect("numbers ") == "1000");
    for (const std::string& line : main->seen()) BOOST_TEST(!line.starts_with("disorder"));
    BOOST_TEST(lost == 0U);
    BOOST_TEST(r.statistics().messages_lost == 0U);
    BOOST_TEST(r.statistics().messages_repeated == 500U);
  });
}

BOOST_AUTO_TEST_CASE(main_gets_back_what_a_killed_renderer_had_not_dispatched) {
  across_processes([](std::string_view transport) {
    std::optional<gone_details> gone;
    std::atomic<bool> known{false};
    const temp_dir dir;
    ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}, .log = quiet});
    main.on_render_process_gone([&](web_contents, const gone_details& d) {
      gone = d;
      known = true;
    });
    main.start();
    child_process r({PEER_PROGRAM, "renderer", main.endpoints().front(), "identity=r"});
    std::optional<web_contents> c;
    BOOST_TEST(eventually([&] { return (c = main.from_identity("r")).has_value(); }));
    r.kill(SIGSTOP);
    for (int i = 0; i < 5; ++i) c->send("nobody listens", i);
    r.kill(SIGKILL);
    BOOST_TEST(eventually([&] { return known.load(); }));
    BOOST_TEST((gone->reason == gone_reason::crashed));
    BOOST_TEST(gone->unacknowledged == 5U);
    BOOST_TEST((numbers_of(gone->lost) == range(0, 5)));
  });
}

BOOST_AUTO_TEST_CASE(recovered_says_how_long_and_how_much) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    child_process main({PEER_PROGRAM, "main", fresh_endpoint(transport, dir), "ping_interval=100",
                        "ping_timeout=400"});
    std::optional<recovery_details> recovered;
    std::atomic<bool> known{false};
    collected<std::string> story;
    ipc_renderer r({.endpoint = main.expect("endpoint "), .identity = "r", .log = quiet});
    r.on_disconnected([&](const disconnect_details& d) {
      story.add("disconnected " + std::to_string(d.lost.total()));
    });
    r.on_recovered([&](const recovery_details& d) {
      recovered = d;
      known = true;
    });
    r.start();
    BOOST_TEST(r.invoke<std::string>("echo", "x").get() == "x");
    main.kill(SIGSTOP);
    for (int i = 0; i < 7; ++i) r.send("number", i);
    BOOST_TEST(story.is({"disconnected 0"}));
    main.kill(SIGCONT);
    BOOST_TEST(eventually([&] { return known.load(); }));
    BOOST_TEST(recovered->messages_repeated <= 7U);
    r.send("numbers", 7);
    BOOST_TEST(main.expect("numbers ") == "7");
  });
}

BOOST_AUTO_TEST_CASE(main_is_told_of_a_renderer_that_comes_back) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    collected<std::string> story;
    ipc_main main({.endpoints = {fresh_endpoint(transport, dir)},
                   .ping_interval = 100ms,
                   .ping_timeout = 400ms,
                   .log = quiet});
    main.on_recovered([&](web_contents c, const recovery_details& d) {
      story.add(c.identity() + (d.away >= 100ms ? " was away" : " was hardly away"));
    });
    main.start();
    child_process r({PEER_PROGRAM, "renderer", main.endpoints().front(), "identity=r"});
    BOOST_TEST(eventually([&] { return main.from_identity("r").has_value(); }));
    const web_contents c = main.from_identity("r").value();
    r.kill(SIGSTOP);
    // So long it has to be away; what it said before it stopped may bring it back for a moment.
    auto since = std::chrono::steady_clock::now();
    BOOST_TEST(eventually([&] {
      const auto now = std::chrono::steady_clock::now();
      if (c.info().connected) since = now;
      return now - since >= 150ms;
    }));
    r.kill(SIGCONT);
    // On a machine that is busy enough it is lost for a moment by itself, too.
    BOOST_TEST(eventually([&] {
      const auto all = story.all();
      return std::find(all.begin(), all.end(), "r was away") != all.end();
    }));
    BOOST_TEST(!c.is_destroyed());
  });
}

BOOST_AUTO_TEST_SUITE_END()
