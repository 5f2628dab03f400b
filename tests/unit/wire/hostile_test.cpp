// SPDX-License-Identifier: MIT
// Valid frames, cut short and altered. Under the sanitizers this is where a step beyond the bytes
// would show.
#include "wire/handshake.hpp"
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

namespace {

using namespace wire_test;

std::vector<buffer> numbered_frame() {
  const std::array attached = {buffer::copy("\x92\x01\xd6\x1f\0\0\0\x01"sv),
                               buffer::copy("blob"sv)};
  const std::string form = whole(0, 0);
  const std::array<std::uint32_t, 2> numbers = {2, 6};
  frame_builder b;
  b.event("whole", {bytes_of(form), attached, numbers});
  b.event("chännel",
          packed("\x93\xd6\x1f\0\0\0\x01\x81\xa1k\xcb\1\2\3\4\5\6\7\x08\xc7\x02\x05xy"sv));
  b.call(kind::sync_call, 300, 70'000, "sync", packed("\x91\xd9\x03xyz"));
  b.call(kind::invoke, 5, 0, "invoke", packed("\xdc\0\x01\x01"sv));
  b.reply(1, packed("\x82\x01\xc0\x02\x90"));
  b.error_reply(2, "remote_failed", "Error", "why", bytes_of("\xc4\x01x"));
  b.cancel(3, "timed_out");
  b.subscription(kind::subscribe, "news");
  b.subscription(kind::unsubscribe, "");
  return b.finish({.seq = 1, .received = 5, .dispatched = 4});
}

std::vector<buffer> control_frame() {
  hello h;
  h.identity = "worker";
  h.capabilities = {"a"};
  h.process = {.pid = 7, .host = "host", .boot = "boot", .library = "ipczmq"};
  h.resume.emplace();
  frame_builder b;
  b.handshake(kind::hello, encode(h));
  b.handshake(kind::welcome, encode(welcome{}));
  b.refuse("bad_frame", "why");
  b.ping(kind::ping, 1, 2, 3);
  b.bye("closed", 4);
  return b.finish({});
}

// Decodes, and follows all that a decoded frame points at.
std::string decode_and_touch(frame& f) {
  std::string error = decode(f, {});
  if (!error.empty()) return error;
  std::size_t sum = 0;
  for (const message& m : f.messages) {
    for (const std::string_view text : {m.channel, m.code, m.name, m.text, text_of(m.payload)}) {
      for (const char c : text) sum += static_cast<unsigned char>(c);
    }
    hello h;
    welcome w;
    if (m.kind == kind::hello) sum += decode(m.payload, h).size();
    if (m.kind == kind::welcome) sum += decode(m.payload, w).size();
  }
  BOOST_TEST_REQUIRE(sum != 1u);  // never: keeps the reads alive
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_hostile)

BOOST_AUTO_TEST_CASE(truncated_frame_is_refused_or_ends_between_messages) {
  for (const auto& parts : {numbered_frame(), control_frame()}) {
    frame whole = frame_of(parts);
    BOOST_TEST_REQUIRE(decode_and_touch(whole) == "");
    const std::size_t count = whole.messages.size();
    std::size_t accepted = 0;
    for (std::size_t n = 0; n != parts[0].size(); ++n) {
      frame f = frame_of(parts);
      f.parts[0] = exact(parts[0].view().substr(0, n));
      if (decode_and_touch(f) == "") {
        // A prefix is a frame only where a message ends.
        BOOST_TEST(f.messages.size() == accepted);
        ++accepted;
      }
    }
    BOOST_TEST(accepted == count);
  }
}

BOOST_AUTO_TEST_CASE(truncated_single_message_is_refused) {
  frame_builder b;
  b.call(kind::invoke, 70'000, 300, "channel", packed("\x92\xa3xyz\xcd\x01\x02"));
  const auto parts = b.finish({.seq = 1});
  for (std::size_t n = 0; n != parts[0].size(); ++n) {
    if (n == header_size) continue;  // a plain acknowledgement
    frame f = frame_of({exact(parts[0].view().substr(0, n))});
    BOOST_TEST(decode_and_touch(f) != "");
  }
}

BOOST_AUTO_TEST_CASE(truncated_attachment_of_whole_arguments_is_refused) {
  const auto parts = numbered_frame();
  for (std::size_t n = 0; n != parts[1].size(); ++n) {
    frame f = frame_of(parts);
    f.parts[1] = exact(parts[1].view().substr(0, n));
    BOOST_TEST(decode_and_touch(f) != "");
  }
}

BOOST_AUTO_TEST_CASE(any_byte_altered_to_any_other_crashes_nothing) {
  for (const auto& parts : {numbered_frame(), control_frame()}) {
    std::size_t refused = 0;
    for (std::size_t part = 0; part != parts.size(); ++part) {
      std::string bytes(parts[part].view());
      for (char& c : bytes) {
        const char original = c;
        for (int value = 0; value != 256; ++value) {
          c = static_cast<char>(value);
          frame f = frame_of(parts);
          f.parts[part] = exact(bytes);
          if (decode_and_touch(f) != "") ++refused;
        }
        c = original;
      }
    }
    BOOST_TEST(refused > 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
