// SPDX-License-Identifier: MIT
// C++ values to msgpack. Included by convert.hpp, which see.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace ipczmq::detail {

// From this size on a `buffer` travels as an attachment; below, copying it is cheaper than a part
// of its own.
inline constexpr std::size_t attach_from = 8192;
inline constexpr std::int8_t attachment_ext = 31;

class pack_stream;

// The stream that this thread is filling with attachments allowed, or null: msgpack-c gives the
// adaptor of `buffer` no access to it.
IPCZMQ_API pack_stream*& packing_now() noexcept;

// A cleared `packed` of this thread, whose memory is reused: sending allocates nothing. Nested use
// gets a fresh one.
class IPCZMQ_API pack_lease {
 public:
  pack_lease();
  ~pack_lease();
  pack_lease(const pack_lease&) = delete;
  pack_lease& operator=(const pack_lease&) = delete;
  packed& operator*() noexcept { return *packed_; }
  packed* operator->() noexcept { return packed_; }

 private:
  packed* packed_;
  bool own_;
};

// Throws error(bad_arguments) when the bytes hold the reserved ext type other than at the known
// references.
IPCZMQ_API void check_reserved(const packed& p);

// msgpack-c's Stream over a `packed`.
class pack_stream {
 public:
  explicit pack_stream(packed& p) : packed_(p) {}

  void write(const char* data, std::size_t n) {
    const auto* b = reinterpret_cast<const std::byte*>(data);
    // An ext header is written at once and ends with its type. This may be one, of the reserved
    // type, by a user's own hand: look closer at the end.
    if (n >= 2 && n <= 6 && b[n - 1] == std::byte{attachment_ext}) suspicious_ = true;
    if (n == 1) {
      packed_.bytes.push_back(*b);
    } else {
      packed_.bytes.append(b, n);
    }
  }

  void attach(const buffer& b) {
    const std::byte head[6] = {std::byte{0xd6}, std::byte{attachment_ext}};
    packed_.bytes.append(head, sizeof head);
    packed_.refs.push_back(static_cast<std::uint32_t>(packed_.bytes.size() - 4));
    const auto index = static_cast<std::uint32_t>(packed_.attachments.size());
    for (std::size_t i = 0; i < 4; ++i)
      packed_.bytes[packed_.bytes.size() - 1 - i] = std::byte(index >> (8 * i) & 0xff);
    packed_.attachments.push_back(b);
  }

  void finish() const {
    if (suspicious_) check_reserved(packed_);
  }

 private:
  packed& packed_;
  bool suspicious_ = false;
};

// Sets packing_now() and restores it.
class packing_scope {
 public:
  packing_scope(pack_stream& s, bool attach)
      : now_(packing_now()), before_(std::exchange(now_, attach ? &s : nullptr)) {}
  ~packing_scope() { now_ = before_; }
  packing_scope(const packing_scope&) = delete;
  packing_scope& operator=(const packing_scope&) = delete;

 private:
  pack_stream*& now_;  // of this thread
  pack_stream* before_;
};

// Packs it as an integer where msgpack's integers hold it, sign of zero included; else false.
template <class Float>
bool pack_as_integer(msgpack::packer<pack_stream>& pk, Float v) {
  constexpr auto half = static_cast<Float>(std::uint64_t{1} << 63);
  if (!(v >= -half && v < 2 * half) || (v == 0 && std::signbit(v))) return false;
  if (v < 0) {
    const auto n = static_cast<std::int64_t>(v);
    if (static_cast<Float>(n) != v) return false;
    pk.pack_int64(n);
  } else {
    const auto n = static_cast<std::uint64_t>(v);
    if (static_cast<Float>(n) != v) return false;
    pk.pack_uint64(n);
  }
  return true;
}

// `first`, then the bits of a number from the highest on.
template <std::size_t Size, class Bits>
void put_bits(char (&to)[Size], unsigned char first, Bits bits) noexcept {
  static_assert(Size == 1 + sizeof bits);
  to[0] = static_cast<char>(first);
  for (std::size_t i = 1; i < Size; ++i)
    to[i] = static_cast<char>(bits >> (8 * (Size - 1 - i)) & 0xff);
}

// Appends a value that is msgpack already (none at all is nil), with those of the attachments that
// it refers to, or with their bytes copied in. Throws error(bad_arguments) when it is no msgpack.
IPCZMQ_API void append_packed(packed& to, bytes_view bytes, std::span<const buffer> attachments,
                              bool attach = true);

// A null `const char*`, which is no text: an error at the call.
IPCZMQ_API void check_text(const char* text);

template <class T>
void pack_into(msgpack::packer<pack_stream>& pk, packed& p, const T& v) {
  static_assert(!std::is_pointer_v<T> || std::is_convertible_v<T, const char*>,
                "ipczmq: a pointer means nothing in another process; send what it points at");
  if constexpr (std::is_pointer_v<T>) check_text(v);
  if constexpr (std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::nullopt_t>) {
    pk.pack_nil();
  } else if constexpr (std::is_same_v<T, value> || std::is_base_of_v<value_view, T>) {
    append_packed(p, v.bytes(), v.attachments(), packing_now() != nullptr);
  } else {
    pk.pack(v);
  }
}

template <class T>
void pack_one(packed& p, const T& v, bool attach = true) {
  pack_stream s(p);
  const packing_scope scope(s, attach);
  msgpack::packer<pack_stream> pk(s);
  pack_into(pk, p, v);
  s.finish();
}

template <class... A>
void pack_args(packed& p, const A&... a) {
  pack_stream s(p);
  const packing_scope scope(s, true);
  msgpack::packer<pack_stream> pk(s);
  pk.pack_array(static_cast<std::uint32_t>(sizeof...(A)));
  (pack_into(pk, p, a), ...);
  s.finish();
}

}  // namespace ipczmq::detail

// A whole number travels as an integer, as msgpack-c does it, but for two numbers: msgpack-c
// converts 2^64 to an integer that cannot hold it, which is undefined, and a negative zero to zero.
template <>
inline msgpack::packer<ipczmq::detail::pack_stream>&
msgpack::packer<ipczmq::detail::pack_stream>::pack_double(double v) {
  if (ipczmq::detail::pack_as_integer(*this, v)) return *this;
  char bytes[9];
  ipczmq::detail::put_bits(bytes, 0xcb, std::bit_cast<std::uint64_t>(v));
  append_buffer(bytes, sizeof bytes);
  return *this;
}

template <>
inline msgpack::packer<ipczmq::detail::pack_stream>&
msgpack::packer<ipczmq::detail::pack_stream>::pack_float(float v) {
  if (ipczmq::detail::pack_as_integer(*this, v)) return *this;
  char bytes[5];
  ipczmq::detail::put_bits(bytes, 0xca, std::bit_cast<std::uint32_t>(v));
  append_buffer(bytes, sizeof bytes);
  return *this;
}

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  template <>
  struct pack<ipczmq::buffer> {
    template <class Stream>
    packer<Stream>& operator()(packer<Stream>& o, const ipczmq::buffer& b) const {
      if constexpr (std::is_same_v<Stream, ipczmq::detail::pack_stream>) {
        auto* const stream = ipczmq::detail::packing_now();
        if (b.size() >= ipczmq::detail::attach_from && stream != nullptr) {
          stream->attach(b);
          return o;
        }
      }
      const auto size = static_cast<std::uint32_t>(checked_get_container_size(b.size()));
      o.pack_bin(size);
      o.pack_bin_body(reinterpret_cast<const char*>(b.data()), size);
      return o;
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
