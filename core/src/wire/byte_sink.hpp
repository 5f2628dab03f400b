// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/buffer.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace ipczmq::wire {

// A growing array of bytes that becomes a `buffer` without a copy. A std::vector would fill what it
// grows by with zeros first, and cost a second allocation on its way into a buffer.
class byte_sink {
 public:
  byte_sink() = default;
  byte_sink(const byte_sink&) = delete;
  byte_sink& operator=(const byte_sink&) = delete;
  byte_sink(byte_sink&& other) noexcept { swap(other); }
  byte_sink& operator=(byte_sink&& other) noexcept {
    swap(other);
    return *this;
  }
  ~byte_sink() = default;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::byte* data() noexcept { return bytes_.get(); }

  // Where the next bytes go, with room for `room` of them. Valid until the next call.
  [[nodiscard]] std::byte* end_with_room(std::size_t room) {
    if (capacity_ - size_ < room) grow(room);
    return bytes_.get() + size_;
  }
  // The bytes up to `end` have been written.
  void set_end(const std::byte* end) noexcept {
    size_ = static_cast<std::size_t>(end - bytes_.get());
  }

  void clear() noexcept { size_ = 0; }

  // What was written; the sink is empty afterwards, and will begin with room for about as much
  // again.
  [[nodiscard]] buffer take() {
    first_capacity_ = std::clamp(size_, first_capacity_min, first_capacity_max);
    const std::byte* data = bytes_.get();
    capacity_ = 0;
    return {std::move(bytes_), data, std::exchange(size_, 0)};
  }

 private:
  // A buffer keeps its spare room for as long as it lives, so one huge frame must not make the
  // small ones huge.
  static constexpr std::size_t first_capacity_min = 256;
  static constexpr std::size_t first_capacity_max = 64 * 1024;

  std::shared_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t first_capacity_ = first_capacity_min;

  void swap(byte_sink& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(first_capacity_, other.first_capacity_);
  }

  void grow(std::size_t room) {
    const std::size_t wanted = std::max({capacity_ * 2, first_capacity_, size_ + room});
    auto grown = detail::new_bytes(wanted);
    if (size_ != 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
    capacity_ = wanted;
  }
};

}  // namespace ipczmq::wire
