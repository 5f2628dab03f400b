// SPDX-License-Identifier: MIT
#include "transport/epoll_set.hpp"

#include "transport/errno_error.hpp"

#include <cerrno>

namespace ipczmq::transport {

epoll_set::epoll_set() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_.valid())
    throw errno_error(errc::system, "cannot make an epoll (raise the limit of open files)", errno);
}

bool epoll_set::try_add(int fd, std::uint64_t tag, trigger t) noexcept {
  epoll_event e{};
  e.events = static_cast<std::uint32_t>(t);
  e.data.u64 = tag;
  return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &e) == 0;
}

void epoll_set::add(int fd, std::uint64_t tag, trigger t) {
  if (!try_add(fd, tag, t)) throw errno_error(errc::system, "cannot watch a descriptor", errno);
}

void epoll_set::remove(int fd) noexcept { ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

int epoll_set::wait(std::span<epoll_event> events, int milliseconds) noexcept {
  return ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
}

}  // namespace ipczmq::transport
