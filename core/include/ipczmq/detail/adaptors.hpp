// SPDX-License-Identifier: MIT
// In place of those adaptors of msgpack-c (up to 4.1.3 at least) that read beyond a value which is
// shorter than its type: what comes from a peer decides how far. Ours are preferred because they
// are constrained. Included by convert.hpp, which see.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ipczmq::detail {

// Arrays of these are a str or bin, not an array. Said outright, because clang 14 prefers whatever
// is constrained to what is more special.
template <class T>
concept byte_like =
    std::same_as<T, char> || std::same_as<T, unsigned char> || std::same_as<T, std::byte>;

// The bytes of a str or bin that has room in `size` bytes.
inline std::string_view text_within(const msgpack::object& o, std::size_t size) {
  std::string_view text;
  if (o.type == msgpack::type::STR) {
    text = {o.via.str.ptr, o.via.str.size};
  } else if (o.type == msgpack::type::BIN) {
    text = {o.via.bin.ptr, o.via.bin.size};
  } else {
    throw msgpack::type_error();
  }
  if (text.size() > size) throw msgpack::type_error();
  return text;
}

// The elements of an array of at least `min` and at most `max`.
inline std::span<const msgpack::object> elements_within(const msgpack::object& o, std::size_t min,
                                                        std::size_t max) {
  if (o.type != msgpack::type::ARRAY || o.via.array.size < min || o.via.array.size > max)
    throw msgpack::type_error();
  return {o.via.array.ptr, o.via.array.size};
}

}  // namespace ipczmq::detail

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  // Copied N bytes of a str whatever its length. What is absent is zero.
  template <std::size_t N>
  requires(N != 0) struct convert<std::array<char, N>> {
    const msgpack::object& operator()(const msgpack::object& o, std::array<char, N>& v) const {
      const std::string_view text = ipczmq::detail::text_within(o, N);
      std::fill(std::copy(text.begin(), text.end(), v.begin()), v.end(), '\0');
      return o;
    }
  };
  template <std::size_t N>
  requires(N != 0) struct convert<std::array<unsigned char, N>> {
    const msgpack::object& operator()(const msgpack::object& o,
                                      std::array<unsigned char, N>& v) const {
      const std::string_view text = ipczmq::detail::text_within(o, N);
      std::fill(std::copy(text.begin(), text.end(), v.begin()), v.end(),
                static_cast<unsigned char>(0));
      return o;
    }
  };

  // Left what is absent uninitialised.
  template <class T, std::size_t N>
  requires(N != 0 && !ipczmq::detail::byte_like<T>) struct convert<std::array<T, N>> {
    const msgpack::object& operator()(const msgpack::object& o, std::array<T, N>& v) const {
      const auto elements = ipczmq::detail::elements_within(o, 0, N);
      for (std::size_t i = 0; i < elements.size(); ++i) elements[i].convert(v[i]);
      for (std::size_t i = elements.size(); i < N; ++i) v[i] = T{};
      return o;
    }
  };

  // Read an element of an empty array.
  template <class T, std::size_t N>
  requires(N != 0 && !ipczmq::detail::byte_like<T>) struct convert<T[N]> {
    const msgpack::object& operator()(const msgpack::object& o, T* v) const {
      for (const msgpack::object& e : ipczmq::detail::elements_within(o, 0, N)) e.convert(*v++);
      return o;
    }
  };

  }  // namespace adaptor
}

MSGPACK_API_VERSION_NAMESPACE(v1) {
  // Of types that are made by an `as`, rather than filled: read all elements, whatever came.
  namespace adaptor::detail::array {
  template <class T, std::size_t N>
  requires(N > 1) struct as_impl<T, N> {
    static std::array<T, N> as(const msgpack::object& o) {
      const auto elements = ipczmq::detail::elements_within(o, N, N);
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<T, N>{{elements[I].template as<T>()...}};
      }
      (std::make_index_sequence<N>());
    }
  };
  template <class T>
  requires(msgpack::has_as<T>::value) struct as_impl<T, 1> {
    static std::array<T, 1> as(const msgpack::object& o) {
      return {{ipczmq::detail::elements_within(o, 1, 1)[0].as<T>()}};
    }
  };
  }  // namespace adaptor::detail::array
  template <class T, class... More>
  struct StdTupleAs<T, More...> {
    static std::tuple<T, More...> as(const msgpack::object& o) {
      const auto elements = ipczmq::detail::elements_within(o, 1 + sizeof...(More), 0xffffffff);
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::tuple<T, More...>{elements[0].template as<T>(),
                                      elements[I + 1].template as<More>()...};
      }
      (std::index_sequence_for<More...>());
    }
  };
}
}  // namespace msgpack
