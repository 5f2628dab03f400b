// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

// Under AddressSanitizer nothing is used again: what is freed shall be out of reach.
#if defined(__SANITIZE_ADDRESS__)
#define IPCZMQ_POOLS_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IPCZMQ_POOLS_BLOCKS 0
#endif
#endif
#ifndef IPCZMQ_POOLS_BLOCKS
#define IPCZMQ_POOLS_BLOCKS 1
#endif

namespace ipczmq::support {

// Memory of the size of frames and buffers, from some kilobytes to two megabytes, used again.
// malloc gives what is large, or free at the end of a heap, back to the kernel at once, and then
// every page of the next one costs a fault, and other threads an interrupt. One pool for the
// process; it keeps 4 MiB of each power of two at most. Thread-safe; also after a fork.
[[nodiscard]] void* take_block(std::size_t bytes);
// `bytes`: as they were asked for.
void give_block(void* block, std::size_t bytes) noexcept;

template <class T>
struct block_allocator {
  using value_type = T;
  block_allocator() = default;
  template <class U>
  explicit(false) block_allocator(const block_allocator<U>& /*other*/) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(take_block(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) noexcept { give_block(p, n * sizeof(T)); }
  friend bool operator==(const block_allocator& /*a*/, const block_allocator& /*b*/) {
    return true;
  }
};

}  // namespace ipczmq::support
