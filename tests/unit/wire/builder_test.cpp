// SPDX-License-Identifier: MIT
// frame_builder beyond one message: attachments of many, reuse, growth.
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

namespace {

using namespace wire_test;

// Finishes the builder and reads the frame back.
frame sent(frame_builder& b, const header& h) {
  frame f = frame_of(b.finish(h));
  BOOST_TEST_REQUIRE(decode(f, {}) == "");
  return f;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_builder)

BOOST_AUTO_TEST_CASE(indices_are_moved_behind_the_attachments_of_earlier_messages) {
  const std::array first = {buffer::copy("A"sv), buffer::copy("B"sv)};
  const std::array second = {buffer::copy("C"sv)};
  const auto two = "\x93\xd6\x1f\0\0\0\0\xa1-\xd6\x1f\0\0\0\x01"sv;
  const auto one = "\x91\xd6\x1f\0\0\0\0"sv;
  const std::array<std::uint32_t, 2> two_refs = {3, 11};
  const std::array<std::uint32_t, 1> one_ref = {3};

  frame_builder b;
  b.event("a", {bytes_of(two), first, two_refs});
  b.event("b", packed("\x90"));
  b.event("c", {bytes_of(one), second, one_ref});
  b.reply(1, {bytes_of(two), first, two_refs});
  BOOST_TEST(b.attachments() == 5u);
  BOOST_TEST(b.messages() == 4u);
  const std::size_t size = b.size();
  const frame f = sent(b, {.seq = 1});

  BOOST_TEST(f.bytes == size);
  BOOST_TEST_REQUIRE(f.attachments().size() == 5u);
  std::string contents;
  for (const buffer& a : f.attachments()) contents += a.view();
  BOOST_TEST(contents == "ABCAB");
  BOOST_TEST(text_of(f.messages[0].payload) == two);
  BOOST_TEST(text_of(f.messages[2].payload) == "\x91\xd6\x1f\0\0\0\x02"sv);
  BOOST_TEST(text_of(f.messages[3].payload) == "\x93\xd6\x1f\0\0\0\x03\xa1-\xd6\x1f\0\0\0\x04"sv);
}

BOOST_AUTO_TEST_CASE(one_packing_serves_frames_of_any_numbering) {
  const std::array attached = {buffer::copy("\x92\x01\xd6\x1f\0\0\0\x01"sv),
                               buffer::copy("blob"sv)};
  const std::string bytes = whole(0, 0);
  const std::array<std::uint32_t, 2> both = {2, 6};
  const packed_view packing{bytes_of(bytes), attached, both};
  frame_builder b;
  b.event("a", packing);
  b.event("b", packing);
  b.reply(3, packing);
  const frame f = sent(b, {.seq = 1});
  for (std::size_t i = 0; i != 3; ++i) {
    BOOST_TEST(text_of(f.messages[i].payload) == attached[0].view());
    BOOST_TEST(f.messages[i].payload.data() == f.attachments()[2 * i].data());
    BOOST_TEST(f.messages[i].base == 2 * i);
    BOOST_TEST(f.attachments()[f.messages[i].base + 1].view() == "blob");
  }
}

BOOST_AUTO_TEST_CASE(finished_builder_starts_afresh) {
  const std::array attached = {buffer::copy("A"sv)};
  const std::array<std::uint32_t, 1> ref = {3};
  frame_builder b;
  BOOST_TEST(b.size() == header_size);
  BOOST_TEST(b.empty());
  b.event("a", {bytes_of("\x91\xd6\x1f\0\0\0\0"sv), attached, ref});
  const auto parts = b.finish({.seq = 1});
  BOOST_TEST(b.empty());
  BOOST_TEST(b.size() == header_size);
  BOOST_TEST(b.attachments() == 0u);

  b.event("b", packed("\x90"));
  const frame second = sent(b, {.seq = 2});
  BOOST_TEST(second.parts.size() == 1u);
  frame first = frame_of(parts);
  BOOST_TEST(decode(first, {}) == "");
  BOOST_TEST(first.messages[0].channel == "a");
}

BOOST_AUTO_TEST_CASE(cleared_builder_has_nothing_to_send) {
  frame_builder b;
  b.event("a", packed("\x90"));
  b.clear();
  BOOST_TEST(sent(b, {.seq = 1}).messages.empty());
}

BOOST_AUTO_TEST_CASE(builder_can_be_moved) {
  frame_builder a;
  a.event("a", packed("\x90"));
  frame_builder b = std::move(a);
  BOOST_TEST(sent(b, {.seq = 1}).messages.size() == 1u);
}

BOOST_AUTO_TEST_CASE(large_and_many_messages_survive_the_growth_of_the_builder) {
  const std::string args = std::string("\x91\xdb\0\x01\x86\xa0"sv) + std::string(100'000, 'z');
  frame_builder b;
  for (int round = 0; round != 3; ++round) {
    for (int i = 0; i != 500; ++i) b.event("small", packed("\x91\x05"));
    b.event("large", packed(args));
    const frame f = sent(b, {.seq = 1});
    BOOST_TEST_REQUIRE(f.messages.size() == 501u);
    BOOST_TEST(f.messages[499].channel == "small");
    BOOST_TEST((text_of(f.messages[500].payload) == args));
  }
}

BOOST_AUTO_TEST_SUITE_END()
