// SPDX-License-Identifier: MIT
#include "connected_stream.hpp"

namespace {
using namespace session_test;
}

BOOST_AUTO_TEST_SUITE(stream_)

BOOST_AUTO_TEST_CASE(messages_gather_in_one_frame_until_flush_and_frames_count_from_1) {
  connected c;
  c.event(1);
  c.event(2);
  c.reply(7);
  BOOST_TEST(c.flushed() == "#1 event 1, event 2, reply 7");
  c.event(3);
  BOOST_TEST(c.flushed() == "#2 event 3");
  BOOST_TEST(c.flushed() == "");
}

BOOST_AUTO_TEST_CASE(a_frame_is_sealed_at_its_limits) {
  connected c(64 << 20);
  for (std::uint32_t i = 0; i < stream::frame_messages + 1; ++i) c.event(i);
  auto frames = c.flush();
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  BOOST_TEST(read(frames[0])->messages.size() == stream::frame_messages);

  for (std::uint32_t i = 0; i < 10; ++i) c.event(i, 20'000);
  frames = c.flush();
  BOOST_TEST(frames.size() == 4u);
  for (const auto& f : frames) BOOST_TEST(size_of(f) <= stream::frame_target);

  const std::vector<buffer> attached(9, buffer::copy(std::string_view("blob")));
  const numbered a(0);
  for (int i = 0; i < 2; ++i) {
    c.s.place(lane::event, 100, attached.size()).event("c", {a.view().bytes, attached, {}});
  }
  frames = c.flush();
  BOOST_REQUIRE_EQUAL(frames.size(), 2u);
  BOOST_TEST(frames[1].size() == 1 + attached.size());

  c.event(1, 200'000);
  BOOST_TEST(c.flush().size() == 1u);
}

BOOST_AUTO_TEST_CASE(bytes_of_attachments_count_once) {
  connected c(2'000'000);
  const std::vector<buffer> attached(1, buffer(1'000'000));
  const numbered a(0);
  c.s.place(lane::event, 1'000'040, 1).event("c", {a.view().bytes, attached, {}});
  BOOST_TEST(c.s.queued_bytes() < 1'000'200u);
  c.event(1);
  BOOST_TEST(c.flush().size() == 2u);
  BOOST_TEST(c.s.queued_bytes() < 1'000'400u);
}

BOOST_AUTO_TEST_CASE(before_there_is_a_session_everything_waits_unnumbered_and_in_order) {
  stream s(1 << 20);
  const numbered a(1);
  s.place(lane::event, 50, 0).event("c", a.view());
  s.place(lane::prompt, 50, 0).subscription(kind::subscribe, "x");
  std::vector<parts> out;
  s.flush(out);
  BOOST_TEST(out.empty());
  BOOST_TEST(s.unsent() == 2u);
  s.establish(1 << 20);
  s.flush(out);
  BOOST_TEST(text_of(out) == "#1 event 1, subscribe x");
  BOOST_TEST(s.unsent() == 0u);
  BOOST_TEST(s.unacknowledged() == 2u);
}

BOOST_AUTO_TEST_CASE(the_window_closes_and_opens_with_dispatched_not_with_received) {
  connected c(1000);
  c.event(1, 600);
  c.event(2, 600);
  c.event(3);
  BOOST_TEST(c.flushed() == "#1 event 1");
  c.acked(1, 0);
  BOOST_TEST(c.flushed() == "");
  c.acked(1, 1);
  BOOST_TEST(c.flushed() == "#2 event 2, event 3");
  BOOST_TEST(!c.s.idle());
  c.acked(2, 2);
  BOOST_TEST(c.s.idle());
  BOOST_TEST(c.s.queued_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_frame_larger_than_the_window_goes_when_nothing_is_outstanding) {
  connected c(1);
  c.event(1, 5000);
  c.event(2, 5000);
  BOOST_TEST(c.flushed() == "#1 event 1");
  c.acked(1, 1);
  BOOST_TEST(c.flushed() == "#2 event 2");
}

BOOST_AUTO_TEST_CASE(replies_overtake_a_closed_window_and_events_keep_their_order) {
  connected c(1000);
  c.event(1, 950);
  c.event(2, 950);
  c.reply(1);
  c.event(3);
  BOOST_TEST(c.flushed() == "#1 event 1; #2 reply 1");
  c.reply(2);
  BOOST_TEST(c.flushed() == "#3 reply 2");
  c.acked(3, 3);
  BOOST_TEST(c.flushed() == "#4 event 2, event 3");
}

// A frame that holds an event counts with all its bytes, so whatever joins it matters.
BOOST_AUTO_TEST_CASE(what_counts_never_exceeds_the_window_whatever_shares_a_frame) {
  for (const std::uint64_t window : {500u, 1000u, 5000u, 70'000u, 200'000u}) {
    connected c(window);
    std::uint64_t counted = 0;
    std::vector<std::uint64_t> sizes(1);  // by seq
    std::uint64_t dispatched = 0;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      if (i % 3 == 0) {
        c.event(i, i * 7919 % 400);
      } else {
        c.reply(i, i * 104'729 % 300);
      }
      if (i % 11 != 0) continue;
      for (const auto& p : c.flush()) {
        const auto f = read(p);
        const bool counts = std::any_of(f->messages.begin(), f->messages.end(),
                                        [](const auto& m) { return is_dispatched(m.kind); });
        sizes.push_back(counts ? f->bytes : 0);
        counted += sizes.back();
        if (counts) BOOST_TEST_REQUIRE((counted <= window || counted == sizes.back()));
      }
      if (i % 2 == 0 && dispatched + 1 < sizes.size()) {
        counted -= sizes[++dispatched];
        c.acked(dispatched, dispatched);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cancel_that_waits_behind_its_call_does_not_count_itself) {
  connected c(1000);
  c.event(1, 900);
  c.event(2, 900);
  c.s.place(lane::behind, 50, 0).cancel(2, "cancelled");
  BOOST_TEST(c.s.placed() == 2u);
  BOOST_TEST(c.flushed() == "#1 event 1");
  c.acked(1, 1);
  BOOST_TEST(c.flushed() == "#2 event 2, cancel 2 cancelled");
}

BOOST_AUTO_TEST_CASE(numbered_says_what_has_left) {
  connected c(1000);
  c.event(1, 900);
  c.event(2, 900);
  BOOST_TEST(c.s.numbered() == 0u);
  c.flush();
  BOOST_TEST(c.s.placed() == 2u);
  BOOST_TEST(c.s.numbered() == 1u);
  BOOST_TEST(c.s.undispatched() == 2u);
}

BOOST_AUTO_TEST_CASE(a_frame_that_waits_for_the_flush_is_not_sent_yet) {
  connected c(64 << 20);
  c.event(1, 60'000);
  c.event(2, 60'000);  // seals and numbers the first
  BOOST_TEST(c.s.sent() == 0u);
  BOOST_TEST((c.acked(1, 0) == verdict::malformed));
  c.flush();
  BOOST_TEST(c.s.sent() == 2u);
  BOOST_TEST((c.acked(2, 0) == verdict::control));
}

BOOST_AUTO_TEST_CASE(without_a_connection_nothing_is_handed_out_and_events_stay_unnumbered) {
  connected c;
  c.event(1);
  c.flush();
  c.came(1);
  c.s.suspend();
  c.event(2);
  c.reply(9);
  c.now += 1s;
  BOOST_TEST(c.flushed() == "");
  BOOST_TEST(c.ack() == "-");
  BOOST_TEST(c.s.numbered() == 1u);
  c.s.resume(0);
  BOOST_TEST(c.flushed() == "#1~ event 1; #2 reply 9; #3 event 2");
}

BOOST_AUTO_TEST_CASE(resume_forgets_what_the_peer_has_and_says_what_was_dispatched) {
  connected c;
  c.event(1);
  c.flush();
  c.event(2);
  c.flush();
  c.came(1);
  c.s.dispatched(1, 100, c.now);
  c.now += 20ms;
  BOOST_TEST(c.ack() == "#0 1/1");  // and is lost with the connection
  c.s.suspend();
  c.s.resume(2);
  BOOST_TEST(c.flushed() == "");
  BOOST_TEST(c.ack() == "#0 1/1");
}

BOOST_AUTO_TEST_CASE(after_the_end_nothing_new_is_numbered_but_the_old_is_sent_again) {
  connected c;
  c.event(1);
  c.flush();
  c.s.finish();
  c.event(2);
  c.reply(1);
  BOOST_TEST(c.flushed() == "");
  BOOST_TEST(c.s.heed({wire::flag_gap, 0, 0, 0}, c.now));
  BOOST_TEST(c.flushed() == "#1~ event 1");
}

BOOST_AUTO_TEST_CASE(the_unsent_is_inherited_in_order_and_without_replies) {
  connected c(1000);
  c.event(1, 900);
  c.flush();
  c.reply(1);
  c.s.place(lane::prompt, 50, 0).subscription(kind::subscribe, "x");
  c.reply(2);
  c.event(2, 900);
  c.event(3);
  stream heir(1 << 20);
  heir.inherit(c.s, false);
  BOOST_TEST(heir.unsent() == 3u);
  BOOST_TEST(heir.undispatched() == 2u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(text_of(out) == "#1 subscribe x; #2 event 2, event 3");
  heir.on_header({0, 0, 2, 2}, 30, false, start);
  BOOST_TEST(heir.idle());
  BOOST_TEST(heir.queued_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(of_replies_alone_nothing_is_inherited) {
  connected c;
  c.reply(1);
  stream heir(1 << 20);
  heir.inherit(c.s, false);
  BOOST_TEST(heir.idle());
}

BOOST_AUTO_TEST_SUITE_END()
