// SPDX-License-Identifier: MIT
#include "support/block_pool.hpp"

#include "support/mutex.hpp"

#include <array>
#include <new>

namespace ipczmq::support {
namespace {

// Powers of two, and some room for what is kept beside the bytes of a frame.
constexpr std::size_t smallest = 4 * 1024;
constexpr std::size_t beside = 1024;
constexpr std::size_t classes = 10;
constexpr std::size_t kept_of_a_class = std::size_t{4} << 20;

constexpr std::size_t size_of(std::size_t which) { return (smallest << which) + beside; }

// The class of so many bytes; `classes` for those that are not pooled: malloc is quick with small
// ones, and huge ones would keep too much.
constexpr std::size_t class_of(std::size_t bytes) {
  if (IPCZMQ_POOLS_BLOCKS == 0 || bytes < smallest / 2) return classes;
  std::size_t which = 0;
  while (which < classes && bytes > size_of(which)) ++which;
  return which;
}

// A free block holds the next one.
struct free_block {
  free_block* next;
};

class shelf {
 public:
  // Null when there is none. Never waits: a thread that another process has forked away from may
  // hold the lock for ever.
  void* take() noexcept {
    if (!mutex_.try_lock()) return nullptr;
    free_block* const b = first_;
    if (b != nullptr) {
      first_ = b->next;
      --count_;
    }
    mutex_.unlock();
    return b;
  }
  bool give(void* block, std::size_t most) noexcept {
    if (!mutex_.try_lock()) return false;
    const bool room = count_ < most;
    if (room) {
      first_ = new (block) free_block{first_};
      ++count_;
    }
    mutex_.unlock();
    return room;
  }

 private:
  mutex mutex_;
  free_block* first_ GUARDED_BY(mutex_) = nullptr;
  std::size_t count_ GUARDED_BY(mutex_) = 0;
};

// Never destroyed: frames may outlive every static object.
std::array<shelf, classes>& shelves() {
  static auto* const all = new std::array<shelf, classes>;
  return *all;
}

}  // namespace

void* take_block(std::size_t bytes) {
  const std::size_t which = class_of(bytes);
  if (which == classes) return ::operator new(bytes);
  void* const used = shelves()[which].take();
  return used != nullptr ? used : ::operator new(size_of(which));
}

void give_block(void* block, std::size_t bytes) noexcept {
  const std::size_t which = class_of(bytes);
  if (which == classes || !shelves()[which].give(block, kept_of_a_class / size_of(which)))
    ::operator delete(block);
}

}  // namespace ipczmq::support
