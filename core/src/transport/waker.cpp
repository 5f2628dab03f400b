// SPDX-License-Identifier: MIT
#include "transport/waker.hpp"

#include "transport/errno_error.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace ipczmq::transport {

waker::waker() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw errno_error(errc::system, "cannot make an eventfd", errno);
}

waker::~waker() { ::close(fd_); }

void waker::wake() noexcept {
  // A signal handler must leave errno alone. EAGAIN means a full counter, which wakes as well.
  const int before = errno;
  const std::uint64_t one = 1;
  while (::write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  errno = before;
}

void waker::clear() noexcept {
  std::uint64_t count = 0;
  while (::read(fd_, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

}  // namespace ipczmq::transport
