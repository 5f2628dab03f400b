// SPDX-License-Identifier: MIT
// A renderer and a main together: what neither shows alone.
#include "session_pair.hpp"

namespace {
using namespace session_test;
}

BOOST_AUTO_TEST_SUITE(pair_)

BOOST_AUTO_TEST_CASE(a_session_opens_and_carries_both_ways_in_order) {
  session_pair p;
  p.renderer.event(1);
  p.renderer.call(2);
  p.pass(100ms);
  p.main.event(3);
  p.main.call(4);
  p.pass(100ms);
  BOOST_TEST(joined(p.main.log) == "event 1; call 2");
  BOOST_TEST(joined(p.renderer.log) == "event 3; call 4");
  BOOST_TEST(joined(p.renderer.ended) == "call 2 reply");
  BOOST_TEST(joined(p.main.ended) == "call 4 reply");
  BOOST_TEST(p.idle());
}

BOOST_AUTO_TEST_CASE(an_idle_session_costs_two_frames_a_second) {
  session_pair p;
  p.pass(100ms);
  const std::size_t before = p.frames;
  p.pass(60s);
  BOOST_TEST(p.frames - before <= 250u);
  BOOST_TEST(p.frames - before >= 50u);
  BOOST_TEST(joined(p.renderer.news) == "connected");
}

BOOST_AUTO_TEST_CASE(a_cut_with_everything_in_flight_is_resumed) {
  session_pair p;
  p.pass(100ms);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    p.renderer.event(i);
    p.renderer.call(i + 10);
    p.main.event(i + 20);
    p.main.call(i + 30);
    p.pass(0ms);
  }
  p.cut();
  p.renderer.event(4);
  p.main.event(24);
  p.pass(1s);
  BOOST_TEST(joined(p.renderer.news) == "connected; disconnected disconnected 0; recovered");
  BOOST_TEST(joined(p.main.log) == "event 1; call 11; event 2; call 12; event 3; call 13; event 4");
  BOOST_TEST(joined(p.renderer.log) ==
             "event 21; call 31; event 22; call 32; event 23; call 33; event 24");
  BOOST_TEST(joined(p.renderer.ended) == "call 11 reply; call 12 reply; call 13 reply");
  BOOST_TEST(p.main.ended.size() == 3u);
  BOOST_TEST(p.idle());
}

BOOST_AUTO_TEST_CASE(the_window_is_open_again_right_after_a_resume) {
  session_pair p({.main_window = 1000, .renderer_window = 1000});
  p.pass(100ms);
  p.renderer.event(1, 900);
  p.pass(21ms);
  p.cut();  // the acknowledgement is lost
  p.renderer.event(2, 900);
  p.pass(200ms);
  BOOST_TEST(joined(p.main.log) == "event 1; event 2");
}

BOOST_AUTO_TEST_CASE(away_for_too_long_both_sides_give_up) {
  session_pair p;
  p.pass(100ms);
  p.part();
  p.renderer.call(1);
  p.main.call(2);
  p.main.event(3);
  p.pass(16s);
  p.join();
  BOOST_TEST(joined(p.main.news) == "created; gone");
  BOOST_TEST(joined(p.main.ended) == "call 2 peer_gone");
  p.pass(1s);
  BOOST_TEST(joined(p.renderer.news) ==
             "connected; disconnected disconnected 0; disconnected disconnected 0; connected");
  BOOST_TEST(joined(p.renderer.ended) == "call 1 reply");  // it had not left
}

BOOST_AUTO_TEST_CASE(a_restarted_main_gets_what_had_not_left) {
  session_pair p;
  p.pass(100ms);
  p.main.answers = false;
  p.renderer.call(1);
  p.renderer.event(2);
  p.pass(0ms);  // on its way
  p.restart_main();
  p.main.answers = true;
  p.renderer.call(3);
  p.renderer.event(4);
  p.pass(1s);
  BOOST_TEST(joined(p.renderer.news) ==
             "connected; disconnected disconnected 0; disconnected main_restarted 1; connected");
  BOOST_TEST(joined(p.main.log) == "call 3; event 4");
  BOOST_TEST(joined(p.renderer.ended) == "call 1 main_restarted; call 3 reply");
}

BOOST_AUTO_TEST_CASE(a_main_that_forgot_says_so_and_a_new_session_begins) {
  session_pair p;
  p.pass(100ms);
  p.end_main_session(errc::peer_gone);
  p.pass(3s);
  BOOST_TEST(joined(p.renderer.news) == "connected; disconnected main_restarted 0; connected");
}

BOOST_AUTO_TEST_CASE(a_main_that_is_closing_is_asked_again_until_another_is_there) {
  session_pair p;
  p.main_closing = true;
  p.pass(3s);
  BOOST_TEST(p.renderer.news.empty());
  p.main_closing = false;
  p.pass(600ms);
  BOOST_TEST(joined(p.renderer.news) == "connected");
}

BOOST_AUTO_TEST_CASE(bye_is_answered_by_bye) {
  session_pair p;
  p.pass(100ms);
  p.send_to_main(p.client.current().bye("closed"));
  p.pass(10ms);
  BOOST_TEST(joined(p.main.news) == "created; gone");
  BOOST_TEST(p.client.closed());

  session_pair q;
  q.pass(100ms);
  q.send_to_renderer(q.main_session->bye("killed"));
  q.pass(10ms);
  BOOST_TEST(joined(q.renderer.news) == "connected; closed closed 0");
  BOOST_TEST(joined(q.main.news) == "created; gone");
}

BOOST_AUTO_TEST_CASE(a_lost_bye_and_a_lost_answer_are_made_up_for) {
  for (const std::size_t lost : {1u, 2u}) {
    session_pair p;
    p.pass(100ms);
    p.what = fault::lose;
    p.fault_at = p.frames + lost;
    p.send_to_main(p.client.current().bye("closed"));
    p.pass(600ms);
    // When the answer is lost, main has forgotten the session and ignores the repeated bye.
    BOOST_TEST(p.client.closed() == (lost == 1));
    BOOST_TEST(joined(p.main.news) == "created; gone");
  }
}

BOOST_AUTO_TEST_CASE(a_busy_peer_is_unresponsive_but_not_lost) {
  session_pair p;
  p.pass(100ms);
  p.main.busy = true;
  p.renderer.event(1);
  p.pass(9s);
  BOOST_TEST(joined(p.renderer.news) == "connected");
  p.pass(2s);
  BOOST_TEST(joined(p.renderer.news) == "connected; unresponsive");
  p.main.busy = false;
  p.pass(30ms);
  BOOST_TEST(joined(p.renderer.news) == "connected; unresponsive; responsive");
}

BOOST_AUTO_TEST_CASE(deadlines_hold_across_the_wire_and_across_a_cut) {
  session_pair p;
  p.pass(100ms);
  p.main.busy = true;
  p.renderer.call(1, p.now + 500ms);
  p.renderer.call(2, p.now + 5s);
  p.cut();
  p.pass(1s);
  p.main.busy = false;
  p.pass(100ms);
  BOOST_TEST(joined(p.renderer.ended) == "call 1 timed_out; call 2 reply");
}

BOOST_AUTO_TEST_CASE(two_full_windows_do_not_keep_replies_waiting) {
  session_pair p({.main_window = 1, .renderer_window = 1});
  p.pass(100ms);
  p.renderer.call(1);
  p.main.call(2);
  p.pass(0ms);
  for (std::uint32_t i = 10; i < 20; ++i) {
    p.renderer.event(i);
    p.main.event(i);
  }
  p.pass(3ms);
  BOOST_TEST(joined(p.renderer.ended) == "call 1 reply");
  BOOST_TEST(joined(p.main.ended) == "call 2 reply");
}

BOOST_AUTO_TEST_SUITE_END()
