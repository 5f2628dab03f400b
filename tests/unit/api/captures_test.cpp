// SPDX-License-Identifier: MIT
// What callables write to what they have captured by reference is seen where it was declared.
// Compiled at -O1, where gcc 12 forgets it: see detail/keep_captures.hpp.
#include "local_emitter.hpp"

#include <ipczmq/task.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using ipczmq::args;
using ipczmq::event;
using ipczmq::test::local_emitter;

BOOST_AUTO_TEST_SUITE(captures)

BOOST_AUTO_TEST_CASE(of_a_listener_that_takes_all_arguments) {
  local_emitter e;
  int calls = 0;
  e.on("x", [&](event&, args) { ++calls; });
  e.emit("x", 1);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(of_a_typed_listener) {
  local_emitter e;
  int calls = 0;
  e.on("x", [&](event&, int n) { calls += n; });
  e.emit("x", 1);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(of_a_listener_without_arguments) {
  local_emitter e;
  bool running = true;
  e.once("x", [&running](event&) { running = false; });
  for (int turns = 0; running && turns < 2; ++turns) e.emit("x");
  BOOST_TEST(!running);
}

BOOST_AUTO_TEST_CASE(of_a_coroutine) {
  local_emitter e;
  int calls = 0;
  e.on("x", [&](event&, int n) -> ipczmq::task<> {
    calls += n;
    co_return;
  });
  e.emit("x", 1);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_SUITE_END()
