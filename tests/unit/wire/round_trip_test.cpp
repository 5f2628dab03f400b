// SPDX-License-Identifier: MIT
// What encode writes, decode reads back.
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

constexpr std::uint64_t large = 0x0123'4567'89ab'cdef;

// Finishes the builder and reads the frame back.
frame sent(frame_builder& b, const header& h) {
  frame f = frame_of(b.finish(h));
  BOOST_TEST_REQUIRE(decode(f, {}) == "");
  return f;
}

message only_message(frame_builder& b, std::uint64_t seq, frame& f) {
  f = sent(b, {.seq = seq});
  BOOST_TEST_REQUIRE(f.messages.size() == 1u);
  return f.messages[0];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_round_trip)

BOOST_AUTO_TEST_CASE(header_comes_back) {
  const header h{.flags = flag_gap | flag_resent,
                 .seq = large,
                 .received = ~std::uint64_t{0},
                 .dispatched = 7};
  frame_builder b;
  const frame f = sent(b, h);
  BOOST_TEST((f.header == h));
  BOOST_TEST(f.messages.empty());
  BOOST_TEST(f.bytes == header_size);
}

BOOST_AUTO_TEST_CASE(header_is_written_as_documented) {
  const header h{.flags = 5, .seq = 1, .received = 0x0203, .dispatched = 2};
  BOOST_TEST(header_bytes(h) ==
             "\x94\xcc\x05"
             "\xcf\0\0\0\0\0\0\0\x01"
             "\xcf\0\0\0\0\0\0\x02\x03"
             "\xcf\0\0\0\0\0\0\0\x02"sv);
}

BOOST_AUTO_TEST_CASE(event_comes_back) {
  frame f;
  frame_builder b;
  b.event("chännel", packed("\x92\x01\xa1x"));
  const message m = only_message(b, 1, f);
  BOOST_TEST((m.kind == kind::event));
  BOOST_TEST(m.channel == "chännel");
  BOOST_TEST(text_of(m.payload) == "\x92\x01\xa1x");
}

BOOST_AUTO_TEST_CASE(calls_come_back) {
  for (const kind k : {kind::sync_call, kind::invoke}) {
    for (const std::uint64_t number :
         {std::uint64_t{1}, std::uint64_t{0x7f}, std::uint64_t{0x80}, std::uint64_t{0xff},
          std::uint64_t{0x100}, std::uint64_t{0xffff}, std::uint64_t{0x1'0000},
          std::uint64_t{0xffff'ffff}, std::uint64_t{0x1'0000'0000}, ~std::uint64_t{0}}) {
      frame f;
      frame_builder b;
      b.call(k, number, number - 1, "c", packed("\x90"));
      const message m = only_message(b, 1, f);
      BOOST_TEST((m.kind == k));
      BOOST_TEST(m.id == number);
      BOOST_TEST(m.deadline == number - 1);
      BOOST_TEST(m.channel == "c");
      BOOST_TEST(text_of(m.payload) == "\x90");
    }
  }
}

BOOST_AUTO_TEST_CASE(reply_comes_back) {
  frame f;
  frame_builder b;
  b.reply(large, packed("\xc0"));
  const message m = only_message(b, 1, f);
  BOOST_TEST((m.kind == kind::reply));
  BOOST_TEST(m.id == large);
  BOOST_TEST(text_of(m.payload) == "\xc0");
}

BOOST_AUTO_TEST_CASE(error_reply_comes_back) {
  frame f;
  frame_builder b;
  b.error_reply(2, "remote_failed", "TypeError", std::string(300, 'm'), bytes_of("\x81\xa1k\x05"));
  const message m = only_message(b, 1, f);
  BOOST_TEST((m.kind == kind::error_reply));
  BOOST_TEST(m.id == 2u);
  BOOST_TEST(m.code == "remote_failed");
  BOOST_TEST(m.name == "TypeError");
  BOOST_TEST(m.text == std::string(300, 'm'));
  BOOST_TEST(text_of(m.payload) == "\x81\xa1k\x05");
}

BOOST_AUTO_TEST_CASE(absent_error_data_comes_back_empty) {
  frame f;
  frame_builder b;
  b.error_reply(2, "no_reply", "", "", {});
  BOOST_TEST(only_message(b, 1, f).payload.empty());
}

BOOST_AUTO_TEST_CASE(cancel_comes_back) {
  frame f;
  frame_builder b;
  b.cancel(9, std::string(70'000, 'r'));
  const message m = only_message(b, 1, f);
  BOOST_TEST((m.kind == kind::cancel));
  BOOST_TEST(m.id == 9u);
  BOOST_TEST(m.text == std::string(70'000, 'r'));
}

BOOST_AUTO_TEST_CASE(subscriptions_come_back) {
  for (const kind k : {kind::subscribe, kind::unsubscribe}) {
    frame f;
    frame_builder b;
    b.subscription(k, "news");
    const message one = only_message(b, 1, f);
    BOOST_TEST((one.kind == k));
    BOOST_TEST(one.channel == "news");
    BOOST_TEST(!one.every_channel);

    b.subscription(k, "");
    const message every = only_message(b, 1, f);
    BOOST_TEST((every.kind == k));
    BOOST_TEST(every.every_channel);
    BOOST_TEST(every.channel.empty());
  }
}

BOOST_AUTO_TEST_CASE(handshakes_come_back) {
  frame_builder b;
  b.handshake(kind::hello, bytes_of("\x81\xa1k\xc3"));
  b.handshake(kind::welcome, bytes_of("\x80"));
  const frame f = sent(b, {});
  BOOST_TEST_REQUIRE(f.messages.size() == 2u);
  BOOST_TEST((f.messages[0].kind == kind::hello));
  BOOST_TEST(text_of(f.messages[0].payload) == "\x81\xa1k\xc3");
  BOOST_TEST((f.messages[1].kind == kind::welcome));
}

BOOST_AUTO_TEST_CASE(control_messages_come_back) {
  frame_builder b;
  b.refuse("bad_frame", "why");
  b.ping(kind::ping, 1, 2, large);
  b.ping(kind::pong, large, 300, 4);
  b.bye("closed", 77);
  const frame f = sent(b, {});
  BOOST_TEST_REQUIRE(f.messages.size() == 4u);
  BOOST_TEST((f.messages[0].kind == kind::refuse));
  BOOST_TEST(f.messages[0].code == "bad_frame");
  BOOST_TEST(f.messages[0].text == "why");
  BOOST_TEST((f.messages[1].kind == kind::ping));
  BOOST_TEST(f.messages[1].token == 1u);
  BOOST_TEST(f.messages[1].clock == 2u);
  BOOST_TEST(f.messages[1].highest == large);
  BOOST_TEST((f.messages[2].kind == kind::pong));
  BOOST_TEST(f.messages[2].token == large);
  BOOST_TEST((f.messages[3].kind == kind::bye));
  BOOST_TEST(f.messages[3].text == "closed");
  BOOST_TEST(f.messages[3].highest == 77u);
}

BOOST_AUTO_TEST_SUITE_END()
