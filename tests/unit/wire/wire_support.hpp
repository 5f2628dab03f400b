// SPDX-License-Identifier: MIT
// Bytes by hand, for the tests of this room.
#pragma once

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wire_test {

using namespace ipczmq;
using namespace ipczmq::wire;
using namespace std::string_view_literals;

inline bytes_view bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view text_of(bytes_view bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A buffer whose storage ends where its bytes end, so that the address sanitizer sees a step too
// far.
inline buffer exact(std::string_view text) {
  return buffer::take(std::vector<char>(text.begin(), text.end()));
}

inline packed_view packed(std::string_view bytes) { return {bytes_of(bytes), {}, {}}; }

// In place of a whole args or value.
inline std::string whole(std::uint32_t index, std::uint32_t base) {
  std::string out("\xd7\x1f"sv);
  for (const std::uint32_t number : {index, base}) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
  }
  return out;
}

inline std::string header_bytes(const header& h) {
  std::string out(header_size, '\0');
  write_header(reinterpret_cast<std::byte*>(out.data()), h);
  return out;
}

// A frame of these messages, numbered unless `seq` is 0.
inline frame frame_of(std::string_view messages, std::vector<std::string_view> attachments = {},
                      std::uint64_t seq = 1) {
  frame f;
  f.parts.push_back(exact(header_bytes({.seq = seq}).append(messages)));
  for (const std::string_view a : attachments) f.parts.push_back(exact(a));
  return f;
}

inline frame frame_of(std::vector<buffer> parts) {
  frame f;
  f.parts = std::move(parts);
  return f;
}

// What decode() says.
inline std::string refusal(std::string_view messages,
                           std::vector<std::string_view> attachments = {}, std::uint64_t seq = 1,
                           const limits& accepted = {}) {
  frame f = frame_of(messages, std::move(attachments), seq);
  return decode(f, accepted);
}

}  // namespace wire_test
