// SPDX-License-Identifier: MIT
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(publish)

namespace {
// Publishes until as many are reached: a subscription takes a moment to arrive.
bool publishes_to(ipc_main& m, std::size_t n, std::string_view channel = "news") {
  return eventually([&] { return m.publish(channel, "probe") == n; });
}
}  // namespace

BOOST_AUTO_TEST_CASE(broadcast_goes_to_all_and_publish_to_those_who_listen) {
  in_all_ways([](way w) {
    collected<std::string> first;
    collected<std::string> second;
    pair p(w);
    ipc_renderer other(p.another("other"));
    const driver driving_other(other, w.drive);
    p.renderer.on("news", [&](event&, std::string s) { first.add(s); });
    other.on("other news", [&](event&, std::string s) { second.add(s); });
    p.go();
    (void)p.contents();
    BOOST_TEST(eventually([&] { return p.main.web_contents().size() == 2; }));
    BOOST_TEST(publishes_to(p.main, 1));
    BOOST_TEST(publishes_to(p.main, 1, "other news"));
    BOOST_TEST(p.main.publish("nobody's", "x") == 0U);
    BOOST_TEST(p.main.publish("news", "to one") == 1U);
    BOOST_TEST(p.main.broadcast("news", "to all") == 2U);
    BOOST_TEST(p.main.broadcast("other news", "to all") == 2U);
    BOOST_TEST(eventually([&] { return !first.all().empty() && first.all().back() == "to all"; }));
    BOOST_TEST(
        eventually([&] { return !second.all().empty() && second.all().back() == "to all"; }));
    const auto all = second.all();
    BOOST_TEST(std::count(all.begin(), all.end(), "to one") == 0);
  });
}

BOOST_AUTO_TEST_CASE(subscriptions_follow_listeners_after_connecting) {
  over_all_transports([](way w) {
    pair p(w);
    p.go();
    (void)p.contents();
    BOOST_TEST(p.renderer.drain(5s).complete);
    BOOST_TEST(p.main.publish("news", "x") == 0U);
    const listener one = p.renderer.on("news", [](event&) {});
    const listener two = p.renderer.on("news", [](event&) {});
    BOOST_TEST(publishes_to(p.main, 1));
    one.remove();
    BOOST_TEST(p.renderer.drain(5s).complete);
    BOOST_TEST(p.main.publish("news", "x") == 1U);
    two.remove();
    BOOST_TEST(publishes_to(p.main, 0));
    // Another pair: no news may be under way that would use the once up.
    pair q(w);
    q.go();
    (void)q.contents();
    q.renderer.once("news", [](event&) {});
    BOOST_TEST(publishes_to(q.main, 1));
    BOOST_TEST(publishes_to(q.main, 0));  // it was called
  });
}

BOOST_AUTO_TEST_CASE(on_any_subscribes_to_everything) {
  collected<std::string> heard;
  pair p;
  const listener any = p.renderer.on_any([&](event& e) { heard.add(std::string(e.channel)); });
  p.go();
  (void)p.contents();
  BOOST_TEST(publishes_to(p.main, 1, "whatever"));
  BOOST_TEST(p.main.publish("something else") == 1U);
  BOOST_TEST(
      eventually([&] { return heard.size() > 1 && heard.all().back() == "something else"; }));
  p.renderer.off_any(any);
  BOOST_TEST(publishes_to(p.main, 0, "whatever"));
}

BOOST_AUTO_TEST_CASE(listener_count_does_not_matter_for_what_is_received) {
  collected<std::string> heard;
  pair p;
  p.renderer.on("news", [&](event&, std::string s) { heard.add(s); });
  p.renderer.on("news", [&](event&, std::string s) { heard.add(s); });
  p.go();
  (void)p.contents();
  BOOST_TEST(eventually([&] { return p.main.publish("news", "x") == 1; }));
  BOOST_TEST(heard.is({"x", "x"}));
}

BOOST_AUTO_TEST_CASE(removing_all_listeners_unsubscribes_and_so_does_leaving) {
  pair p;
  p.renderer.on("news", [](event&) {});
  p.renderer.on("other", [](event&) {});
  p.go();
  (void)p.contents();
  BOOST_TEST(publishes_to(p.main, 1));
  p.renderer.remove_all_listeners();
  BOOST_TEST(publishes_to(p.main, 0));
  BOOST_TEST(publishes_to(p.main, 0, "other"));
  p.renderer.on("news", [](event&) {});
  BOOST_TEST(publishes_to(p.main, 1));
  p.renderer.close();
  BOOST_TEST(publishes_to(p.main, 0));
  BOOST_TEST(p.main.broadcast("news") == 0U);
}

BOOST_AUTO_TEST_CASE(works_across_processes) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}});
      const driver driving(main, "start");
      const std::string at = main.endpoints().front();
      child_process one({PEER_PROGRAM, "renderer", at, "identity=one"});
      child_process two({PEER_PROGRAM, "renderer", at, "identity=two", "drive=poll"});
      BOOST_TEST(two.ask("on news", "ok") == "");
      BOOST_TEST(eventually([&] { return main.web_contents().size() == 2; }));
      BOOST_TEST(publishes_to(main, 1));
      BOOST_TEST(two.expect("event news ") == "probe");
      BOOST_TEST(one.ask("on news", "ok") == "");
      BOOST_TEST(publishes_to(main, 2));
      BOOST_TEST(one.expect("event news ") == "probe");
      BOOST_TEST(two.ask("off news", "ok") == "");
      BOOST_TEST(publishes_to(main, 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(hundred_renderers_get_a_large_buffer_that_is_packed_once) {
  constexpr int count = 100;
  const buffer big = buffer::copy(std::string(1000000, 'b'));
  std::atomic<int> right{0};
  pair p;
  std::vector<std::unique_ptr<ipc_renderer>> others;
  for (int i = 0; i < count; ++i) {
    others.push_back(std::make_unique<ipc_renderer>(p.another()));
    others.back()->on("big", [&](event&, buffer b) { right += b == big ? 1 : 0; });
    others.back()->start();
  }
  p.go();
  BOOST_TEST(eventually([&] { return p.main.web_contents().size() == count + 1; }));
  BOOST_TEST(p.main.broadcast("big", big) == count + 1U);
  BOOST_TEST(eventually([&] { return right == count; }, 20s));
  BOOST_TEST(right == count);
}

BOOST_AUTO_TEST_SUITE_END()
