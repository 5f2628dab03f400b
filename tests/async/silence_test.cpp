// SPDX-License-Identifier: MIT
// What is said when nobody dispatches.
#include "pair.hpp"

#include <string>

using namespace ipczmq::test;
using ipczmq::event;
using ipczmq::ipc_main;
using ipczmq::ipc_renderer;
using ipczmq::log_level;

namespace {

struct quiet_main {
  collected<std::string> log;
  temp_dir dir;
  ipc_main main{{.endpoints = {dir.ipc()}, .log = [this](log_level level, std::string_view line) {
                   if (level >= log_level::warning) log.add(std::string(line));
                 }}};
  ipc_renderer renderer{dir.ipc()};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_main_that_is_never_run_is_told_once) {
  quiet_main m;
  m.main.on("x", [](event&) {});
  m.renderer.send("x");
  BOOST_TEST(m.log.reaches(1));
  m.renderer.send("x");
  m.renderer.drain(5s);
  BOOST_TEST(m.log.size() == 1U);
  BOOST_TEST(contains(m.log.all().at(0), "nobody dispatches in 'main': a message from '" +
                                             m.renderer.identity() +
                                             "' on 'x' has waited for a second"));
  BOOST_TEST(
      contains(m.log.all().at(0), "call run(), start(), or poll() whenever fd() is readable"));
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_loop_is_never_run) {
  quiet_main m;
  m.main.handle("x", [](event&) {});
  (void)m.main.fd();
  auto c = m.renderer.invoke<void>("x");
  BOOST_TEST(m.log.reaches(1));
  BOOST_TEST(contains(m.log.all().at(0), "a call from"));
}

BOOST_AUTO_TEST_CASE(calls_that_wait_are_told_without_any_listener) {
  quiet_main m;
  auto c = m.renderer.invoke<void>("x");
  BOOST_TEST(m.log.reaches(1));
}

BOOST_AUTO_TEST_CASE(a_callback_that_waits_is_told) {
  collected<std::string> log;
  temp_dir dir;
  ipc_main main(dir.ipc());
  main.handle("x", [](event&) {});
  main.start();
  ipc_renderer r({.endpoint = dir.ipc(),
                  .log = [&](log_level, std::string_view line) { log.add(std::string(line)); }});
  r.invoke<void>("x").then([] {});
  BOOST_TEST(log.reaches(1));
  BOOST_TEST(contains(log.all().at(0), "what follows on a call (then, co_await)"));
}

BOOST_AUTO_TEST_CASE(whoever_dispatches_or_has_no_listeners_hears_nothing) {
  quiet_main none;
  none.renderer.send("x");
  quiet_main late;
  late.main.on("x", [](event&) {});
  late.main.poll();
  late.renderer.send("x");
  quiet_main told;
  told.main.on("x", [](event&) {});
  told.renderer.send("x");
  BOOST_TEST(told.log.reaches(1));  // by then the others would have been told, too
  BOOST_TEST(none.log.size() == 0U);
  BOOST_TEST(late.log.size() == 0U);
}
