// SPDX-License-Identifier: MIT
#pragma once

namespace ipczmq::transport {

// Makes a poll() of fd() return. wake() is thread-safe and async-signal-safe; several wakes before
// a clear() count as one.
class waker {
 public:
  waker();
  ~waker();
  waker(const waker&) = delete;
  waker& operator=(const waker&) = delete;

  void wake() noexcept;
  void clear() noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace ipczmq::transport
