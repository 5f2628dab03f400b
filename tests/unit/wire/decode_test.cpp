// SPDX-License-Identifier: MIT
// Lies, and what is said about them.
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

struct lie {
  std::string_view messages;
  std::string_view text;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_decode)

BOOST_AUTO_TEST_CASE(frame_without_a_whole_header_is_refused) {
  frame none;
  BOOST_TEST(decode(none, {}) == "no parts");
  const std::string good = header_bytes({.seq = 1});
  for (std::size_t n = 0; n != good.size(); ++n) {
    frame f = frame_of({exact(good.substr(0, n))});
    BOOST_TEST(decode(f, {}) == "the header is not one");
  }
}

BOOST_AUTO_TEST_CASE(header_in_other_encodings_is_refused) {
  for (const std::size_t at : {0u, 1u, 3u, 12u, 21u}) {
    std::string bytes = header_bytes({.seq = 1});
    bytes[at] ^= 1;
    frame f = frame_of({exact(bytes)});
    BOOST_TEST(decode(f, {}) == "the header is not one");
  }
}

BOOST_AUTO_TEST_CASE(unknown_flags_are_ignored) {
  frame f = frame_of({exact(header_bytes({.flags = 0xfd, .seq = 1}))});
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(int{f.header.flags} == (flag_ack_now | flag_resent));
}

BOOST_AUTO_TEST_CASE(dispatched_beyond_received_is_refused) {
  frame f = frame_of({exact(header_bytes({.seq = 1, .received = 3, .dispatched = 4}))});
  BOOST_TEST(decode(f, {}) == "header: dispatched 4 is beyond received 3");
}

BOOST_AUTO_TEST_CASE(malformed_numbered_messages_are_refused_in_words) {
  const lie lies[] = {
      {"\xc0", "message 0: wanted an array, got nil"},
      {"\x93\x01\xa1x\x90\xc0", "message 1: wanted an array, got nil"},
      {"\xdd\xff\xff\xff\xff", "message 0: an array claims more elements than there are bytes"},
      {"\x90", "message 0: has no elements"},
      {"\x93\xa1x\x90\xc0", "message 0: kind: wanted an integer from 0, got a str"},
      {"\x93\xff\xa1x\x90", "message 0: kind: wanted an integer from 0, got a negative integer"},
      {"\x92\x01\xa1x", "message 0 (event): has 2 elements, wanted 3"},
      {"\x94\x02\x01\xa1x\x90", "message 0 (sync call): has 4 elements, wanted 5"},
      {"\x93\x01\x05\x90", "message 0 (event): channel: wanted a str, got a positive integer"},
      {"\x93\x01\xa0\x90", "message 0 (event): channel is empty"},
      {"\x93\x01\xa1\xff\x90", "message 0 (event): channel is not UTF-8"},
      {"\x93\x01\xc0\x90", "message 0 (event): channel: wanted a str, got nil"},
      {"\x93\x01\xc4\x01x\x90", "message 0 (event): channel: wanted a str, got a bin"},
      {"\x93\x01\xdb\xff\xff\xff\xffx", "message 0 (event): channel: a str is cut short"},
      {"\x93\x01\xa1x\x80", "message 0 (event): args: wanted an array, got a map"},
      {"\x93\x01\xa1x\x92\x01",
       "message 0 (event): args: an array claims more elements than there are bytes"},
      {"\x93\x01\xa1x\x91\xc1", "message 0 (event): args: the byte 0xc1 is not msgpack"},
      {"\x95\x02\0\x01\xa1x\x90"sv, "message 0 (sync call): id: wanted a positive integer, got 0"},
      {"\x95\x03\xd0\xff\x01\xa1x\x90",
       "message 0 (invoke): id: wanted a positive integer, got an integer"},
      {"\x95\x03\x01\xc0\xa1x\x90",
       "message 0 (invoke): deadline: wanted an integer from 0, got nil"},
      {"\x93\x04\x01\xc1", "message 0 (reply): value: the byte 0xc1 is not msgpack"},
      {"\x96\x05\x01\xc0\xa0\xa0\xc0", "message 0 (error reply): code: wanted a str, got nil"},
      {"\x96\x05\x01\xa0\x01\xa0\xc0",
       "message 0 (error reply): name: wanted a str, got a positive integer"},
      {"\x96\x05\x01\xa0\xa0\x90\xc0",
       "message 0 (error reply): message: wanted a str, got an array"},
      {"\x93\x06\x01\x01", "message 0 (cancel): reason: wanted a str, got a positive integer"},
      {"\x92\x07\x01", "message 0 (subscribe): channel: wanted a str, got a positive integer"},
      {"\x92\x08\xa0", "message 0 (unsubscribe): channel is empty"},
      {"\x93\x01\xa1x\x90\x01", "message 1: wanted an array, got a positive integer"},
      {"\x94\x01\xa1x\x90\xc1",
       "message 0 (event): an element beyond the known ones: the byte 0xc1 is not msgpack"},
      {"\x92\x7f\xc1", "message 0: an element beyond the known ones: the byte 0xc1 is not msgpack"},
  };
  for (const lie& l : lies) BOOST_TEST(refusal(l.messages) == l.text);
}

BOOST_AUTO_TEST_CASE(malformed_control_messages_are_refused_in_words) {
  const lie lies[] = {
      {"\x92\x20\x90", "message 0 (hello): map: wanted a map, got an array"},
      {"\x92\x21\x81\x01",
       "message 0 (welcome): map: a map claims more elements than there are bytes"},
      {"\x92\x22\xa1x", "message 0 (refuse): has 2 elements, wanted 3"},
      {"\x93\x22\xa1x\x01", "message 0 (refuse): message: wanted a str, got a positive integer"},
      {"\x94\x23\x01\xc0\x01", "message 0 (ping): clock: wanted an integer from 0, got nil"},
      {"\x94\x24\x01\x01\xff",
       "message 0 (pong): highest: wanted an integer from 0, got a negative integer"},
      {"\x93\x25\x01\x01", "message 0 (bye): reason: wanted a str, got a positive integer"},
      {"\x93\x01\xa1x\x90", "message 0 (event): in a control frame"},
      {"\x92\x07\xc0", "message 0 (subscribe): in a control frame"},
  };
  for (const lie& l : lies) BOOST_TEST(refusal(l.messages, {}, 0) == l.text);
  BOOST_TEST(refusal("\x93\x25\xa0\x01") == "message 0 (bye): in a numbered frame");
}

BOOST_AUTO_TEST_CASE(over_long_channel_is_refused_with_its_length) {
  const std::string longest = "\x93\x01\xd9\xff" + std::string(255, 'x') + '\x90';
  BOOST_TEST(refusal(longest) == "");
  const auto too_long = std::string("\x93\x01\xda\x01\0"sv) + std::string(256, 'x') + '\x90';
  BOOST_TEST(refusal(too_long) == "message 0 (event): channel is 256 bytes long, 255 allowed");
}

BOOST_AUTO_TEST_CASE(depth_bomb_is_refused) {
  const std::string bomb = "\x93\x01\xa1x" + std::string(1'000'000, '\x91') + '\xc0';
  BOOST_TEST(refusal(bomb) == "message 0 (event): args: arrays and maps nested deeper than 64");
  const std::string deepest = "\x93\x01\xa1x" + std::string(64, '\x91') + '\xc0';
  BOOST_TEST(refusal(deepest) == "");
}

BOOST_AUTO_TEST_CASE(unknown_kinds_are_skipped_and_counted) {
  for (const std::uint64_t seq : {0u, 1u}) {
    frame f =
        frame_of("\x91\x09\x92\x26\x90\x93\xcd\xff\xff\x81\x01\x02\xc0\x91\xcd\x01\x01", {}, seq);
    BOOST_TEST(decode(f, {}) == "");
    BOOST_TEST(f.unknown == 4u);
    BOOST_TEST(f.messages.empty());
  }
}

BOOST_AUTO_TEST_CASE(extra_elements_are_ignored) {
  frame f = frame_of("\x95\x01\xa1x\x91\x05\x81\x01\x02\xa3new\x93\x04\x01\xc3");
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST_REQUIRE(f.messages.size() == 2u);
  BOOST_TEST(text_of(f.messages[0].payload) == "\x91\x05");
  BOOST_TEST((f.messages[1].kind == kind::reply));
}

BOOST_AUTO_TEST_CASE(integers_may_come_in_any_width) {
  frame f = frame_of("\xdc\0\x03\xd1\0\x04\xd3\0\0\0\0\0\0\0\x07\xc0"sv);
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST_REQUIRE(f.messages.size() == 1u);
  BOOST_TEST(f.messages[0].id == 7u);
}

BOOST_AUTO_TEST_CASE(numbers_of_messages_and_attachments_are_limited) {
  const limits few{.messages = 2, .attachments = 1};
  BOOST_TEST(refusal("\x91\x09\x91\x09", {"a"}, 1, few) == "");
  BOOST_TEST(refusal("\x91\x09\x91\x09\x91\x09", {}, 1, few) == "more than 2 messages");
  BOOST_TEST(refusal("", {"a", "b"}, 1, few) == "2 attachments, 1 allowed");
}

BOOST_AUTO_TEST_CASE(bytes_of_parts_are_limited_each_and_together) {
  const limits small{.frame_bytes = 40};
  const std::string forty(40, 'x');
  BOOST_TEST(refusal("", {forty}, 1, small) == "");
  BOOST_TEST(refusal("", {forty + 'x'}, 1, small) == "a part of 41 bytes, 40 allowed");
  BOOST_TEST(refusal("", {forty, forty, forty, "0123456789"}, 1, small) == "");
  BOOST_TEST(refusal("", {forty, forty, forty, "0123456789a"}, 1, small) ==
             "parts of more than 4 times 40 bytes together");
  BOOST_TEST(refusal("", {forty}, 1, {.frame_bytes = ~std::uint64_t{0}}) == "");
}

BOOST_AUTO_TEST_CASE(references_within_arguments_are_checked) {
  BOOST_TEST(refusal("\x93\x01\xa1x\x91\xd6\x1f\0\0\0\0"sv, {"blob"}) == "");
  BOOST_TEST(refusal("\x93\x01\xa1x\x91\xd6\x1f\0\0\0\x01"sv, {"blob"}) ==
             "message 0 (event): args: refers to attachment 1, and there are 1");
  BOOST_TEST(
      refusal("\x93\x01\xa1x\x91\xd4\x1f\0"sv, {"blob"}) ==
      "message 0 (event): args: ext type 31 stands for attachments and has to be a fixext 4 here");
}

BOOST_AUTO_TEST_CASE(reference_as_error_data_stays_a_reference) {
  frame f = frame_of("\x96\x05\x01\xa0\xa0\xa0\xd6\x1f\0\0\0\0"sv, {"blob"});
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(text_of(f.messages[0].payload) == "\xd6\x1f\0\0\0\0"sv);
}

BOOST_AUTO_TEST_CASE(attachments_that_nobody_refers_to_are_allowed) {
  frame f = frame_of("\x93\x01\xa1x\x90", {"a", ""});
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(f.attachments().size() == 2u);
  BOOST_TEST(f.bytes == header_size + 5 + 1);
}

BOOST_AUTO_TEST_CASE(frame_can_be_used_again) {
  frame f = frame_of("\x91\x09\x93\x01\xa1x\x90");
  BOOST_TEST(decode(f, {}) == "");
  f.parts = frame_of("\x92\x07\xc0").parts;
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(f.messages.size() == 1u);
  BOOST_TEST(f.unknown == 0u);
  BOOST_TEST(f.messages[0].channel.empty());
  BOOST_TEST(f.bytes == header_size + 3);
}

BOOST_AUTO_TEST_SUITE_END()
