// SPDX-License-Identifier: MIT
// Between C++ types and msgpack, by msgpack-c's own adaptors: a type with MSGPACK_DEFINE works with
// no further code. The one header that includes msgpack.
#pragma once

#ifndef MSGPACK_NO_BOOST
#define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include <ipczmq/args.hpp>
#include <ipczmq/detail/adaptors.hpp>
#include <ipczmq/detail/packing.hpp>
#include <ipczmq/detail/reading.hpp>
#include <ipczmq/error.hpp>

namespace ipczmq {

/// One value as msgpack. Large buffers inside are copied in.
template <class T>
[[nodiscard]] std::vector<std::byte> pack(const T& v) {
  detail::packed p;
  detail::pack_one(p, v, /*attach=*/false);
  return {p.bytes.begin(), p.bytes.end()};
}

/// Checks `bytes` and converts the one msgpack value that they hold. Views in the result point into
/// `bytes`. Throws error(bad_arguments).
template <class T>
[[nodiscard]] T unpack(bytes_view bytes) {
  (void)detail::check_raw(bytes, {}, false);
  return detail::convert<T>(value_view(bytes, {}), nullptr);
}

template <class T>
T value_view::as() const {
  return detail::convert<T>(*this, nullptr);
}

template <class T>
T argument::as() const {
  return detail::convert<T>(static_cast<const value_view&>(*this), &place_);
}

}  // namespace ipczmq
