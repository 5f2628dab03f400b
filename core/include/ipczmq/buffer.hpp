// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/version.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ipczmq {

using bytes_view = std::span<const std::byte>;

namespace detail {
// Uninitialised; from some kilobytes to two megabytes it is memory that was used before, so that
// its pages are there.
[[nodiscard]] IPCZMQ_API std::shared_ptr<std::byte[]> new_bytes(std::size_t size);
}  // namespace detail

/// A large binary, owned or shared: the type that crosses without copies. Other types are copied.
///
/// A value type: copies share the bytes. Reading is thread-safe; write through `mutable_data()`
/// only before the buffer is sent or copied. A received buffer keeps the frame it came in alive.
class buffer {
 public:
  buffer() = default;

  /// `size` bytes of its own, uninitialised.
  explicit buffer(std::size_t size)
      : owner_(detail::new_bytes(size)),
        data_(static_cast<const std::byte*>(owner_.get())),
        size_(size) {}

  /// Bytes that `owner` keeps alive.
  buffer(std::shared_ptr<const void> owner, const void* data, std::size_t size)
      : owner_(std::move(owner)), data_(static_cast<const std::byte*>(data)), size_(size) {}

  /// A copy of `bytes`.
  static buffer copy(const void* data, std::size_t size) {
    buffer b(size);
    if (size != 0) std::memcpy(b.mutable_data(), data, size);
    return b;
  }
  static buffer copy(bytes_view bytes) { return copy(bytes.data(), bytes.size()); }
  static buffer copy(std::string_view text) { return copy(text.data(), text.size()); }

  /// Takes over a container of trivially copyable elements, without a copy of its bytes.
  template <class T>
  static buffer take(std::vector<T> v) {
    return take_container(std::move(v));
  }
  static buffer take(std::string s) { return take_container(std::move(s)); }

  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bytes_view bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  /// For filling a buffer made by `buffer(size)`, before it is sent or copied.
  [[nodiscard]] std::byte* mutable_data() noexcept { return const_cast<std::byte*>(data_); }

  /// What keeps the bytes alive.
  [[nodiscard]] const std::shared_ptr<const void>& owner() const noexcept { return owner_; }

  /// A part of these bytes, sharing them.
  [[nodiscard]] buffer slice(std::size_t offset, std::size_t size) const {
    return {owner_, data_ + offset, size};
  }

  friend bool operator==(const buffer& a, const buffer& b) noexcept { return a.view() == b.view(); }

 private:
  template <class C>
  static buffer take_container(C c) {
    static_assert(std::is_trivially_copyable_v<typename C::value_type>);
    auto held = std::make_shared<C>(std::move(c));
    const void* data = held->data();
    const std::size_t size = held->size() * sizeof(typename C::value_type);
    return {std::move(held), data, size};
  }

  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace ipczmq
