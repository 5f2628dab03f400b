// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace ipczmq::detail {

// Bytes that are appended to. A std::vector spends more on an append of few bytes than the copy
// costs, and fills what it grows by with zeros.
class growing_bytes {
 public:
  growing_bytes() = default;
  growing_bytes(growing_bytes&& other) noexcept { swap(other); }
  growing_bytes(const growing_bytes& other) { append(other.data(), other.size()); }
  growing_bytes& operator=(growing_bytes other) noexcept {
    swap(other);
    return *this;
  }
  ~growing_bytes() = default;

  [[nodiscard]] const std::byte* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] const std::byte* begin() const noexcept { return data(); }
  [[nodiscard]] const std::byte* end() const noexcept { return data() + size_; }
  std::byte& operator[](std::size_t i) noexcept { return data_.get()[i]; }
  const std::byte& operator[](std::size_t i) const noexcept { return data_.get()[i]; }

  void push_back(std::byte b) {
    if (size_ == capacity_) grow(1);
    data_.get()[size_++] = b;
  }
  // `bytes` are not its own.
  void append(const void* bytes, std::size_t n) {
    if (capacity_ - size_ < n) grow(n);
    if (n != 0) std::memcpy(data_.get() + size_, bytes, n);
    size_ += n;
  }
  void clear() noexcept { size_ = 0; }  // keeps the memory
  friend bool operator==(const growing_bytes& a, std::span<const std::byte> b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  void grow(std::size_t room) {
    const std::size_t wanted = std::max({2 * capacity_, size_ + room, std::size_t{64}});
    auto grown = new_bytes(wanted);
    if (size_ != 0) std::memcpy(grown.get(), data_.get(), size_);
    data_ = std::move(grown);
    capacity_ = wanted;
  }
  void swap(growing_bytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::shared_ptr<std::byte[]> data_;  // nobody else's
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace ipczmq::detail
