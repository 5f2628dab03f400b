// SPDX-License-Identifier: MIT
#include "one_side.hpp"

namespace {
using namespace session_test;
}

BOOST_AUTO_TEST_SUITE(session_)

BOOST_AUTO_TEST_CASE(a_call_ends_with_its_reply_and_a_second_one_is_late) {
  one_side a;
  a.call("x");
  a.call("y");
  a.flushed();
  a.builder.reply(2, numbered(5).view());
  a.builder.error_reply(1, "no_handler", "Error", "none", {});
  BOOST_TEST(joined(texts_of(a.message(1).completed)) == "y reply; x error no_handler");
  a.builder.reply(2, numbered(5).view());
  BOOST_TEST(a.message(1).completed.empty());
  BOOST_TEST(a.s.replies_late == 1u);
  BOOST_TEST(a.s.calls_open() == 0u);
}

BOOST_AUTO_TEST_CASE(events_and_calls_are_for_the_inbox_and_the_rest_is_not) {
  one_side a;
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(a.message().deliver);
  a.builder.cancel(7, "cancelled");
  BOOST_TEST(!a.message().deliver);
  BOOST_TEST(a.fx.cancelled == std::vector<std::uint64_t>{7}, boost::test_tools::per_element());
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(!a.came(1).deliver);  // a duplicate
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(!a.came(9).deliver);  // behind a gap
  BOOST_TEST(a.s.messages_received == 2u);
}

BOOST_AUTO_TEST_CASE(more_subscriptions_than_are_kept_are_malformed_and_repeats_do_not_count) {
  one_side a;
  const auto subscribe = [&](std::size_t first, std::size_t count) -> std::string {
    for (std::size_t i = first; i < first + count; ++i)
      a.builder.subscription(kind::subscribe, "channel " + std::to_string(i));
    return a.message().malformed;
  };
  for (std::size_t i = 0; i < 64; ++i) BOOST_TEST(subscribe(i * 1024, 1024) == "");
  BOOST_TEST(subscribe(0, 10) == "");
  a.builder.subscription(kind::subscribe, "");
  BOOST_TEST(a.message().malformed == "");
  a.builder.subscription(kind::unsubscribe, "channel 7");
  BOOST_TEST(a.message().malformed == "");
  BOOST_TEST(subscribe(65536, 1) == "");
  BOOST_TEST(subscribe(65537, 1) ==
             "subscribes to more than 65536 channels; it may subscribe to every channel instead");
}

BOOST_AUTO_TEST_CASE(subscriptions_are_a_set_and_every_channel_is_apart_from_it) {
  one_side a;
  a.builder.subscription(kind::subscribe, "x");
  a.builder.subscription(kind::subscribe, "x");
  a.builder.subscription(kind::subscribe, "");
  BOOST_TEST(a.message().subscriptions_changed);
  BOOST_TEST(a.s.subscribed("y"));
  a.builder.subscription(kind::unsubscribe, "");
  a.message();
  BOOST_TEST(!a.s.subscribed("y"));
  BOOST_TEST(a.s.subscribed("x"));
  a.builder.subscription(kind::unsubscribe, "x");
  a.builder.subscription(kind::unsubscribe, "unknown");
  a.message();
  BOOST_TEST(!a.s.subscribed("x"));
}

BOOST_AUTO_TEST_CASE(a_cancel_does_not_overtake_its_waiting_call) {
  one_side a(true, 1000);
  a.event(1, 900);
  const auto waiting = a.call("w", never, 900);
  BOOST_TEST((a.s.cancel(waiting, "cancelled") != nullptr));
  BOOST_TEST((a.s.cancel(waiting, "cancelled") == nullptr));
  BOOST_TEST(a.flushed() == "#1 event 1");
  a.control(1, 1);
  BOOST_TEST(a.flushed() == "#2 invoke 1, cancel 1 cancelled");
}

BOOST_AUTO_TEST_CASE(a_cancel_of_a_call_that_has_left_overtakes_the_closed_window) {
  one_side a(true, 1000);
  const auto left = a.call("l", never, 900);
  a.flushed();
  a.event(1, 900);
  a.s.cancel(left, "cancelled");
  BOOST_TEST(a.flushed() == "#2 cancel 1 cancelled");
}

BOOST_AUTO_TEST_CASE(acknowledgements_from_the_future_are_malformed) {
  one_side a;
  a.event(1);
  a.flushed();
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(!a.message(2).malformed.empty());
  BOOST_TEST(!a.fx.deliver);
}

BOOST_AUTO_TEST_CASE(messages_in_the_wrong_direction_are_malformed) {
  const std::vector<std::byte> map(1, std::byte{0x80});
  struct {
    kind k;
    bool main_side;  // who must not get it
  } const table[] = {{kind::sync_call, false},
                     {kind::subscribe, false},
                     {kind::unsubscribe, false},
                     {kind::hello, false},
                     {kind::welcome, true}};
  for (const auto& row : table) {
    for (const bool main_side : {true, false}) {
      one_side a(main_side);
      const bool control = wire::is_control(row.k);
      if (control) {
        a.builder.handshake(row.k, map);
      } else if (row.k == kind::sync_call) {
        a.builder.call(row.k, 1, 0, "c", numbered(1).view());
      } else {
        a.builder.subscription(row.k, "c");
      }
      BOOST_TEST(a.came(control ? 0 : 1).malformed.empty() == (main_side != row.main_side));
    }
  }
}

BOOST_AUTO_TEST_CASE(dispatched_attachments_are_handed_over_by_whatever_frame_lets_them_go) {
  for (const bool leaving : {false, true}) {
    for (const std::uint64_t seq : {0u, 1u, 9u}) {  // also a frame that is dropped
      one_side a;
      const std::vector<buffer> attached(1, buffer(10));
      const numbered args(1);
      a.s.event("c", {args.view().bytes, attached, {}});
      a.flushed();
      if (leaving) (void)a.s.bye("closed");
      a.came(seq, 1);
      BOOST_TEST(a.fx.released.empty());  // it may have to be handed back
      a.came(0, 1, 1);
      BOOST_TEST(a.fx.released.size() == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_kinds_are_counted) {
  one_side a;
  a.builder.event("c", numbered(1).view());
  parts p = a.builder.finish({0, 1, 0, 0});
  std::string bytes(p[0].view());
  p[0] = buffer::take(bytes.append("\x92\x09\xc0"));
  a.s.on_frame(read(p), a.now, a.fx);
  BOOST_TEST(a.s.unknown == 1u);
  BOOST_TEST(a.fx.deliver);
}

BOOST_AUTO_TEST_CASE(a_bye_counts_once_everything_before_it_has_come) {
  one_side a;
  a.builder.event("c", numbered(1).view());
  a.came(1);
  a.builder.bye("closed", 2);
  BOOST_TEST(!a.control().bye.has_value());
  BOOST_TEST(a.flushed() == "#0?");
  a.builder.event("c", numbered(2).view());
  a.came(2);
  a.builder.bye("killed", 2);
  BOOST_TEST(a.control().bye.value() == "killed");
  BOOST_TEST(text_of({a.s.bye_answer()}) == "#0 bye closed");
  BOOST_TEST(!a.s.bye_sent());
}

BOOST_AUTO_TEST_CASE(after_its_own_bye_headers_alone_count_until_a_bye_comes) {
  one_side a;
  a.event(1);
  a.flushed();
  BOOST_TEST(text_of({a.s.bye("closed")}) == "#0 bye closed");
  a.event(2);
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(!a.message().deliver);
  a.builder.ping(kind::ping, 1, 6000, 0);
  BOOST_TEST(text_of(a.control().send) == "");
  a.builder.cancel(1, "cancelled");
  parts p = a.builder.finish({wire::flag_gap, 2, 0, 0});
  a.s.on_frame(read(p), a.now, a.fx);
  BOOST_TEST(a.fx.cancelled.empty());
  BOOST_TEST(a.flushed() == "#1~ event 1");
  a.builder.bye("whatever", 77);
  BOOST_TEST(a.control().bye.has_value());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_passed_on) {
  one_side a;
  a.builder.refuse("bad_frame", "why");
  a.control();
  BOOST_TEST(a.fx.refused_code == "bad_frame");
  BOOST_TEST(a.fx.refused_text == "why");
}

BOOST_AUTO_TEST_CASE(end_counts_what_was_not_dispatched_and_ends_all_calls) {
  one_side a(true, 1000);
  a.event(1, 500);
  a.call("acknowledged");
  a.flushed();
  a.control(1, 0);
  a.call("sent");
  a.s.reply(7, numbered(1).view());
  a.flushed();
  a.event(2, 5000);
  a.call("waiting");
  a.fx.clear();
  const undelivered lost = a.s.end(errc::peer_gone, "why", a.fx, nullptr);
  BOOST_TEST(lost.received == 1u);
  BOOST_TEST(lost.unsent == 1u);
  BOOST_TEST(lost.unknown == 0u);
  BOOST_TEST(joined(texts_of(a.fx.completed)) ==
             "acknowledged peer_gone; sent peer_gone; waiting peer_gone");
  BOOST_TEST(a.fx.completed[0].text == "why");
}

BOOST_AUTO_TEST_CASE(the_unsent_goes_on_in_the_heir_and_sent_calls_end) {
  one_side a(false, 1000);
  a.event(1, 500);
  a.call("sent");
  a.flushed();
  a.event(2, 5000);
  a.call("timeless");
  a.call("timed", start + 5s);
  session::session heir(config_of(false), a.now);
  a.fx.clear();
  BOOST_TEST(a.s.end(errc::main_restarted, "why", a.fx, &heir).unknown == 1u);
  BOOST_TEST(joined(texts_of(a.fx.completed)) == "sent main_restarted");
  BOOST_TEST(heir.calls_open() == 2u);

  heir.establish({}, 5000, a.now);
  effects fx;
  heir.flush(a.now, fx);
  BOOST_TEST(text_of(fx.send) == "#1 event 2, invoke 2, invoke 3");
  BOOST_TEST(read(fx.send[0])->messages[2].deadline == 10'000u);
  fx.clear();
  wire::frame_builder b;
  b.reply(2, numbered(1).view());
  const auto f = read(b.finish({0, 1, 1, 1}));
  heir.on_frame(f, a.now, fx);
  BOOST_TEST(joined(texts_of(fx.completed)) == "timeless reply");
  fx.clear();
  heir.tick(start + 5s, fx);
  BOOST_TEST(joined(texts_of(fx.completed)) == "timed timed_out");
}

BOOST_AUTO_TEST_CASE(room_is_bounded_but_one_message_always_fits) {
  session::config c = config_of(true);
  c.queue_bytes = 1000;
  session::session s(c, start);
  BOOST_TEST(s.room(1'000'000));
  s.event("c", numbered(1, 500).view());
  BOOST_TEST(s.room(400));
  BOOST_TEST(!s.room(500));
}

BOOST_AUTO_TEST_SUITE_END()
