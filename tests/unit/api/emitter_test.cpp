// SPDX-License-Identifier: MIT
// Node's EventEmitter, as far as DESIGN.md §2 keeps it.
#include "local_emitter.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

using ipczmq::event;
using ipczmq::listener;
using strings = std::vector<std::string>;

namespace {

struct recording {
  strings calls;
  ipczmq::test::local_emitter e;

  auto call(std::string name) {
    return [this, name] { calls.push_back(name); };
  }
};

}  // namespace

#define SAME(a, ...) BOOST_TEST((a) == (strings{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_AUTO_TEST_SUITE(emitter)

BOOST_FIXTURE_TEST_CASE(listeners_are_called_in_order_with_the_arguments, recording) {
  e.on("x", [&](event&, int n, const std::string& s) { calls.push_back(s + std::to_string(n)); });
  e.add_listener("x", call("second"));
  BOOST_TEST(e.emit("x", 7, "first"));
  SAME(calls, "first7", "second");
}

BOOST_FIXTURE_TEST_CASE(emit_takes_arguments_that_are_msgpack_already, recording) {
  e.on("x", [&](event&, int n, const std::string& s) { calls.push_back(s + std::to_string(n)); });
  const auto packed = ipczmq::pack(std::tuple(7, "raw"));
  BOOST_TEST(e.emit_raw("x", packed));
  BOOST_TEST(!e.emit_raw("other", packed));
  SAME(calls, "raw7");
  BOOST_CHECK_THROW(e.emit_raw("x", ipczmq::pack(7)), ipczmq::error);
}

BOOST_FIXTURE_TEST_CASE(emit_without_listeners_is_false, recording) {
  e.on("other", call(""));
  BOOST_TEST(!e.emit("x"));
  BOOST_TEST(!e.emit(""));
}

BOOST_FIXTURE_TEST_CASE(prepended_listeners_go_first, recording) {
  e.on("x", call("on"));
  e.prepend_listener("x", call("prepended"));
  e.prepend_once_listener("x", call("once"));
  e.emit("x");
  e.emit("x");
  SAME(calls, "once", "prepended", "on", "prepended", "on");
}

BOOST_FIXTURE_TEST_CASE(one_callable_may_be_registered_twice, recording) {
  const auto f = call("f");
  e.on("x", f);
  e.on("x", f);
  e.emit("x");
  BOOST_TEST(e.listener_count("x") == 2U);
  SAME(calls, "f", "f");
}

BOOST_FIXTURE_TEST_CASE(once_is_removed_before_it_is_called, recording) {
  e.once("x", [&] {
    calls.emplace_back("once");
    BOOST_TEST(e.listener_count("x") == 0U);
    e.emit("x");
  });
  e.emit("x");
  e.emit("x");
  SAME(calls, "once");
}

BOOST_FIXTURE_TEST_CASE(listener_removed_during_emit_is_still_called_this_time, recording) {
  listener second;
  e.on("x", [&] { e.off(second); });
  second = e.on("x", call("second"));
  e.emit("x");
  e.emit("x");
  SAME(calls, "second");
}

BOOST_FIXTURE_TEST_CASE(listener_added_during_emit_is_called_the_next_time, recording) {
  e.once("x", [&] { e.on("x", call("late")); });
  e.emit("x");
  BOOST_TEST(calls.empty());
  e.emit("x");
  SAME(calls, "late");
}

BOOST_FIXTURE_TEST_CASE(throwing_listener_stops_emit_and_reaches_its_caller, recording) {
  e.on("x", [] { throw std::runtime_error("mine"); });
  e.on("x", call("not reached"));
  BOOST_CHECK_EXCEPTION(e.emit("x"), std::runtime_error,
                        [](const auto& x) { return x.what() == std::string("mine"); });
  BOOST_TEST(calls.empty());
}

BOOST_FIXTURE_TEST_CASE(arguments_that_do_not_fit_reach_the_caller_of_emit, recording) {
  e.on("x", [](event&, int) {});
  BOOST_CHECK_EXCEPTION(e.emit("x", "one"), ipczmq::error, [](const ipczmq::error& x) {
    return x.what() == std::string("channel 'x': argument 1: wanted int32, got string");
  });
}

BOOST_FIXTURE_TEST_CASE(off_takes_the_token_with_or_without_its_channel, recording) {
  const listener a = e.on("x", call("a"));
  const listener b = e.on("x", call("b"));
  BOOST_TEST(!e.off("y", a));
  BOOST_TEST(!e.off("", a));
  BOOST_TEST(e.off("x", a));
  BOOST_TEST(!e.remove_listener("x", a));
  BOOST_TEST(e.remove_listener(b));
  BOOST_TEST(!e.off(b));
  BOOST_TEST(!e.off(listener()));
  BOOST_TEST(!e.emit("x"));
}

BOOST_FIXTURE_TEST_CASE(off_removes_the_most_recent_match, recording) {
  e.on("x", call("first"));
  const listener second = e.on("x", call("second"));
  e.on("x", call("third"));
  e.off(second);
  e.emit("x");
  SAME(calls, "first", "third");
}

BOOST_FIXTURE_TEST_CASE(token_of_another_emitter_removes_nothing, recording) {
  ipczmq::test::local_emitter other;
  e.on("x", call("mine"));
  const listener theirs = other.on("x", call("theirs"));
  BOOST_TEST(!e.off(theirs));
  BOOST_TEST(e.listener_count("x") == 1U);
  BOOST_TEST(theirs.remove());
}

BOOST_FIXTURE_TEST_CASE(copies_share_the_table, recording) {
  ipczmq::emitter copy = e;
  copy.on("x", call("x"));
  BOOST_TEST(e.emit("x"));
}

BOOST_FIXTURE_TEST_CASE(on_any_is_called_first_and_for_every_channel, recording) {
  e.on("x", call("x"));
  const listener any =
      e.on_any([&](event& ev) { calls.push_back("any " + std::string(ev.channel)); });
  BOOST_TEST(e.emit("x"));
  BOOST_TEST(e.emit("y"));
  SAME(calls, "any x", "x", "any y");
  BOOST_TEST(e.listener_count("y") == 0U);
  SAME(e.event_names(), "x");
  BOOST_TEST(e.off_any(any));
  BOOST_TEST(!e.emit("y"));
}

BOOST_FIXTURE_TEST_CASE(R_80_all_listeners_may_be_removed, recording) {
  e.on("x", call(""));
  e.on("y", call(""));
  e.on("y", call(""));
  e.on_any(call(""));
  e.handle("x", [] {});
  e.remove_all_listeners("y");
  SAME(e.event_names(), "x");
  e.remove_all_listeners();
  BOOST_TEST(e.event_names().empty());
  BOOST_TEST(!e.emit("x"));
  BOOST_TEST(e.has_handler("x"));
}

BOOST_FIXTURE_TEST_CASE(hooks_cannot_be_reached_by_a_channel, recording) {
  e.on_listener_added(
      [&](auto channel, const auto&) { calls.push_back("+" + std::string(channel)); });
  e.on_listener_removed(
      [&](auto channel, const auto&) { calls.push_back("-" + std::string(channel)); });
  e.on("newListener", call("called")).remove();
  BOOST_TEST(!e.emit("newListener"));
  BOOST_TEST(!e.emit("removeListener"));
  SAME(calls, "+newListener", "-newListener");
}

BOOST_FIXTURE_TEST_CASE(scoped_listener_removes_itself, recording) {
  {
    const ipczmq::scoped_listener s = e.on("x", call(""));
    BOOST_TEST(e.listener_count("x") == 1U);
  }
  BOOST_TEST(e.listener_count("x") == 0U);
  {
    ipczmq::scoped_listener a = e.on("x", call(""));
    ipczmq::scoped_listener b = std::move(a);
    BOOST_TEST(!a.get());
    a = e.on("y", call(""));
    b = std::move(a);
    BOOST_TEST(e.listener_count("x") == 0U);
    BOOST_TEST(e.listener_count("y") == 1U);
    b.release();
  }
  BOOST_TEST(e.listener_count("y") == 1U);
}

BOOST_FIXTURE_TEST_CASE(scoped_listener_may_outlive_the_emitter, recording) {
  std::optional<ipczmq::test::local_emitter> gone(std::in_place);
  ipczmq::scoped_listener s = gone->on("x", call(""));
  gone.reset();
  BOOST_CHECK_NO_THROW(s.reset());
}

BOOST_FIXTURE_TEST_CASE(max_listeners_is_ten_unless_set, recording) {
  BOOST_TEST(e.get_max_listeners() == 10U);
  e.set_max_listeners(3);
  BOOST_TEST(e.get_max_listeners() == 3U);
}

BOOST_FIXTURE_TEST_CASE(copy_of_a_local_event_outlives_emit, recording) {
  std::optional<event> kept;
  ipczmq::args arguments;
  e.on("x", [&](event& ev, ipczmq::args a) {
    kept = ev;
    arguments = a;
  });
  e.emit("x", "hello");
  BOOST_TEST(kept->channel == "x");
  BOOST_TEST(arguments.get<std::string>(0) == "hello");
}

BOOST_FIXTURE_TEST_CASE(local_event_has_no_sender_and_is_no_call, recording) {
  e.on("x", [&](const event& ev) {
    calls.emplace_back("called");
    BOOST_TEST(!ev.sender);
    BOOST_TEST(!ev.is_call());
    BOOST_TEST(!ev.cancelled());
    ev.return_value = 42;  // nobody waits for it
  });
  e.emit("x");
  SAME(calls, "called");
}

BOOST_FIXTURE_TEST_CASE(emitter_may_be_destroyed_by_its_listener, recording) {
  std::optional<ipczmq::test::local_emitter> short_lived(std::in_place);
  short_lived->on("x", [&] { short_lived.reset(); });
  short_lived->on("x", call("second"));
  BOOST_TEST(short_lived->emit("x"));
  SAME(calls, "second");
}

BOOST_AUTO_TEST_SUITE_END()
