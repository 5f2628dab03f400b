// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"
#include "wire/frame.hpp"

#include <memory>
#include <vector>

namespace ipczmq::engine {

// Received frames whose memory is used again: the messages of a full one take 128 KiB, and malloc
// would give them back to the kernel every time. Thread-safe: the last reference goes where a
// user's does.
class frame_pool : public std::enable_shared_from_this<frame_pool> {
 public:
  std::shared_ptr<wire::frame> take() {
    std::unique_ptr<wire::frame> f;
    {
      const lock l(mutex_);
      if (!spare_.empty()) {
        f = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    if (f == nullptr) f = std::make_unique<wire::frame>();
    return {f.release(), [pool = shared_from_this()](wire::frame* used) {
              pool->give_back(std::unique_ptr<wire::frame>(used));
            }};
  }

 private:
  static constexpr std::size_t frames_kept = 4;
  static constexpr std::size_t messages_kept = 2048;

  void give_back(std::unique_ptr<wire::frame> f) noexcept {
    f->parts.clear();  // a user's deleter may run here
    f->messages.clear();
    if (f->messages.capacity() > messages_kept) return;
    const lock l(mutex_);
    if (spare_.size() < frames_kept) spare_.push_back(std::move(f));  // has room: see below
  }

  mutex mutex_;
  std::vector<std::unique_ptr<wire::frame>> spare_ GUARDED_BY(mutex_) = reserved();

  static std::vector<std::unique_ptr<wire::frame>> reserved() {
    std::vector<std::unique_ptr<wire::frame>> v;
    v.reserve(frames_kept);
    return v;
  }
};

}  // namespace ipczmq::engine
