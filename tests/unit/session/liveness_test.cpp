// SPDX-License-Identifier: MIT
// What a session does by the clock.
#include "one_side.hpp"

namespace {
using namespace session_test;
}

BOOST_AUTO_TEST_SUITE(liveness)

BOOST_AUTO_TEST_CASE(a_deadline_that_passes_ends_the_call_and_tells_the_peer) {
  one_side a;
  a.call("x", start + 1s);
  a.call("y", start + 2s);
  a.flushed();
  BOOST_TEST((a.s.next_deadline() == start + 1s));
  BOOST_TEST((a.s.next_due() == start + 1s));
  a.now = start + 1s;
  BOOST_TEST(joined(texts_of(a.tick().completed)) == "x timed_out");
  BOOST_TEST(a.flushed() == "#2 cancel 1 timed_out");
  a.builder.reply(1, numbered(5).view());
  a.message(1);
  BOOST_TEST(a.s.replies_late == 1u);
}

BOOST_AUTO_TEST_CASE(deadlines_travel_on_the_clock_of_the_sender) {
  struct {
    time_point deadline;
    std::uint64_t wire;
  } const table[] = {
      {never, 0},       {start + 1s, 6000}, {start + 1s + 1ns, 6001},  // never before its time
      {start - 5s, 1},                                                 // 0 would be none
      {start - 10s, 1},
  };
  for (const auto& row : table) {
    one_side a;
    a.call("x", row.deadline);
    a.flushed();
    BOOST_TEST(read(a.fx.send.at(0))->messages.at(0).deadline == row.wire);
  }
}

BOOST_AUTO_TEST_CASE(the_peers_clock_is_mapped_by_the_fastest_message) {
  one_side a;  // hello said 5000 at `start`
  BOOST_TEST((a.s.local_deadline(6000) == start + 1s));
  a.now = start + 1s;
  a.builder.ping(kind::pong, 1, 5900, 0);  // slow: 100 ms on its way
  a.control();
  BOOST_TEST((a.s.local_deadline(6000) == start + 1s));
  a.builder.ping(kind::ping, 1, 6200, 0);  // the hello had taken 200 ms
  a.control();
  BOOST_TEST((a.s.local_deadline(6000) == start + 800ms));
  BOOST_TEST((a.s.local_deadline(0) == never));
}

BOOST_AUTO_TEST_CASE(absurd_clocks_and_deadlines_do_no_harm) {
  one_side a;
  for (const std::uint64_t clock :
       {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1} << 62}) {
    a.builder.ping(kind::ping, 1, clock, 0);
    a.control();
    BOOST_TEST((a.s.local_deadline(clock) == never));
  }
  BOOST_TEST((a.s.local_deadline(6000) == start + 1s));
}

BOOST_AUTO_TEST_CASE(ping_after_silence_pong_at_once_lost_after_the_timeout) {
  one_side a;
  BOOST_TEST((a.s.next_due() == start + 1s));
  BOOST_TEST(text_of(a.tick().send) == "");
  a.now = start + 1s;
  BOOST_TEST(text_of(a.tick().send) == "#0 ping");
  BOOST_TEST(text_of(a.tick().send) == "");
  a.now = start + 2s;
  BOOST_TEST(text_of(a.tick().send) == "#0 ping");
  a.builder.ping(kind::ping, 9, 7000, 0);
  BOOST_TEST(text_of(a.control().send) == "#0 pong");
  BOOST_TEST(read(a.fx.send[0])->messages[0].token == 9u);
  a.now = start + 6999ms;
  BOOST_TEST(!a.tick().lost);
  a.now = start + 7s;
  BOOST_TEST(a.tick().lost);
}

BOOST_AUTO_TEST_CASE(any_frame_counts_as_a_sign_of_life) {
  one_side a;
  a.now = start + 4s;
  a.control();
  a.now = start + 5s;
  BOOST_TEST(!a.tick().lost);
  BOOST_TEST((a.s.last_heard() == start + 4s));
}

BOOST_AUTO_TEST_CASE(pings_name_what_was_sent_and_show_what_is_missing) {
  one_side a;
  a.event(1);
  a.flushed();
  a.event(2, 60'000);
  a.event(3, 60'000);  // numbered, not flushed
  a.now += 1s;
  BOOST_TEST(read(a.tick().send.at(0))->messages[0].highest == 1u);
  a.builder.ping(kind::ping, 1, 6000, 3);
  a.control();
  BOOST_TEST(a.flushed().find("#0? ") == std::string::npos);
  BOOST_TEST(a.flushed() == "");
  one_side b;
  b.builder.ping(kind::pong, 1, 6000, 3);
  b.control();
  BOOST_TEST(b.flushed() == "#0?");
}

BOOST_AUTO_TEST_CASE(without_a_connection_it_is_silent_but_deadlines_pass) {
  one_side a;
  a.event(1);
  a.flushed();
  a.call("x", start + 20s);
  a.s.suspend();
  a.now = start + 15s;
  BOOST_TEST(text_of(a.tick().send) == "");
  BOOST_TEST(!a.fx.lost);
  BOOST_TEST(!a.fx.unresponsive);
  BOOST_TEST((a.s.next_due() == start + 20s));
  a.now = start + 20s;
  BOOST_TEST(joined(texts_of(a.tick().completed)) == "x timed_out");
  BOOST_TEST(a.flushed() == "");
  a.s.resume(1, 25'000, a.now);
  BOOST_TEST(!a.tick().lost);
  BOOST_TEST(a.flushed() == "#2 invoke 1; #3 cancel 1 timed_out");
}

BOOST_AUTO_TEST_CASE(unresponsive_when_nothing_is_dispatched_for_long_and_responsive_again) {
  one_side a;
  a.now = start + 60s;
  a.control();
  a.event(1);
  a.flushed();
  const auto alive_until = [&a](time_point t, std::uint64_t received, std::uint64_t dispatched) {
    while (a.now < t) {
      a.now = std::min(t, a.now + 500ms);
      if (a.control(received, dispatched).unresponsive || a.tick().unresponsive) return;
    }
  };
  alive_until(start + 69999ms, 1, 0);
  BOOST_TEST(!a.fx.unresponsive);
  alive_until(start + 70s, 1, 0);
  BOOST_TEST(a.fx.unresponsive);
  alive_until(start + 80s, 1, 0);
  BOOST_TEST(!a.fx.unresponsive);  // said once
  BOOST_TEST(a.control(1, 1).responsive);
  BOOST_TEST(!a.control(1, 1).responsive);
}

BOOST_AUTO_TEST_CASE(one_that_dispatches_slowly_is_not_unresponsive) {
  one_side a;
  for (std::uint32_t i = 1; i <= 5; ++i) {
    a.event(i);
    a.flushed();
  }
  for (std::uint64_t i = 1; i <= 5; ++i) {
    for (int j = 0; j < 9; ++j) {
      a.now += 1s;
      a.control(5, i - 1);
      BOOST_TEST(!a.tick().unresponsive);
    }
    a.control(5, i);
  }
}

BOOST_AUTO_TEST_CASE(the_timer_for_unresponsive_is_one_of_its_own) {
  one_side a;
  a.event(1);
  a.flushed();
  a.control(1, 0);
  for (int i = 0; i < 19; ++i) {
    a.now += 500ms;
    a.control(1, 0);
  }
  BOOST_TEST((a.s.next_due() == start + 10s));
}

BOOST_AUTO_TEST_CASE(a_bye_is_repeated_every_250_ms) {
  one_side a;
  (void)a.s.bye("closed");
  BOOST_TEST(text_of(a.tick().send) == "");
  BOOST_TEST((a.s.next_due() == start + 250ms));
  a.now += 250ms;
  BOOST_TEST(text_of(a.tick().send) == "#0 bye closed");
  a.now += 249ms;
  BOOST_TEST(text_of(a.tick().send) == "");
  a.now += 1ms;
  BOOST_TEST(text_of(a.tick().send) == "#0 bye closed");
}

BOOST_AUTO_TEST_CASE(pings_of_one_frame_are_answered_in_one_frame) {
  one_side a;
  for (const std::uint64_t token : {7u, 8u}) a.builder.ping(kind::ping, token, 0, 0);
  a.control();
  BOOST_TEST(text_of(a.fx.send) == "#0 pong, pong");
  const auto f = read(a.fx.send.at(0));
  BOOST_TEST(f->messages[1].token == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
