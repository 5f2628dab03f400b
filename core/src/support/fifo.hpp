// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace ipczmq::support {

// First in, first out, as std::deque; but one that is empty owns nothing (libstdc++'s owns 600
// bytes, and each peer has six), and one that is in use allocates nothing while it does not grow.
// T is default-constructible. Adding, removing and moving make iterators and references invalid.
template <class T>
class fifo {
  template <class Queue, class Value>
  class cursor {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = Value*;
    using reference = Value&;

    cursor() = default;
    cursor(Queue& q, std::size_t i) : queue_(&q), index_(i) {}
    reference operator*() const { return (*queue_)[index_]; }
    pointer operator->() const { return &(*queue_)[index_]; }
    cursor& operator++() {
      ++index_;
      return *this;
    }
    cursor operator++(int) {
      const cursor before = *this;
      ++index_;
      return before;
    }
    friend bool operator==(const cursor&, const cursor&) = default;
    [[nodiscard]] std::size_t index() const { return index_; }

   private:
    Queue* queue_ = nullptr;
    std::size_t index_ = 0;
  };

 public:
  using iterator = cursor<fifo, T>;
  using const_iterator = cursor<const fifo, const T>;

  fifo() = default;
  fifo(fifo&& other) noexcept { swap(other); }
  fifo& operator=(fifo&& other) noexcept {
    fifo(std::move(other)).swap(*this);
    return *this;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return slots_[at(i)]; }
  const T& operator[](std::size_t i) const { return slots_[at(i)]; }
  T& front() { return slots_[head_]; }
  [[nodiscard]] const T& front() const { return slots_[head_]; }
  T& back() { return (*this)[size_ - 1]; }
  [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }

  iterator begin() { return {*this, 0}; }
  iterator end() { return {*this, size_}; }
  [[nodiscard]] const_iterator begin() const { return {*this, 0}; }
  [[nodiscard]] const_iterator end() const { return {*this, size_}; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[at(size_)] = std::move(value);
    ++size_;
  }

  void pop_front() {
    slots_[head_] = T{};
    head_ = (head_ + 1) & (slots_.size() - 1);
    // What a flood needed is not for the quiet afterwards.
    if (--size_ == 0 && slots_.size() > kept_slots) clear();
  }

  // Returns what follows.
  iterator erase(iterator where) {
    for (std::size_t i = where.index(); i + 1 < size_; ++i) (*this)[i] = std::move((*this)[i + 1]);
    back() = T{};
    --size_;
    return where;
  }

  void clear() noexcept { fifo().swap(*this); }

 private:
  static constexpr std::size_t kept_slots = 128;

  [[nodiscard]] std::size_t at(std::size_t i) const { return (head_ + i) & (slots_.size() - 1); }

  void grow() {
    std::vector<T> larger(slots_.empty() ? 2 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    head_ = 0;
  }

  void swap(fifo& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
  }

  std::vector<T> slots_;  // a power of two of them
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ipczmq::support
