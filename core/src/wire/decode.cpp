// SPDX-License-Identifier: MIT
#include "wire/decode.hpp"

#include "wire/cursor.hpp"
#include "wire/messages.hpp"

#include <string>

namespace ipczmq::wire {

namespace {

// What can be said about a frame before its messages are read. Sets `bytes`.
std::string check_parts(frame& f, const limits& accepted) {
  if (f.parts.empty()) return "no parts";
  if (f.parts.size() - 1 > accepted.attachments) {
    return std::to_string(f.parts.size() - 1) + " attachments, " +
           std::to_string(accepted.attachments) + " allowed";
  }
  for (const buffer& part : f.parts) {
    if (part.size() > accepted.frame_bytes) {
      return "a part of " + std::to_string(part.size()) + " bytes, " +
             std::to_string(accepted.frame_bytes) + " allowed";
    }
    f.bytes += part.size();
    // Divided rather than multiplied: the limit may be any 64 bit number.
    if (f.bytes / 4 > accepted.frame_bytes ||
        (f.bytes / 4 == accepted.frame_bytes && f.bytes % 4 != 0)) {
      return "parts of more than 4 times " + std::to_string(accepted.frame_bytes) +
             " bytes together";
    }
  }
  return {};
}

}  // namespace

std::string decode(frame& f, const limits& accepted) {
  f.messages.clear();
  f.unknown = 0;
  f.bytes = 0;
  if (std::string wrong = check_parts(f, accepted); !wrong.empty()) return wrong;
  if (!decode_header(f.parts[0].bytes(), f.header)) return "the header is not one";
  if (f.header.dispatched > f.header.received) {
    return "header: dispatched " + std::to_string(f.header.dispatched) + " is beyond received " +
           std::to_string(f.header.received);
  }
  return read_messages(f, accepted);
}

bool decode_header(bytes_view part, header& out) noexcept {
  constexpr std::uint8_t uint64_head = 0xcf;
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint8_t>(part[i]); };
  if (part.size() < header_size || byte(0) != 0x94 || byte(1) != 0xcc || byte(3) != uint64_head ||
      byte(12) != uint64_head || byte(21) != uint64_head) {
    return false;
  }
  out.flags = byte(2) & (flag_ack_now | flag_gap | flag_resent);
  out.seq = load<std::uint64_t>(&part[4]);
  out.received = load<std::uint64_t>(&part[13]);
  out.dispatched = load<std::uint64_t>(&part[22]);
  return true;
}

bool begins_with_refuse(std::span<const buffer> parts) noexcept {
  if (parts.empty() || parts[0].size() < header_size + 2) return false;
  const auto array = std::to_integer<unsigned>(parts[0].data()[header_size]);
  return array > 0x90 && array <= 0x9f &&
         parts[0].data()[header_size + 1] == std::byte{static_cast<std::uint8_t>(kind::refuse)};
}

}  // namespace ipczmq::wire
