// SPDX-License-Identifier: MIT
#include "wire/cursor.hpp"

#include <array>

namespace ipczmq::wire {

bool cursor::read_wide_uint(std::uint64_t& out) noexcept {
  const auto first = head();
  const bool is_signed = first >= 0xd0 && first <= 0xd3;
  if (!is_signed && (first < 0xcc || first > 0xcf)) return false;
  const std::size_t size = std::size_t{1} << (first & 3);
  if (remaining() <= size) return false;
  if (is_signed && (std::to_integer<std::uint8_t>(at_[1]) & 0x80) != 0) return false;  // negative
  std::uint64_t value = 0;
  for (std::size_t i = 1; i <= size; ++i) {
    value = value << 8 | std::to_integer<std::uint64_t>(at_[i]);
  }
  out = value;
  at_ += 1 + size;
  return true;
}

// Of str and bin alike: `first_head` has a length of 1 byte, the next one of 2, the next one of 4.
bool cursor::read_long_text(std::uint8_t first_head, std::string_view& out) noexcept {
  const auto first = head();
  if (first < first_head || first > first_head + 2) return false;
  const std::size_t size_bytes = std::size_t{1} << (first - first_head);
  if (remaining() <= size_bytes) return false;
  switch (size_bytes) {
    case 1:
      return take_text(2, load<std::uint8_t>(at_ + 1), out);
    case 2:
      return take_text(3, load<std::uint16_t>(at_ + 1), out);
    default:
      return take_text(5, load<std::uint32_t>(at_ + 1), out);
  }
}

// Of arrays and maps alike: `first_head` has a count of 2 bytes, the next one of 4.
bool cursor::read_long_count(std::uint8_t first_head, std::size_t each, std::size_t& out) noexcept {
  const auto first = head();
  if (first == first_head) {
    return remaining() >= 3 && take_count(3, load<std::uint16_t>(at_ + 1), each, out);
  }
  if (first == first_head + 1) {
    return remaining() >= 5 && take_count(5, load<std::uint32_t>(at_ + 1), each, out);
  }
  return false;
}

const char* cursor::what_is_next() const noexcept {
  if (at_ == end_) return "the end of the bytes";
  const auto first = head();
  if (first < 0x80) return first == 0 ? "0" : "a positive integer";
  if (first < 0x90) return "a map";
  if (first < 0xa0) return "an array";
  if (first < 0xc0) return "a str";
  if (first >= 0xe0) return "a negative integer";
  static constexpr std::array<const char*, 32> names = {
      "nil",        "0xc1",       "a bool",     "a bool",     "a bin",      "a bin",
      "a bin",      "an ext",     "an ext",     "an ext",     "a float",    "a float",
      "an integer", "an integer", "an integer", "an integer", "an integer", "an integer",
      "an integer", "an integer", "an ext",     "an ext",     "an ext",     "an ext",
      "an ext",     "a str",      "a str",      "a str",      "an array",   "an array",
      "a map",      "a map"};
  return names[first - 0xc0u];
}

}  // namespace ipczmq::wire
