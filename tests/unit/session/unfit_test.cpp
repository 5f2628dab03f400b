// SPDX-License-Identifier: MIT
// What was accepted before the peer's limits were known.
#include "one_side.hpp"

namespace {

using namespace session_test;

constexpr std::size_t large = (1 << 20) + 1000;

// Not established; what is sent waits.
struct waiting_side {
  session::session s{config_of(false), start};
  effects fx;

  void event(std::uint32_t n, std::size_t padding = 0) {
    s.event("c" + std::to_string(n), numbered(n, padding).view());
  }
  void welcomed() {
    wire::limits theirs = wire::minima;
    theirs.window = 64u << 20;
    fx.clear();
    s.establish(theirs, 5000, start);
    s.shed_unfit(fx);
  }
  std::string flushed() {
    fx.clear();
    s.flush(start, fx);
    return text_of(fx.send);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(unfit)

BOOST_AUTO_TEST_CASE(event_beyond_the_limits_is_reported_and_the_others_go_in_order) {
  waiting_side a;
  a.event(1);
  a.event(2, large);
  a.event(3);
  a.welcomed();
  BOOST_REQUIRE_EQUAL(a.fx.unfit.size(), 1U);
  BOOST_TEST(a.fx.unfit[0].channel == "c2");
  BOOST_TEST(a.fx.unfit[0].text.find("it accepts parts of 1048576") != std::string::npos);
  BOOST_TEST(a.flushed() == "#1 event 1; #2; #3 event 3");
  BOOST_TEST(a.s.wire_stream().queued_bytes() < 1000U);
}

BOOST_AUTO_TEST_CASE(last_one_is_seen_too) {
  waiting_side a;
  a.event(1, large);
  a.welcomed();
  BOOST_TEST(a.fx.unfit.size() == 1U);
}

BOOST_AUTO_TEST_CASE(call_beyond_the_limits_is_over) {
  waiting_side a;
  a.s.call(kind::invoke, "c", numbered(1, large).view(), never, named("a"));
  a.s.call(kind::invoke, "c", numbered(2).view(), never, named("b"));
  a.welcomed();
  BOOST_TEST(joined(texts_of(a.fx.completed)) == "a too_large");
  BOOST_TEST(a.fx.unfit.empty());
  BOOST_TEST(a.s.calls_open() == 1U);
  a.flushed();
  // It has left, so the end of the session is its end.
  a.fx.clear();
  session::session heir(config_of(false), start);
  a.s.end(errc::main_restarted, "", a.fx, &heir);
  BOOST_TEST(joined(texts_of(a.fx.completed)) == "b main_restarted");
}

BOOST_AUTO_TEST_CASE(attachments_count_one_by_one_and_together) {
  const auto attached = [](std::size_t count, std::size_t bytes) {
    waiting_side a;
    const std::vector<buffer> buffers(count, buffer::copy(std::string(bytes, 'x')));
    const numbered args(1);
    a.s.event("c", {args.view().bytes, buffers, {}});
    a.welcomed();
    return a.fx.unfit.size();
  };
  BOOST_TEST(attached(1, 1 << 20) == 0U);
  BOOST_TEST(attached(1, (1 << 20) + 1) == 1U);
  BOOST_TEST(attached(3, 1 << 20) == 0U);
  BOOST_TEST(attached(4, 1 << 20) == 1U);
  BOOST_TEST(attached(16, 100) == 0U);
  BOOST_TEST(attached(17, 100) == 1U);
}

BOOST_AUTO_TEST_CASE(small_messages_fit_whatever_the_limits) {
  waiting_side a;
  for (std::uint32_t i = 0; i < 5000; ++i) a.event(i, i % 100 == 0 ? 60000 : 10);
  a.welcomed();
  BOOST_TEST(a.fx.unfit.empty());
}

BOOST_AUTO_TEST_CASE(until_the_welcome_the_peer_is_taken_to_accept_what_we_do) {
  session::config c = config_of(false);
  c.limits.frame_bytes = 256u << 20;
  BOOST_TEST(session::session(c, start).their_limits().frame_bytes == 256u << 20);
  c.limits.frame_bytes = 1u << 20;
  BOOST_TEST(session::session(c, start).their_limits().frame_bytes == 64u << 20);
}

BOOST_AUTO_TEST_SUITE_END()
