// SPDX-License-Identifier: MIT
// Writes msgpack in its smallest forms. Every put_… returns the end of what it wrote; the caller
// has made room for the …_max of each.
#pragma once

#include <ipczmq/buffer.hpp>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ipczmq::wire {

inline constexpr std::size_t uint_max = 9;
inline constexpr std::size_t text_head_max = 5;

template <class T>
inline std::byte* store(std::byte* out, T value) noexcept {
  for (std::size_t i = 0; i != sizeof(T); ++i) {
    out[i] = static_cast<std::byte>(value >> (8 * (sizeof(T) - 1 - i)));
  }
  return out + sizeof(T);
}

inline std::byte* put_byte(std::byte* out, unsigned byte) noexcept {
  *out = static_cast<std::byte>(byte);
  return out + 1;
}

inline std::byte* put_uint(std::byte* out, std::uint64_t value) noexcept {
  if (value < 0x80) return put_byte(out, static_cast<unsigned>(value));
  if (value <= 0xff) return put_byte(put_byte(out, 0xcc), static_cast<unsigned>(value));
  if (value <= 0xffff) return store(put_byte(out, 0xcd), static_cast<std::uint16_t>(value));
  if (value <= 0xffff'ffff) return store(put_byte(out, 0xce), static_cast<std::uint32_t>(value));
  return store(put_byte(out, 0xcf), value);
}

inline std::byte* put_bytes(std::byte* out, const void* bytes, std::size_t size) noexcept {
  if (size != 0) std::memcpy(out, bytes, size);
  return out + size;
}

inline std::byte* put_nil(std::byte* out) noexcept { return put_byte(out, 0xc0); }
inline std::byte* put_bool(std::byte* out, bool value) noexcept {
  return put_byte(out, value ? 0xc3 : 0xc2);
}

// Texts of 4 GiB and more do not exist here: the limits on frames are far below.
inline std::byte* put_str(std::byte* out, std::string_view text) noexcept {
  const std::size_t size = text.size();
  if (size < 32) {
    out = put_byte(out, 0xa0 | static_cast<unsigned>(size));
  } else if (size <= 0xff) {
    out = put_byte(put_byte(out, 0xd9), static_cast<unsigned>(size));
  } else if (size <= 0xffff) {
    out = store(put_byte(out, 0xda), static_cast<std::uint16_t>(size));
  } else {
    out = store(put_byte(out, 0xdb), static_cast<std::uint32_t>(size));
  }
  return put_bytes(out, text.data(), size);
}

inline std::byte* put_bin8(std::byte* out, bytes_view bytes) noexcept {
  out = put_byte(put_byte(out, 0xc4), static_cast<unsigned>(bytes.size()));
  return put_bytes(out, bytes.data(), bytes.size());
}

// `count` < 16.
inline std::byte* put_fixarray(std::byte* out, unsigned count) noexcept {
  return put_byte(out, 0x90 | count);
}

}  // namespace ipczmq::wire
