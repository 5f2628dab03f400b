// SPDX-License-Identifier: MIT
// What a frame is made of, shared by its writer and its reader. See ../../PROTOCOL.md §2 and §3.
#pragma once

#include <ipczmq/buffer.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ipczmq::wire {

inline constexpr std::size_t header_size = 30;
inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::int8_t attachment_ext = 31;
inline constexpr std::size_t channel_bytes_max = 255;
// Of one renderer at main, by name; beyond, it subscribes to every channel.
inline constexpr std::size_t subscriptions_max = 65536;

enum flag : std::uint8_t { flag_ack_now = 1, flag_gap = 2, flag_resent = 4 };

enum class kind : std::uint8_t {
  event = 1,
  sync_call = 2,
  invoke = 3,
  reply = 4,
  error_reply = 5,
  cancel = 6,
  subscribe = 7,
  unsubscribe = 8,
  hello = 32,
  welcome = 33,
  refuse = 34,
  ping = 35,
  pong = 36,
  bye = 37,
};

[[nodiscard]] constexpr bool is_control(kind k) { return static_cast<std::uint8_t>(k) >= 32; }
// Events and calls go to listeners and wait for the window; the rest does not.
[[nodiscard]] constexpr bool is_dispatched(kind k) { return static_cast<std::uint8_t>(k) <= 3; }

// Whether a kind goes to main, or to a renderer (§3).
[[nodiscard]] constexpr bool valid_direction(kind k, bool to_main) {
  switch (k) {
    case kind::hello:
    case kind::sync_call:
    case kind::subscribe:
    case kind::unsubscribe:
      return to_main;
    case kind::welcome:
      return !to_main;
    default:
      return true;
  }
}

struct header {
  std::uint8_t flags = 0;
  std::uint64_t seq = 0;
  std::uint64_t received = 0;
  std::uint64_t dispatched = 0;
  friend bool operator==(const header&, const header&) = default;
};

// What the receiver accepts (§7).
struct limits {
  std::uint64_t frame_bytes = 64u << 20;
  std::uint32_t messages = 65536;
  std::uint32_t attachments = 256;
  std::uint32_t depth = 64;  // no more than depth_max (cursor.hpp)
  std::uint64_t window = 64u << 20;
  friend bool operator==(const limits&, const limits&) = default;
};

// What every peer accepts, so that frames made before its limits are known fit as well.
inline constexpr limits minima{
    .frame_bytes = 1u << 20, .messages = 1024, .attachments = 16, .depth = 64, .window = 1};

// One checked message: views into the parts of the frame it came in. Which fields are set follows
// from the kind.
struct message {
  wire::kind kind{};
  bool every_channel = false;  // subscribe, unsubscribe: nil in place of a channel
  // What references to attachments in `payload` count from: not 0 only when it is in one itself.
  std::uint32_t base = 0;
  std::uint64_t id = 0;        // calls, replies, cancel
  std::uint64_t deadline = 0;  // calls; ms on the sender's session clock, 0 for none
  std::string_view channel;    // event, calls, subscribe, unsubscribe
  bytes_view payload;          // args array, reply value, error data, the map of hello or welcome
  std::string_view code;       // error reply, refuse
  std::string_view name;       // error reply
  std::string_view text;       // message of an error reply or refuse, reason of cancel or bye
  std::uint64_t token = 0;     // ping, pong
  std::uint64_t clock = 0;     // ping, pong
  std::uint64_t highest = 0;   // ping, pong, bye
};

// A frame as it came, checked as a whole.
struct frame {
  wire::header header;
  std::vector<buffer> parts;      // parts[0] holds the messages, the rest are attachments
  std::vector<message> messages;  // known kinds only, in order
  std::size_t unknown = 0;        // messages of unknown kinds, skipped
  std::size_t bytes = 0;          // of all parts

  [[nodiscard]] std::span<const buffer> attachments() const {
    return parts.empty() ? std::span<const buffer>{} : std::span<const buffer>(parts).subspan(1);
  }
};

// A packed value or argument array on its way out: msgpack bytes, the attachments that it refers
// to, and where in the bytes their 4-byte indices (relative to `attachments`) stand, so that they
// can be moved to the frame's numbering. Of a fixext 8, which stands for the whole of it, both
// numbers stand in `refs`.
struct packed_view {
  bytes_view bytes;
  std::span<const buffer> attachments;
  std::span<const std::uint32_t> refs;  // offset of each such number in `bytes`
};

}  // namespace ipczmq::wire
