// SPDX-License-Identifier: MIT
// Node's EventEmitter, as far as the verbs promise it (electron-ipc rules of the inherited
// emitter): with events that come from a peer.
#include "parity.hpp"

using namespace std::chrono_literals;
using ipczmq::event;
using parity::pair;
using strings = std::vector<std::string>;

#define SAME(a, ...) BOOST_TEST((a) == (strings{__VA_ARGS__}), boost::test_tools::per_element())

namespace {

struct recorder {
  strings log;
  auto operator()(std::string name) {
    return [this, name](event&) { log.push_back(name); };
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(node_test, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(emit_calls_in_order_and_prepended_ones_first) {
  pair p;
  recorder r;
  p.main.on("c", r("on"));
  p.main.add_listener("c", r("added"));
  p.main.prepend_listener("c", r("prepended"));
  p.main.prepend_once_listener("c", r("prepended once"));
  p.main.once("c", r("once"));
  p.renderer.send("c");
  p.settle();
  SAME(r.log, "prepended once", "prepended", "on", "added", "once");
  r.log.clear();
  p.renderer.send("c");
  p.settle();
  SAME(r.log, "prepended", "on", "added");
}

BOOST_AUTO_TEST_CASE(emit_iterates_over_a_copy) {
  pair p;
  recorder r;
  ipczmq::listener removed;
  p.main.on("c", [&](event&) {
    r.log.emplace_back("first");
    p.main.off("c", removed);
    p.main.on("c", r("added"));
  });
  removed = p.main.on("c", r("removed"));
  p.renderer.send("c");
  p.settle();
  SAME(r.log, "first", "removed");
}

BOOST_AUTO_TEST_CASE(duplicates_are_allowed_and_all_called) {
  pair p;
  recorder r;
  const std::function<void(event&)> same = r("x");
  p.main.on("c", same);
  const auto second = p.main.on("c", same);
  p.renderer.send("c");
  p.settle();
  SAME(r.log, "x", "x");
  BOOST_TEST(p.main.off("c", second));
  BOOST_TEST(!p.main.off("c", second));
  BOOST_TEST(p.main.listener_count("c") == 1U);
}

BOOST_AUTO_TEST_CASE(once_is_removed_before_it_is_called) {
  pair p;
  strings log;
  p.main.once("c", [&](event&) {
    log.push_back("called with " + std::to_string(p.main.listener_count("c")) + " left");
    if (p.main.emit("c")) log.emplace_back("called again");
  });
  p.renderer.send("c");
  p.renderer.send("c");
  p.settle();
  SAME(log, "called with 0 left");
}

BOOST_AUTO_TEST_CASE(new_listener_comes_before_the_add_and_remove_listener_after_the_removal) {
  pair p;
  strings log;
  const auto note = [&](const char* what) {
    return [&log, &p, what](std::string_view channel, const ipczmq::listener&) {
      log.push_back(what + std::to_string(p.main.listener_count(channel)));
    };
  };
  p.main.on_listener_added(note("added "));
  p.main.on_listener_removed(note("removed "));
  const auto l = p.main.on("c", [](event&) {});
  p.main.once("c", [](event&) {});
  p.main.off(l);
  p.renderer.send("c");
  p.main.on_listener_added({});
  p.settle();
  p.main.on_listener_removed({});
  SAME(log, "added 0", "added 1", "removed 1", "removed 0");
}

BOOST_AUTO_TEST_CASE(handlers_are_no_listeners) {
  pair p;
  p.main.handle("h", [](event&) {});
  BOOST_TEST(p.main.listener_count("h") == 0U);
  BOOST_TEST(p.main.event_names().empty());
}

BOOST_AUTO_TEST_CASE(error_is_a_channel_like_others) {
  pair p;
  BOOST_TEST(!p.main.emit("error"));
  p.renderer.send("error", "nobody listens");
  p.settle();
}

BOOST_AUTO_TEST_SUITE_END()
