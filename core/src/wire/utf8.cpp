// SPDX-License-Identifier: MIT
#include "wire/decode.hpp"

#include <cstring>

namespace ipczmq::wire {

namespace {

// Bytes of the well-formed sequence at `p`, or 0 (Unicode 15, table 3-7: no overlong forms, no
// surrogates, none beyond U+10FFFF).
std::size_t sequence_size(const unsigned char* p, std::size_t remaining) noexcept {
  const auto continues = [&](std::size_t i) { return (p[i] & 0xc0) == 0x80; };
  const unsigned char first = p[0];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return remaining >= 2 && continues(1) ? 2 : 0;

  // The first continuation byte has a narrower range behind some leading bytes.
  const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  const std::size_t size = first < 0xf0 ? 3 : 4;
  if (remaining < size || p[1] < low || p[1] > high || !continues(2)) return 0;
  return size == 3 || continues(3) ? size : 0;
}

// All bytes of a text of sizeof(T) or more, or-ed together; the last ones perhaps twice.
template <class T>
T all_bits(std::string_view text) noexcept {
  T some = 0;
  std::memcpy(&some, text.data() + text.size() - sizeof some, sizeof some);
  T all = some;
  for (std::size_t i = 0; i + sizeof some < text.size(); i += sizeof some) {
    std::memcpy(&some, &text[i], sizeof some);
    all |= some;
  }
  return all;
}

// Channels are nearly always ASCII.
bool is_ascii(std::string_view text) noexcept {
  if (text.size() >= 8) return (all_bits<std::uint64_t>(text) & 0x8080808080808080u) == 0;
  if (text.size() >= 4) return (all_bits<std::uint32_t>(text) & 0x80808080u) == 0;
  return text.empty() || (all_bits<std::uint8_t>(text) & 0x80u) == 0;
}

}  // namespace

bool valid_utf8(std::string_view text) noexcept {
  if (is_ascii(text)) return true;
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t left = text.size(); left != 0;) {
    const std::size_t size = sequence_size(p, left);
    if (size == 0) return false;
    p += size;
    left -= size;
  }
  return true;
}

bool valid_channel(std::string_view channel) noexcept {
  return !channel.empty() && channel.size() <= channel_bytes_max && valid_utf8(channel);
}

}  // namespace ipczmq::wire
