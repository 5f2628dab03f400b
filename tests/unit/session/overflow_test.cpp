// SPDX-License-Identifier: MIT
// What is bounded, and what gives way.
#include "connected_stream.hpp"
#include "one_side.hpp"

namespace {

using namespace session_test;

// The window is closed behind event 1, and 2 to 5 wait in frames of their own.
connected clogged() {
  connected c(70'000);
  for (std::uint32_t i = 1; i <= 5; ++i) c.event(i, 60'000);
  c.flush();
  return c;
}

std::uint64_t call(stream& s, std::uint64_t id, std::size_t padding = 0) {
  const numbered a(0, padding);
  s.place(lane::call, 60 + padding, 0).call(kind::invoke, id, 0, "c", a.view());
  return s.placed();
}

// Lets everything go.
std::string rest_of(connected& c) {
  std::string all;
  for (std::uint64_t i = 1; !c.s.idle() && i < 20; ++i) {
    c.acked(c.s.sent(), c.s.sent());
    all.append(all.empty() ? "" : "; ").append(c.flushed());
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(overflow)

BOOST_AUTO_TEST_CASE(the_oldest_that_has_not_left_is_dropped) {
  connected c = clogged();
  BOOST_TEST(c.s.undispatched() == 5u);
  BOOST_TEST(c.s.drop_oldest(1) == 1u);
  BOOST_TEST(c.s.undispatched() == 4u);
  BOOST_TEST(c.s.queued_bytes() < 4 * 60'200u);
  BOOST_TEST(c.s.drop_oldest(100'000) == 2u);
  BOOST_TEST(rest_of(c) == "#2 event 5; ");
  BOOST_TEST(c.s.undispatched() == 0u);
  BOOST_TEST(c.s.queued_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(what_has_left_is_never_dropped) {
  connected c(70'000);
  c.event(1, 60'000);
  c.flush();
  BOOST_TEST(c.s.drop_oldest(1000) == 0u);
  BOOST_TEST(c.s.undispatched() == 1u);
}

BOOST_AUTO_TEST_CASE(calls_cancels_and_subscriptions_stay_and_keep_their_places) {
  connected c(70'000);
  c.event(1, 60'000);
  c.flush();
  c.event(2, 20'000);
  const std::uint64_t place = call(c.s, 7, 59'000);
  c.s.place(lane::behind, 40, 0).cancel(7, "cancelled");
  c.event(3, 59'000);
  const std::uint64_t later = call(c.s, 8, 59'000);
  BOOST_TEST(c.s.drop_oldest(1'000'000) == 2u);
  // Neither call counts as gone because events before it are.
  BOOST_TEST(c.s.numbered() < place);
  c.acked(1, 1);
  BOOST_TEST(c.flushed() == "#2 invoke 7, cancel 7 cancelled");
  BOOST_TEST(c.s.numbered() >= place);
  BOOST_TEST(c.s.numbered() < later);
  c.acked(2, 2);
  BOOST_TEST(c.flushed() == "#3 invoke 8");
  BOOST_TEST(c.s.numbered() == later);
  c.acked(3, 3);
  BOOST_TEST(c.s.undispatched() == 0u);
}

BOOST_AUTO_TEST_CASE(places_survive_a_drop_of_all_and_the_end_of_the_session) {
  connected c = clogged();
  BOOST_TEST(c.s.drop_oldest(1'000'000) == 4u);
  stream heir(1 << 20);
  heir.inherit(c.s, false);
  BOOST_TEST(heir.undispatched() == 0u);
  const std::uint64_t place = call(heir, 7);
  BOOST_TEST(heir.undispatched() == 1u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(heir.numbered() == place);
}

BOOST_AUTO_TEST_CASE(attachments_of_dropped_events_are_released) {
  connected c(70'000);
  c.event(1, 60'000);
  c.flush();
  const std::vector<buffer> attached(1, buffer(100'000));
  const numbered a(2);
  c.s.place(lane::event, 100'100, 1).event("c", {a.view().bytes, attached, {}});
  BOOST_TEST(c.s.drop_oldest(1) == 1u);
  BOOST_TEST(c.s.released.size() == 1u);
  BOOST_TEST(c.s.queued_bytes() < 61'000u);
}

BOOST_AUTO_TEST_CASE(only_so_much_is_sent_again_at_a_time) {
  connected c(64 << 20);
  for (std::uint32_t i = 1; i <= 200; ++i) c.event(i, 60'000);
  BOOST_TEST(c.flush().size() == 200u);
  BOOST_TEST((c.acked(1, 1, wire::flag_gap) == verdict::control));
  const auto first = c.flush();
  BOOST_TEST((first.size() > 50 && first.size() < 80));
  BOOST_TEST(text_of(*read(first[0])) == "#2~ event 2");
  BOOST_TEST(c.flush().empty());
  // New ones wait behind.
  c.event(201);
  BOOST_TEST(c.flush().empty());
  std::uint64_t taken = 1 + first.size();
  std::size_t frames = first.size();
  while (taken < 201) {
    c.acked(taken, taken);
    const auto more = c.flush();
    BOOST_REQUIRE(!more.empty());
    BOOST_TEST(read(more[0])->header.seq == taken + 1);
    taken += more.size();
    frames += more.size();
  }
  BOOST_TEST(frames == 200u);
  c.acked(201, 201);
  BOOST_TEST(c.s.idle());
}

BOOST_AUTO_TEST_CASE(gaps_that_do_not_close_are_heeded_ever_more_slowly_and_not_for_ever) {
  connected c;
  c.event(1);
  c.flush();
  unsigned heeded = 0;
  unsigned asked = 0;
  verdict v = verdict::control;
  for (; v == verdict::control && asked < 100'000; ++asked, c.now += 1ms) {
    v = c.acked(0, 0, wire::flag_gap);
    heeded += c.flush().empty() ? 0 : 1;
  }
  BOOST_TEST((v == verdict::malformed));
  BOOST_TEST(std::string(c.s.wrong()) == "asks again and again for the same frames");
  BOOST_TEST(heeded == 17u);
  BOOST_TEST(asked > 8000u);
}

BOOST_AUTO_TEST_CASE(a_gap_that_moves_is_no_offence) {
  connected c;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    c.event(i);
    c.flush();
    BOOST_TEST((c.acked(i - 1, i - 1, wire::flag_gap) == verdict::control));
    BOOST_TEST(c.flushed() == "#" + std::to_string(i) + "~ event " + std::to_string(i));
    BOOST_TEST((c.acked(i, i) == verdict::control));
  }
}

BOOST_AUTO_TEST_CASE(what_there_is_no_room_for_is_left_and_asked_for_when_there_is) {
  connected c;
  BOOST_TEST((c.came(1) == verdict::take));
  BOOST_TEST((c.s.on_header({0, 2, 0, 0}, 100, true, c.now, false) == verdict::gap));
  // Also answers behind it: order is order.
  BOOST_TEST((c.came(3, false) == verdict::gap));
  BOOST_TEST((c.came(2) == verdict::gap));
  c.now += 1s;
  BOOST_TEST(c.ack() == "#0 1/0");
  c.now += 1s;
  BOOST_TEST(c.ack() == "-");
  c.s.take_again();
  BOOST_TEST(c.ack() == "#0? 1/0");
  BOOST_TEST((c.came(2) == verdict::take));
}

BOOST_AUTO_TEST_CASE(answers_are_counted_until_they_are_taken) {
  connected c;
  c.reply(1, 1000);
  c.flush();
  BOOST_TEST(c.s.answer_bytes() > 1000u);
  c.event(1, 500);
  c.reply(2, 1000);  // in the window, with the event
  c.flush();
  BOOST_TEST(c.s.answer_bytes() < 1200u);
  c.acked(1, 0);
  BOOST_TEST(c.s.answer_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(messages_are_bounded_as_bytes_are) {
  session::config c = config_of(true);
  c.queue_messages = 3;
  session::session s(c, start);
  for (std::uint32_t i = 0; i < 3; ++i) {
    BOOST_TEST(s.room(1));
    s.event("c", numbered(i).view());
  }
  BOOST_TEST(!s.room(1));
  s.reply(1, numbered(0).view());
  BOOST_TEST(!s.half_empty());
}

BOOST_AUTO_TEST_CASE(of_the_peers_window_no_more_is_used_than_the_policy_allows) {
  session::config c = config_of(true);
  c.window_use_max = 1000;
  session::session s(c, start);
  s.establish({}, 0, start);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    s.event("c", numbered(i, 600).view());
  }
  effects fx;
  s.flush(start, fx);
  BOOST_TEST(text_of(fx.send) == "#1 event 1");
}

BOOST_AUTO_TEST_SUITE_END()
