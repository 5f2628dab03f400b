// SPDX-License-Identifier: MIT
// Main dies, or leaves, and another comes in its place.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(restart)

namespace {

const log_callback quiet = [](log_level, std::string_view) {};

struct observed_renderer {
  explicit observed_renderer(const std::string& endpoint, std::string identity = "r")
      : renderer({.endpoint = endpoint,
                  .identity = std::move(identity),
                  .linger = 100ms,
                  .log = quiet}) {
    renderer.on_connected([this] { story.add("connected"); });
    renderer.on_recovered([this] { story.add("recovered"); });
    renderer.on_disconnected([this](const disconnect_details& d) {
      story.add("disconnected " + std::string(errc_name(d.code)));
    });
    renderer.on_closed([this](const disconnect_details& d) {
      story.add("closed " + std::string(errc_name(d.code)));
    });
    renderer.on("news", [this](event&, std::string s) { news.add(s); });
    renderer.start();
  }
  collected<std::string> story;
  collected<std::string> news;
  ipc_renderer renderer;
};

template <class F>
void across_processes(F f) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) { f(transport); }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(killed_main_fails_calls_at_once_and_the_next_one_is_found) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    std::optional<child_process> main(
        std::in_place,
        std::vector<std::string>{PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    const std::string endpoint = main->expect("endpoint ");
    observed_renderer r(endpoint);
    BOOST_TEST(r.renderer.invoke<std::string>("echo", "x").get() == "x");
    BOOST_TEST(eventually([&] { return main->ask("publish news one", "ok ") == "1"; }));
    const auto call = r.renderer.invoke("never");
    BOOST_TEST(main->expect("never called") == "");
    const stopwatch watch;
    main->kill(SIGKILL);
    BOOST_TEST(code_of([&] { (void)call.get_for(5s); }) == "main_restarted");
    BOOST_TEST(watch.elapsed() < 500ms);
    main->wait();
    main.emplace(std::vector<std::string>{PEER_PROGRAM, "main", endpoint});
    BOOST_TEST(main->expect("ready") == "");
    BOOST_TEST(eventually([&] { return r.story.all().back() == "connected"; }, 10s));
    BOOST_TEST(r.story.all().at(r.story.size() - 2) == "disconnected main_restarted");
    BOOST_TEST(r.renderer.invoke<std::string>({.deadline = 5s}, "echo", "again").get() == "again");
    BOOST_TEST(eventually([&] { return main->ask("publish news two", "ok ") == "1"; }));
    BOOST_TEST(eventually([&] { return !r.news.all().empty() && r.news.all().back() == "two"; }));
  });
}

BOOST_AUTO_TEST_CASE(main_that_closes_disconnects_and_the_next_one_gets_what_waits) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    std::optional<child_process> main(
        std::in_place,
        std::vector<std::string>{PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    const std::string endpoint = main->expect("endpoint ");
    observed_renderer r(endpoint);
    BOOST_TEST(r.renderer.invoke<std::string>("echo", "x").get() == "x");
    const auto call = r.renderer.invoke("never");
    BOOST_TEST(main->expect("never called") == "");
    main->say("exit");
    BOOST_TEST(code_of([&] { (void)call.get_for(5s); }) == "disconnected");
    BOOST_TEST(main->wait() == 0);
    BOOST_TEST(r.story.is({"connected", "disconnected disconnected"}));
    // Sent while nobody is there: waits.
    const auto waiting = r.renderer.invoke<std::string>("echo", "patience");
    for (int i = 0; i < 100; ++i) r.renderer.send("number", i);
    r.renderer.send("numbers", 100);
    main.emplace(std::vector<std::string>{PEER_PROGRAM, "main", endpoint});
    BOOST_TEST(waiting.get_for(10s) == "patience");
    BOOST_TEST(main->expect("numbers ") == "100");
    for (const std::string& line : main->seen()) BOOST_TEST(!line.starts_with("disorder"));
  });
}

BOOST_AUTO_TEST_CASE(send_sync_that_waits_when_main_dies_fails) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    child_process main({PEER_PROGRAM, "main", fresh_endpoint(transport, dir)});
    observed_renderer r(main.expect("endpoint "));
    std::thread killer([&] {
      (void)main.expect("block begins");
      main.kill(SIGKILL);
    });
    BOOST_TEST(code_of([&] { r.renderer.send_sync({.deadline = 5s}, "block", 5000); }) ==
               "main_restarted");
    killer.join();
  });
}

BOOST_AUTO_TEST_CASE(stopped_main_that_wakes_up_in_time_goes_on_and_nothing_is_lost) {
  across_processes([](std::string_view transport) {
    const temp_dir dir;
    child_process main({PEER_PROGRAM, "main", fresh_endpoint(transport, dir), "ping_interval=100",
                        "ping_timeout=400"});
    observed_renderer r(main.expect("endpoint "));
    BOOST_TEST(r.renderer.invoke<std::string>("echo", "x").get() == "x");
    main.kill(SIGSTOP);
    for (int i = 0; i < 1000; ++i) r.renderer.send("number", i);
    BOOST_TEST(r.story.is({"connected", "disconnected disconnected"}));
    for (int i = 1000; i < 2000; ++i) r.renderer.send("number", i);
    main.kill(SIGCONT);
    BOOST_TEST(r.story.reaches(3, 10s));
    BOOST_TEST(r.story.all().at(2) == "recovered");
    r.renderer.send("numbers", 2000);
    BOOST_TEST(main.expect("numbers ") == "2000");
    for (const std::string& line : main.seen()) BOOST_TEST(!line.starts_with("disorder"));
    BOOST_TEST(r.renderer.statistics().messages_lost == 0U);
  });
}

BOOST_AUTO_TEST_CASE(renderer_process_started_first_works_when_main_comes) {
  const temp_dir dir;
  child_process renderer({PEER_PROGRAM, "renderer", dir.ipc(), "identity=first"});
  BOOST_TEST(renderer.expect("ready") == "");
  renderer.say("send note early");
  renderer.say("invoke echo x");
  child_process main({PEER_PROGRAM, "main", dir.ipc()});
  BOOST_TEST(main.expect("created ") == "first");
  BOOST_TEST(renderer.expect("ok x") == "");
}

BOOST_AUTO_TEST_CASE(main_in_the_same_process_may_be_replaced) {
  over_all_transports([](way w) {
    const temp_dir dir;
    std::optional<ipc_main> main(
        std::in_place, main_options{.endpoints = {fresh_endpoint(w.transport, dir)}, .log = quiet});
    const std::string endpoint = main->endpoints().front();
    observed_renderer r(endpoint);
    main->handle("who", [](event&) { return 1; });
    main->start();
    BOOST_TEST(r.renderer.invoke<int>("who").get() == 1);
    main.reset();
    BOOST_TEST(r.story.is({"connected", "disconnected disconnected"}));
    main.emplace(main_options{.endpoints = {endpoint}, .log = quiet});
    main->handle("who", [](event&) { return 2; });
    main->start();
    BOOST_TEST(r.renderer.invoke<int>({.deadline = 10s}, "who").get() == 2);
    BOOST_TEST(eventually([&] { return main->publish("news", "x") == 1; }));
    BOOST_TEST(r.news.reaches(1));
  });
}

BOOST_AUTO_TEST_SUITE_END()
