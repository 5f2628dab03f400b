// SPDX-License-Identifier: MIT
// Where main can be, and what is said when it cannot.
#include "child_process.hpp"
#include "pair.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(endpoints)

namespace {
std::string main_at(const std::string& endpoint) {
  return failure_of([&] { ipc_main m({.endpoints = {endpoint}}); });
}
std::string renderer_at(const std::string& endpoint) {
  return failure_of([&] { ipc_renderer r({.endpoint = endpoint}); });
}
}  // namespace

BOOST_AUTO_TEST_CASE(several_endpoints_serve_at_once) {
  const temp_dir dir;
  collected<std::string> heard;
  const std::string inproc = fresh_endpoint("inproc", dir);
  ipc_main main({.endpoints = {dir.ipc(), "tcp://127.0.0.1:*", inproc, dir.ipc("second")}});
  main.on("x", [&](event& event) { heard.add(event.sender.identity()); });
  main.start();
  const auto bound = main.endpoints();
  BOOST_TEST_REQUIRE(bound.size() == 4U);
  BOOST_TEST(bound[0] == dir.ipc());
  BOOST_TEST(bound[1].starts_with("tcp://127.0.0.1:"));
  BOOST_TEST(!bound[1].ends_with(":0"));
  BOOST_TEST(!bound[1].ends_with("*"));
  std::vector<std::unique_ptr<ipc_renderer>> renderers;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    renderers.push_back(std::make_unique<ipc_renderer>(
        renderer_options{.endpoint = bound[i], .identity = std::to_string(i)}));
    renderers.back()->send("x");
    BOOST_TEST(heard.reaches(i + 1));
  }
  BOOST_TEST(heard.is({"0", "1", "2", "3"}));
  BOOST_TEST(main.web_contents().size() == 4U);
}

BOOST_AUTO_TEST_CASE(served_endpoint_is_refused_and_not_stolen) {
  const temp_dir dir;
  const std::string at = dir.ipc();
  ipc_main main({.endpoints = {at}});
  main.handle("who", [](event&) { return 1; });
  main.start();
  BOOST_TEST(main_at(at) == "endpoint_in_use: " + at + " is served by another main (pid " +
                                std::to_string(::getpid()) +
                                "); stop it, or choose another endpoint with IPCZMQ_ENDPOINT");
  child_process other({PEER_PROGRAM, "main", at});
  BOOST_TEST(other.expect("failed ").starts_with(at + " is served by another main (pid "));
  BOOST_TEST(other.wait() == 1);
  ipc_renderer r({.endpoint = at});
  BOOST_TEST(r.invoke<int>({.deadline = 5s}, "who").get() == 1);

  ipc_main on_tcp({.endpoints = {"tcp://127.0.0.1:*"}});
  const std::string port = on_tcp.endpoints().front();
  const std::string failure = main_at(port);
  BOOST_TEST(failure.starts_with("endpoint_in_use: "));
  BOOST_TEST(contains(failure, port));
  const std::string inproc = fresh_endpoint("inproc", dir);
  ipc_main inside({.endpoints = {inproc}});
  const std::string taken = main_at(inproc);
  BOOST_TEST(taken.starts_with("endpoint_in_use: "));
  BOOST_TEST(contains(taken, inproc));
}

BOOST_AUTO_TEST_CASE(socket_of_a_dead_main_is_taken_over) {
  const temp_dir dir;
  {
    child_process main({PEER_PROGRAM, "main", dir.ipc()});
    BOOST_TEST(main.expect("ready") == "");
    main.kill(SIGKILL);
    main.wait();
  }
  BOOST_TEST(main_at(dir.ipc()) == "");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_an_endpoint_is_named_with_the_next_step) {
  const temp_dir dir;
  for (const auto& at : {main_at, renderer_at}) {
    BOOST_TEST(at("/tmp/x.sock") ==
               "bad_endpoint: bad endpoint \"/tmp/x.sock\": the scheme is missing; write "
               "ipc:///path/to/main.sock, "
               "tcp://127.0.0.1:5555 or inproc://name");
    BOOST_TEST(at("udp://127.0.0.1:1") ==
               "bad_endpoint: bad endpoint \"udp://127.0.0.1:1\": the scheme must be ipc, tcp or "
               "inproc; write "
               "ipc:///path/to/main.sock, tcp://127.0.0.1:5555 or inproc://name");
    BOOST_TEST(contains(at("tcp://127.0.0.1"), "the port is missing; write tcp://127.0.0.1:5555"));
    const std::string failure = at("ipc://" + dir.path() + "/" + std::string(200, 'x'));
    BOOST_TEST(failure.starts_with("bad_endpoint: "));
    BOOST_TEST(contains(failure, "a socket's may have 107; choose a shorter directory"));
    const std::string open = at("tcp://0.0.0.0:0");
    BOOST_TEST(open.starts_with("forbidden: 'tcp://0.0.0.0:0' reaches beyond this machine"));
    BOOST_TEST(contains(open, "set `insecure` when the network is trusted"));
  }
  BOOST_TEST(contains(main_at("ipc://" + dir.path() + "/none/main.sock"),
                      "the directory " + dir.path() +
                          "/none does not exist; create it, or choose another endpoint"));
  std::ofstream(dir.path() + "/file") << "precious";
  BOOST_TEST(contains(main_at(dir.ipc("file")), "exists and is not a socket, so it is left alone"));
}

BOOST_AUTO_TEST_CASE(insecure_tcp_works_and_says_so) {
  collected<std::string> log;
  const auto warn = [&](log_level l, std::string_view s) {
    if (l >= log_level::warning) log.add(std::string(s));
  };
  ipc_main main({.endpoints = {"tcp://0.0.0.0:*"}, .insecure = true, .log = warn});
  main.handle("x", [](event&) { return 1; });
  main.start();
  const std::string at = main.endpoints().front();
  BOOST_TEST(log.reaches(1));
  BOOST_TEST(contains(log.all().at(0), "without keys"));
  ipc_renderer r({.endpoint = "tcp://127.0.0.1" + at.substr(at.rfind(':'))});
  BOOST_TEST(r.invoke<int>({.deadline = 5s}, "x").get() == 1);
}

BOOST_AUTO_TEST_CASE(default_endpoint_is_the_environments_or_a_private_directory) {
  const temp_dir dir;
  ::setenv("XDG_RUNTIME_DIR", dir.path().c_str(), 1);
  ::unsetenv("IPCZMQ_ENDPOINT");
  {
    ipc_main main;
    BOOST_TEST(main.endpoints().front() == "ipc://" + dir.path() + "/ipczmq/main.sock");
    struct stat s {};
    BOOST_TEST(::stat((dir.path() + "/ipczmq").c_str(), &s) == 0);
    BOOST_TEST((s.st_mode & 0777) == 0700U);
    BOOST_TEST(::stat((dir.path() + "/ipczmq/main.sock").c_str(), &s) == 0);
    BOOST_TEST((s.st_mode & 0777) == 0600U);
    main.handle("x", [](event&) { return 1; });
    main.start();
    ipc_renderer r;
    BOOST_TEST(r.invoke<int>({.deadline = 5s}, "x").get() == 1);
  }
  ::setenv("IPCZMQ_ENDPOINT", dir.ipc("chosen").c_str(), 1);
  {
    ipc_main main;
    BOOST_TEST(main.endpoints().front() == dir.ipc("chosen"));
  }
  ::unsetenv("IPCZMQ_ENDPOINT");
}

BOOST_AUTO_TEST_CASE(connect_within_fails_with_the_endpoint_when_there_is_no_main) {
  const temp_dir dir;
  const stopwatch watch;
  BOOST_TEST(failure_of([&] {
               ipc_renderer r({.endpoint = dir.ipc(), .connect_within = 100ms});
             }) == "disconnected: no main answers at " + dir.ipc() +
                       " after 100 ms; start it, or check the endpoint (IPCZMQ_ENDPOINT)");
  BOOST_TEST((watch.elapsed() >= 100ms && watch.elapsed() < 1s));
  ipc_main main({.endpoints = {dir.ipc()}});
  main.start();
  ipc_renderer r({.endpoint = dir.ipc(), .connect_within = 5s});
  BOOST_TEST(r.is_connected());
}

BOOST_AUTO_TEST_CASE(bad_identity_is_refused) {
  const temp_dir dir;
  for (const std::string& identity :
       {std::string(201, 'x'), std::string("a\0b", 3), std::string("\xff")})
    BOOST_TEST(code_of([&] { ipc_renderer r({.endpoint = dir.ipc(), .identity = identity}); }) ==
               "bad_arguments");
}

BOOST_AUTO_TEST_CASE(negative_times_are_refused_by_their_names) {
  const temp_dir dir;
  BOOST_TEST(failure_of([&] { ipc_main m({.endpoints = {dir.ipc()}, .resume_for = -5ms}); }) ==
             "bad_arguments: resume_for is -5 ms; it cannot be negative");
  BOOST_TEST(failure_of([&] { ipc_renderer r({.endpoint = dir.ipc(), .linger = -1ms}); }) ==
             "bad_arguments: linger is -1 ms; it cannot be negative");
}

BOOST_AUTO_TEST_CASE(localhost_is_this_machine) {
  ipc_main main("tcp://localhost:*");
  main.handle("x", [](event&) { return 1; });
  main.start();
  const std::string at = main.endpoints().front();
  ipc_renderer r("tcp://localhost" + at.substr(at.rfind(':')));
  BOOST_TEST(r.invoke<int>({.deadline = 5s}, "x").get() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
