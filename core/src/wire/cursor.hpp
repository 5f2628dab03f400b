// SPDX-License-Identifier: MIT
// Reads msgpack in place. Bounds-checked, no allocation, no exceptions: its input comes from
// strangers.
#pragma once

#include "wire/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq::wire {

// Deeper values are refused whatever the limits say: skip() keeps its place in an array of this
// size, on the stack.
inline constexpr std::uint32_t depth_max = 512;

// What can be wrong with a value.
enum class fault : std::uint8_t {
  none,
  truncated,
  count,            // a container with more elements than bytes remain
  depth,            // nested too deeply
  reserved_byte,    // 0xc1
  reference_form,   // ext 31 that is not a fixext 4
  reference_index,  // to an attachment that the frame does not have
};

// What a value has to keep to.
struct value_rules {
  std::uint32_t depth = depth_max;
  std::size_t attachments = 0;
  std::vector<std::uint32_t>* refs = nullptr;  // receives the offsets of the references' bodies
  const std::byte* start = nullptr;            // where those offsets count from
  std::uint64_t* needed = nullptr;             // raised to the highest index referred to, plus 1
};

// Big-endian unsigned integer of `T`'s size.
template <class T>
[[nodiscard]] inline T load(const std::byte* p) noexcept {
  T value = 0;
  for (std::size_t i = 0; i != sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | std::to_integer<T>(p[i]));
  }
  return value;
}

// Each read returns false, and stays where it is, when the next value is cut short or of another
// type.
class cursor {
 public:
  explicit cursor(bytes_view bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] const std::byte* position() const noexcept { return at_; }
  [[nodiscard]] std::size_t remaining() const noexcept {
    return static_cast<std::size_t>(end_ - at_);
  }

  // A non-negative integer, in whatever width and signedness the sender found fit.
  [[nodiscard]] bool read_uint(std::uint64_t& out) noexcept {
    if (at_ == end_) return false;
    if (const auto first = head(); first < 0x80) {
      out = first;
      ++at_;
      return true;
    }
    return read_wide_uint(out);
  }

  [[nodiscard]] bool read_bool(bool& out) noexcept {
    if (at_ == end_ || (head() != 0xc2 && head() != 0xc3)) return false;
    out = head() == 0xc3;
    ++at_;
    return true;
  }

  [[nodiscard]] bool read_nil() noexcept {
    if (at_ == end_ || head() != 0xc0) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] bool read_str(std::string_view& out) noexcept {
    if (at_ == end_) return false;
    const auto first = head();
    if ((first & 0xe0) == 0xa0) return take_text(1, first & 0x1f, out);
    if (first == 0xd9 && remaining() >= 2) return take_text(2, load<std::uint8_t>(at_ + 1), out);
    return read_long_text(0xd9, out);
  }

  [[nodiscard]] bool read_bin(bytes_view& out) noexcept {
    std::string_view text;
    if (at_ == end_ || !read_long_text(0xc4, text)) return false;
    out = {reinterpret_cast<const std::byte*>(text.data()), text.size()};
    return true;
  }

  // The head of an array or map; its elements follow. A count that the remaining bytes cannot hold
  // is refused.
  [[nodiscard]] bool read_array(std::size_t& count) noexcept {
    if (at_ == end_) return false;
    const auto first = head();
    if ((first & 0xf0) == 0x90) return take_count(1, first & 0x0f, 1, count);
    return read_long_count(0xdc, 1, count);
  }
  [[nodiscard]] bool read_map(std::size_t& count) noexcept {
    if (at_ == end_) return false;
    const auto first = head();
    if ((first & 0xf0) == 0x80) return take_count(1, first & 0x0f, 2, count);
    return read_long_count(0xde, 2, count);
  }

  // A reference to an attachment (fixext 4 of type 31): a bin.
  [[nodiscard]] bool read_reference(std::uint32_t& index) noexcept {
    if (remaining() < 6 || head() != 0xd6 || std::to_integer<std::int8_t>(at_[1]) != attachment_ext)
      return false;
    index = load<std::uint32_t>(at_ + 2);
    at_ += 6;
    return true;
  }

  // In place of a whole value (fixext 8 of type 31): where its encoding is, and what the references
  // in there count from.
  [[nodiscard]] bool read_whole(std::uint32_t& index, std::uint32_t& base) noexcept {
    if (remaining() < 10 || head() != 0xd7 ||
        std::to_integer<std::int8_t>(at_[1]) != attachment_ext) {
      return false;
    }
    index = load<std::uint32_t>(at_ + 2);
    base = load<std::uint32_t>(at_ + 6);
    at_ += 10;
    return true;
  }

  [[nodiscard]] bool is_array() const noexcept {
    return at_ != end_ && ((head() & 0xf0) == 0x90 || head() == 0xdc || head() == 0xdd);
  }
  [[nodiscard]] bool is_map() const noexcept {
    return at_ != end_ && ((head() & 0xf0) == 0x80 || head() == 0xde || head() == 0xdf);
  }

  // Checks the next value with all that it holds, and moves behind it; on a fault, to the head that
  // is at fault.
  [[nodiscard]] fault skip(const value_rules& rules);

  // What comes next, for error texts: "a map", "the end of the bytes".
  [[nodiscard]] const char* what_is_next() const noexcept;

 private:
  const std::byte* at_;
  const std::byte* end_;

  [[nodiscard]] std::uint8_t head() const noexcept { return std::to_integer<std::uint8_t>(*at_); }
  [[nodiscard]] bool take_text(std::size_t head_size, std::size_t size,
                               std::string_view& out) noexcept {
    if (remaining() - head_size < size) return false;
    out = {reinterpret_cast<const char*>(at_ + head_size), size};
    at_ += head_size + size;
    return true;
  }
  [[nodiscard]] bool take_count(std::size_t head_size, std::size_t count, std::size_t each,
                                std::size_t& out) noexcept {
    if ((remaining() - head_size) / each < count) return false;
    out = count;
    at_ += head_size;
    return true;
  }
  // skip() of what is neither a scalar nor a short array of such.
  [[nodiscard]] fault skip_nested(const value_rules& rules);
  [[nodiscard]] bool read_wide_uint(std::uint64_t& out) noexcept;
  [[nodiscard]] bool read_long_text(std::uint8_t first_head, std::string_view& out) noexcept;
  [[nodiscard]] bool read_long_count(std::uint8_t first_head, std::size_t each,
                                     std::size_t& out) noexcept;
};

// `f` in words, for the cursor that skip() left at it.
[[nodiscard]] std::string describe(fault f, const cursor& at, const value_rules& rules);
[[nodiscard]] std::string no_attachment(std::uint64_t index, std::size_t attachments);
// Empty string when `bytes` are one value that keeps to the rules, and nothing else.
[[nodiscard]] std::string check_single(bytes_view bytes, const value_rules& rules);

}  // namespace ipczmq::wire
