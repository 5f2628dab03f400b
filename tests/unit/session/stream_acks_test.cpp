// SPDX-License-Identifier: MIT
// What a stream makes of incoming headers: order, acknowledgements, gaps.
#include "connected_stream.hpp"

namespace {
using namespace session_test;
}

BOOST_AUTO_TEST_SUITE(stream_acks)

BOOST_AUTO_TEST_CASE(acknowledgements_of_what_was_never_sent_are_malformed) {
  connected c;
  c.event(1);
  c.flush();
  BOOST_TEST((c.acked(2, 0) == verdict::malformed));
  BOOST_TEST((c.acked(0, 1) == verdict::malformed));
  BOOST_TEST((c.acked(1, 1) == verdict::control));
  // Smaller values than before are ignored.
  BOOST_TEST((c.acked(0, 0) == verdict::control));
  BOOST_TEST(c.s.idle());
}

BOOST_AUTO_TEST_CASE(frames_are_taken_in_order_and_once) {
  connected c;
  BOOST_TEST((c.came(1) == verdict::take));
  BOOST_TEST((c.came(1) == verdict::duplicate));
  BOOST_TEST((c.came(3) == verdict::gap));
  BOOST_TEST((c.came(2) == verdict::take));
  BOOST_TEST((c.came(3) == verdict::take));
  BOOST_TEST((c.came(0, false) == verdict::control));
  BOOST_TEST(c.s.received() == 3u);
  BOOST_TEST(c.s.duplicates == 1u);
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_goes_alone_20_ms_after_a_frame_was_taken) {
  connected c;
  c.came(1);
  BOOST_TEST((c.s.ack_due() == start + 20ms));
  c.now += 19ms;
  c.came(2);
  BOOST_TEST(c.ack() == "-");
  c.now += 1ms;
  BOOST_TEST(c.ack() == "#0 2/0");
  BOOST_TEST(c.ack() == "-");
  BOOST_TEST((c.s.ack_due() == never));
  c.s.dispatched(1, 100, c.now);
  BOOST_TEST(c.ack() == "-");
  c.now += 20ms;
  BOOST_TEST(c.ack() == "#0 2/1");
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_rides_on_a_frame_that_goes_anyway) {
  connected c;
  c.came(1);
  c.event(1);
  const auto f = read(c.flush().at(0));
  BOOST_TEST(f->header.received == 1u);
  BOOST_TEST((c.s.ack_due() == never));
}

BOOST_AUTO_TEST_CASE(a_quarter_of_the_own_window_is_acknowledged_at_once) {
  connected c(1 << 20, 4000);
  c.came(1, true, 999);
  BOOST_TEST(c.ack() == "-");
  c.came(2, true, 1);
  BOOST_TEST(c.ack() == "#0 2/0");
  c.came(3, true, 999);
  BOOST_TEST(c.ack() == "-");
}

BOOST_AUTO_TEST_CASE(so_is_half_a_megabyte_however_large_the_window) {
  connected c(1 << 20, 64 << 20);
  c.came(1, true, (512 << 10) - 1);
  BOOST_TEST(c.ack() == "-");
  c.came(2, true, 1);
  BOOST_TEST(c.ack() == "#0 2/0");
}

BOOST_AUTO_TEST_CASE(ack_now_is_answered_at_once_and_without_ack_now) {
  connected c;
  c.acked(0, 0, wire::flag_ack_now);
  BOOST_TEST(c.ack() == "#0 0/0");
  BOOST_TEST(c.ack() == "-");
}

BOOST_AUTO_TEST_CASE(dispatched_passes_over_frames_that_have_nothing_to_dispatch) {
  connected c;
  const auto dispatched = [&c] { return c.s.control_header(0).dispatched; };
  c.came(1, false);
  BOOST_TEST(dispatched() == 1u);
  c.came(2, true);
  c.came(3, false);
  c.came(4, true);
  c.came(5, false);
  BOOST_TEST(dispatched() == 1u);
  c.s.dispatched(2, 100, c.now);
  BOOST_TEST(dispatched() == 3u);
  c.s.dispatched(4, 100, c.now);
  BOOST_TEST(dispatched() == 5u);
}

BOOST_AUTO_TEST_CASE(who_sends_far_more_than_the_window_allows_is_found_out) {
  connected c(1 << 20, 1000);
  BOOST_TEST((c.came(1, true, 1'000'000) == verdict::take));  // alone it may be larger
  BOOST_TEST((c.came(2, false, 1'000'000) == verdict::take));
  BOOST_TEST((c.came(3, true, 100) == verdict::malformed));
  BOOST_TEST(std::string(c.s.wrong()) == "sends more than the window allows");
  connected boundless(1 << 20, ~std::uint64_t{0});
  BOOST_TEST((boundless.came(1) == verdict::take));
  BOOST_TEST((boundless.came(2) == verdict::take));
}

BOOST_AUTO_TEST_CASE(a_gap_is_asked_for_at_most_every_20_ms) {
  connected c;
  c.came(1);
  c.came(3);
  BOOST_TEST(c.ack() == "#0? 1/0");
  c.came(4);
  BOOST_TEST(c.ack() == "-");
  BOOST_TEST((c.s.ack_due() == start + 20ms));
  c.now += 20ms;
  BOOST_TEST(c.ack() == "#0? 1/0");
  c.now += 20ms;
  BOOST_TEST(c.ack() == "-");
}

BOOST_AUTO_TEST_CASE(a_held_back_request_is_dropped_when_the_gap_has_been_filled) {
  connected c;
  c.came(2);
  BOOST_TEST(c.ack() == "#0? 0/0");
  c.came(3);
  for (const std::uint64_t seq : {1u, 2u, 3u}) c.came(seq);
  c.now += 20ms;
  BOOST_TEST(c.ack() == "#0 3/0");
}

BOOST_AUTO_TEST_CASE(a_lost_tail_shows_in_highest) {
  connected c;
  c.came(1);
  c.s.on_highest(1);
  c.s.on_highest(0);
  BOOST_TEST(c.ack() == "-");
  c.s.on_highest(2);
  BOOST_TEST(c.ack() == "#0? 1/0");
}

BOOST_AUTO_TEST_CASE(duplicates_do_not_cause_a_storm_of_acknowledgements) {
  connected c;
  c.came(1);
  c.now += 20ms;
  c.ack();
  std::size_t acks = 0;
  for (int i = 0; i < 100; ++i) {
    c.came(1);
    if (c.ack() != "-") ++acks;
  }
  BOOST_TEST(acks == 0u);
  c.now += 20ms;
  BOOST_TEST(c.ack() == "#0 1/0");
}

BOOST_AUTO_TEST_CASE(gap_has_everything_sent_again_with_the_counters_of_the_present) {
  connected c;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    c.event(i);
    c.flush();
  }
  c.came(1);
  c.acked(1, 0, wire::flag_gap);
  const auto frames = c.flush();
  BOOST_TEST(text_of(frames) == "#2~ event 2; #3~ event 3");
  BOOST_TEST(read(frames[0])->header.received == 1u);
  BOOST_TEST(c.s.resent == 2u);
}

BOOST_AUTO_TEST_CASE(what_has_not_left_yet_is_not_marked_as_sent_again) {
  connected c(64 << 20);
  c.event(1);
  c.flush();
  c.event(2, 60'000);
  c.event(3, 60'000);
  c.acked(0, 0, wire::flag_gap);
  BOOST_TEST(c.flushed() == "#1~ event 1; #2 event 2; #3 event 3");
}

BOOST_AUTO_TEST_CASE(what_was_handed_out_is_not_written_to_again) {
  connected c;
  c.event(1);
  const auto first = c.flush();
  const std::string before(first[0][0].view());
  c.acked(0, 0, wire::flag_gap);
  c.flush();
  BOOST_TEST(first[0][0].view() == before);
}

BOOST_AUTO_TEST_SUITE_END()
