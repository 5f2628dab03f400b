// SPDX-License-Identifier: MIT
#pragma once

#include "transport/unique_fd.hpp"

#include <sys/epoll.h>

#include <cstdint>
#include <span>

namespace ipczmq::transport {

// Descriptors to wait for, each with a tag of its user's. Thread-safe, as epoll is.
class epoll_set {
 public:
  enum class trigger : std::uint32_t { level = EPOLLIN, edge = EPOLLIN | EPOLLET };

  // Throws error: system, when no descriptor is left.
  epoll_set();

  // False when the kernel takes no more of them.
  [[nodiscard]] bool try_add(int fd, std::uint64_t tag, trigger t = trigger::level) noexcept;
  // Throws error: system.
  void add(int fd, std::uint64_t tag, trigger t = trigger::level);
  // One that is closed everywhere leaves by itself.
  void remove(int fd) noexcept;
  // Fills the front of `events`; returns how many. Milliseconds; -1 for without end.
  [[nodiscard]] int wait(std::span<epoll_event> events, int milliseconds) noexcept;
  // Readable when one of them is.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  unique_fd fd_;
};

}  // namespace ipczmq::transport
