// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/buffer.hpp>
#include <ipczmq/detail/growing_bytes.hpp>
#include <ipczmq/version.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ipczmq {

namespace detail {

// A packed argument array or value on its way out. `refs` are the offsets, in `bytes`, of the
// 4-byte indices that refer to `attachments`.
struct packed {
  growing_bytes bytes;
  std::vector<buffer> attachments;
  std::vector<std::uint32_t> refs;
  void clear() {
    bytes.clear();
    attachments.clear();
    refs.clear();
  }
};

// Which argument is being converted, for the text of an error.
struct argument_place {
  static constexpr std::size_t answer = ~std::size_t{0};  // as index: not an argument
  std::string_view channel;
  std::size_t index = 0;  // from 0
  std::size_t sent = 0;   // how many came
};

// Past the one msgpack value at `p`, which has been checked. `end` when there is none.
IPCZMQ_API const std::byte* skip_value(const std::byte* p, const std::byte* end) noexcept;
// The number of elements of a checked msgpack array, and where they begin.
IPCZMQ_API std::size_t array_size(bytes_view array, const std::byte*& first) noexcept;
// The same, without a call for the arrays of most messages: those of up to 15 elements.
inline std::size_t elements_of(bytes_view array, const std::byte*& first) noexcept {
  if (array.empty() || (array[0] & std::byte{0xf0}) != std::byte{0x90})
    return array_size(array, first);
  first = array.data() + 1;
  return std::to_integer<std::size_t>(array[0] & std::byte{0x0f});
}

class args_reader;

// Checks what a raw verb was handed, and finds its references. Throws error(bad_arguments).
IPCZMQ_API packed check_raw(bytes_view bytes, std::span<const buffer> attachments,
                            bool must_be_array);

}  // namespace detail

/// One msgpack value inside a received message: a view.
class value_view {
 public:
  value_view() = default;
  value_view(bytes_view bytes, std::span<const buffer> attachments)
      : bytes_(bytes), attachments_(attachments) {}

  /// The value as a T. Throws error(bad_arguments) that names what was wanted and what was there.
  /// (convert.hpp)
  template <class T>
  [[nodiscard]] T as() const;
  [[nodiscard]] bool is_nil() const noexcept {
    return bytes_.empty() || bytes_[0] == std::byte{0xc0};
  }
  /// Its msgpack encoding; attachments are ext type 31 (see PROTOCOL.md).
  [[nodiscard]] bytes_view bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::span<const buffer> attachments() const noexcept { return attachments_; }

 private:
  bytes_view bytes_;
  std::span<const buffer> attachments_;
};

/// One of `args`: a value_view whose errors name channel and position.
class argument : public value_view {
 public:
  argument(value_view v, const detail::argument_place& place) : value_view(v), place_(place) {}

  /// As value_view's. (convert.hpp)
  template <class T>
  [[nodiscard]] T as() const;

 private:
  detail::argument_place place_;
};

/// The arguments of a message, unconverted: a view, valid while its listener runs, or as long as a
/// copy of its event lives.
class args {
 public:
  args() = default;
  args(bytes_view array, std::span<const buffer> attachments, std::string_view channel = {})
      : array_(array),
        attachments_(attachments),
        channel_(channel),
        size_(detail::elements_of(array, first_)) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The argument at `i`; nil when there are fewer, as in JavaScript.
  [[nodiscard]] argument operator[](std::size_t i) const noexcept {
    const detail::argument_place place{channel_, i, size_};
    if (i >= size_) return {{}, place};
    const std::byte* end = array_.data() + array_.size();
    const std::byte* p = first_;
    for (; i != 0; --i) p = detail::skip_value(p, end);
    const std::byte* next = detail::skip_value(p, end);
    return {value_view({p, next}, attachments_), place};
  }
  /// The argument at `i` as a T. Throws error(bad_arguments). (convert.hpp)
  template <class T>
  [[nodiscard]] T get(std::size_t i) const {
    return (*this)[i].template as<T>();
  }
  /// The whole array as msgpack.
  [[nodiscard]] bytes_view bytes() const noexcept { return array_; }
  /// The large binaries that the bytes refer to by ext type 31.
  [[nodiscard]] std::span<const buffer> attachments() const noexcept { return attachments_; }

 private:
  friend class detail::args_reader;

  bytes_view array_;
  std::span<const buffer> attachments_;
  std::string_view channel_;
  const std::byte* first_ = nullptr;
  std::size_t size_ = 0;
};

namespace detail {

// One argument after the other, each skipped once; nil when there are no more.
class args_reader {
 public:
  explicit args_reader(const args& a)
      : next_(a.first_),
        end_(a.array_.data() + a.array_.size()),
        attachments_(a.attachments_),
        left_(a.size_) {}

  value_view operator()() noexcept {
    if (left_ == 0) return {};
    --left_;
    const std::byte* const p = std::exchange(next_, skip_value(next_, end_));
    return {{p, next_}, attachments_};
  }

 private:
  const std::byte* next_;
  const std::byte* end_;
  std::span<const buffer> attachments_;
  std::size_t left_;
};

}  // namespace detail

/// A msgpack value of its own: what `send_sync` and `invoke` return when no type is asked for.
class value {
 public:
  value() = default;
  value(std::shared_ptr<const void> owner, value_view view)
      : owner_(std::move(owner)), view_(view) {}

  template <class T>
  [[nodiscard]] T as() const {
    return view_.template as<T>();
  }
  [[nodiscard]] bool is_nil() const noexcept { return view_.is_nil(); }
  [[nodiscard]] bytes_view bytes() const noexcept { return view_.bytes(); }
  [[nodiscard]] std::span<const buffer> attachments() const noexcept { return view_.attachments(); }

 private:
  std::shared_ptr<const void> owner_;
  value_view view_;
};

}  // namespace ipczmq
