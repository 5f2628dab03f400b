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

// Channels are nearly always ASCII: eight bytes at a time, the last eight perhaps twice.
bool is_ascii(std::string_view text) noexcept {
  std::uint64_t eight = 0;
  std::uint64_t all = 0;
  const auto add = [&](const char* p) {
    std::memcpy(&eight, p, sizeof eight);
    all |= eight;
  };
  if (text.size() < sizeof eight) {
    for (const char c : text) all |= static_cast<unsigned char>(c);
  } else {
    for (std::size_t i = 0; i + sizeof eight <= text.size(); i += sizeof eight) add(&text[i]);
    add(text.data() + text.size() - sizeof eight);
  }
  return (all & 0x8080808080808080u) == 0;
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
