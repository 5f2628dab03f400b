// SPDX-License-Identifier: MIT
// Reading checked values in place; see PROTOCOL.md §3 for attachments.
#include "wire/cursor.hpp"
#include "wire/decode.hpp"

#include <ipczmq/args.hpp>
#include <ipczmq/convert.hpp>

#include <bit>
#include <limits>

namespace ipczmq::detail {

namespace {

// The attachment that `v` refers to, or null.
const buffer* attachment_of(value_view v) noexcept {
  wire::cursor c(v.bytes());
  std::uint32_t index = 0;
  if (!c.read_reference(index) || index >= v.attachments().size()) return nullptr;
  return &v.attachments()[index];
}

// True, with its body, when the value is a number of `T`'s size with that head byte.
template <class T>
bool read_fixed(bytes_view bytes, unsigned head, T& out) noexcept {
  if (bytes.size() < 1 + sizeof(T) || bytes[0] != std::byte(head)) return false;
  out = wire::load<T>(bytes.data() + 1);
  return true;
}

template <class Signed>
bool read_signed(bytes_view bytes, unsigned head, std::int64_t& out) noexcept {
  std::make_unsigned_t<Signed> raw = 0;
  if (!read_fixed(bytes, head, raw)) return false;
  out = static_cast<Signed>(raw);
  return true;
}

bool read_any_signed(bytes_view bytes, std::int64_t& out) noexcept {
  if (bytes.empty()) return false;
  if (std::to_integer<unsigned>(bytes[0]) >= 0xe0) {
    out = std::to_integer<std::int8_t>(bytes[0]);
    return true;
  }
  return read_signed<std::int8_t>(bytes, 0xd0, out) ||
         read_signed<std::int16_t>(bytes, 0xd1, out) ||
         read_signed<std::int32_t>(bytes, 0xd2, out) || read_signed<std::int64_t>(bytes, 0xd3, out);
}

}  // namespace

const std::byte* skip_value(const std::byte* p, const std::byte* end) noexcept {
  if (p == end) return end;
  const auto head = std::to_integer<unsigned>(*p);
  if (head <= 0x7f || head >= 0xe0 || head == 0xc0 || head == 0xc2 || head == 0xc3) return p + 1;
  constexpr wire::value_rules any{.attachments = std::numeric_limits<std::size_t>::max()};
  wire::cursor c({p, end});
  return c.skip(any) == wire::fault::none ? c.position() : end;
}

std::size_t array_size(bytes_view array, const std::byte*& first) noexcept {
  wire::cursor c(array);
  std::size_t count = 0;
  if (!c.read_array(count)) count = 0;
  first = c.position();
  return count;
}

packed check_raw(bytes_view bytes, std::span<const buffer> attachments, bool must_be_array) {
  packed out;
  const std::string wrong =
      wire::check_value(bytes, wire::depth_max, attachments.size(), must_be_array, &out.refs);
  if (!wrong.empty()) throw error(errc::bad_arguments, "argument bytes: " + wrong);
  out.bytes.append(bytes.data(), bytes.size());
  out.attachments.assign(attachments.begin(), attachments.end());
  return out;
}

bool read_text(value_view v, std::string_view& out) noexcept {
  wire::cursor c(v.bytes());
  if (c.read_str(out)) return true;
  bytes_view bin;
  if (const buffer* b = attachment_of(v); b != nullptr) {
    bin = b->bytes();
  } else if (!c.read_bin(bin)) {
    return false;
  }
  out = {reinterpret_cast<const char*>(bin.data()), bin.size()};
  return true;
}

bool read_bool(value_view v, bool& out) noexcept { return wire::cursor(v.bytes()).read_bool(out); }

bool read_double(value_view v, double& out) noexcept {
  if (std::uint64_t raw = 0; read_fixed(v.bytes(), 0xcb, raw)) {
    out = std::bit_cast<double>(raw);
    return true;
  }
  if (std::uint32_t raw = 0; read_fixed(v.bytes(), 0xca, raw)) {
    out = std::bit_cast<float>(raw);
    return true;
  }
  integer i;
  if (!read_integer(v, i)) return false;
  out = i.negative ? static_cast<double>(i.s) : static_cast<double>(i.u);
  return true;
}

bool read_integer(value_view v, integer& out) noexcept {
  out.negative = false;
  if (wire::cursor(v.bytes()).read_uint(out.u)) return true;
  if (!read_any_signed(v.bytes(), out.s)) return false;
  out.negative = true;
  return true;
}

bool read_buffer(value_view v, buffer& out) {
  if (const buffer* b = attachment_of(v); b != nullptr) {
    out = *b;
    return true;
  }
  bytes_view bin;
  if (!wire::cursor(v.bytes()).read_bin(bin)) return false;
  out = buffer::copy(bin);
  return true;
}

std::span<const buffer>& converting_now() noexcept {
  static thread_local std::span<const buffer> attachments;
  return attachments;
}

}  // namespace ipczmq::detail
