// SPDX-License-Identifier: MIT
#include "connected_stream.hpp"

namespace {

using namespace session_test;

// "unsent 1, received 2": what is handed back, by fate and number.
std::string told(const undelivered& u) {
  std::string text;
  for (const undelivered_message& m : u.messages()) {
    text.append(text.empty() ? "" : ", ").append(to_string(m.fate));
    text.append(" ").append(std::to_string(number_in(m.bytes())));
  }
  return text;
}

void call(stream& s, std::uint64_t id) {
  const numbered a(0);
  s.place(lane::call, 60, 0).call(kind::invoke, id, 0, "c", a.view());
}

// Frames 1 to 4 have left: 1 is dispatched there, 2 received, 3 and 4 are under way. 5 never left.
connected half_way() {
  connected c(4000);
  for (std::uint32_t i = 1; i <= 4; ++i) {
    c.event(i, 500);
    c.flush();
  }
  c.event(5, 3000);
  c.flush();
  c.acked(2, 1);
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inheritance)

BOOST_AUTO_TEST_CASE(what_is_left_is_handed_back_by_fate) {
  connected c = half_way();
  const undelivered u = c.s.take_undelivered(false);
  BOOST_TEST(told(u) == "received 2, unknown 3, unknown 4, unsent 5");
  BOOST_TEST(u.received == 1u);
  BOOST_TEST(u.unknown == 2u);
  BOOST_TEST(u.unsent == 1u);
  BOOST_TEST(u.total() == 4u);
  BOOST_TEST(u.messages().front().channel == "c");
}

BOOST_AUTO_TEST_CASE(what_never_left_can_be_kept_back_for_the_heir) {
  connected c = half_way();
  BOOST_TEST(told(c.s.take_undelivered(true)) == "received 2, unknown 3, unknown 4");
  stream heir(1 << 20);
  BOOST_TEST(heir.inherit(c.s, false) == 0u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(text_of(out) == "#1 event 5");
}

BOOST_AUTO_TEST_CASE(the_heir_repeats_what_may_not_have_been_dispatched_first_and_in_order) {
  connected c = half_way();
  stream heir(1 << 20);
  BOOST_TEST(heir.inherit(c.s, true) == 3u);
  BOOST_TEST(heir.undispatched() == 4u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(text_of(out) == "#1 event 2; #2 event 3; #3 event 4; #4 event 5");
  BOOST_TEST(heir.numbered() == c.s.numbered() + 1);
  heir.on_header({0, 0, 4, 4}, 30, false, start);
  BOOST_TEST(heir.undispatched() == 0u);
  BOOST_TEST(heir.queued_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(of_a_repeated_frame_only_the_events_go_on) {
  connected c;
  c.event(1);
  call(c.s, 7);
  c.reply(3);
  c.s.place(lane::prompt, 40, 0).cancel(7, "cancelled");
  c.s.place(lane::prompt, 40, 0).subscription(kind::subscribe, "x");
  c.event(2);
  c.flush();
  stream heir(1 << 20);
  BOOST_TEST(heir.inherit(c.s, true) == 2u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(text_of(out) == "#1 event 1, event 2");
}

BOOST_AUTO_TEST_CASE(a_frame_that_was_numbered_and_never_handed_out_has_not_left) {
  connected c(64 << 20);
  c.event(1, 60'000);
  c.event(2, 60'000);  // seals and numbers the first
  stream heir(1 << 20);
  BOOST_TEST(c.s.take_undelivered(true).total() == 0u);
  BOOST_TEST(heir.inherit(c.s, false) == 0u);
  BOOST_TEST(heir.undispatched() == 2u);
  heir.establish(1 << 20);
  std::vector<parts> out;
  heir.flush(out);
  BOOST_TEST(text_of(out) == "#1 event 1; #2 event 2");
}

BOOST_AUTO_TEST_CASE(dispatched_events_are_not_kept) {
  connected c;
  c.event(1);
  c.flush();
  c.acked(1, 0);
  BOOST_TEST(c.s.idle());
  c.acked(1, 1);
  BOOST_TEST(c.s.take_undelivered(false).total() == 0u);
}

BOOST_AUTO_TEST_CASE(a_message_is_handed_back_with_the_attachments_that_it_refers_to) {
  connected c;
  const numbered plain(1);
  const auto blob = [](std::string_view text) { return buffer::copy(text); };
  // [ref 0] and [ref 0], each counted from the attachments of its own message.
  const std::byte refers[] = {std::byte{0x91}, std::byte{0xd6}, std::byte{31}, std::byte{0},
                              std::byte{0},    std::byte{0},    std::byte{0}};
  const std::uint32_t at[] = {3};
  for (const char* text : {"first", "second"}) {
    const std::vector<buffer> attached(1, blob(text));
    c.s.place(lane::event, 50, 1).event("c", {refers, attached, at});
  }
  c.flush();
  const auto all = c.s.take_undelivered(false).messages();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_REQUIRE(all[1].attachments().size() == 1u);
  BOOST_TEST(all[1].attachments()[0].view() == "second");
  BOOST_TEST((std::vector(all[1].bytes().begin(), all[1].bytes().end()) ==
              std::vector(std::begin(refers), std::end(refers))));
}

BOOST_AUTO_TEST_SUITE_END()
