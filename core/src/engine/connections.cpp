// SPDX-License-Identifier: MIT
#include "engine/connections.hpp"

namespace ipczmq::engine {

using session::time_point;

namespace {
constexpr auto hello_within = std::chrono::seconds(3);
}

std::string connections::accepted(int fd, bool known, time_point now) {
  std::string why;
  if (by_fd_.size() >= limits_.connections) {
    why = "there are " + std::to_string(by_fd_.size()) + " already (connections_max)";
  } else if (fd >= limits_.descriptors) {
    why =
        "only the descriptors that are kept in reserve are left (raise the limit of open files, "
        "ulimit -n)";
  }
  if (!why.empty()) cut_(fd);
  connection& c = by_fd_[fd];
  if (known && c.serial == 0) {
    c.serial = ++serial_;
    return why;
  }
  c = {0, ++serial_, false};
  half_open_.push_back({now + hello_within, fd, c.serial});
  while (half_open_.size() > limits_.half_open) end_first_half_open();
  return why;
}

std::uint64_t connections::disconnected(int fd) {
  const auto it = by_fd_.find(fd);
  if (it == by_fd_.end()) return 0;
  const std::uint64_t peer = it->second.peer;
  by_fd_.erase(it);
  return peer == gone_peer ? 0 : peer;
}

void connections::forget(int fd, std::uint64_t peer) {
  const auto it = by_fd_.find(fd);
  if (it != by_fd_.end() && it->second.peer == peer) it->second.peer = gone_peer;
}

void connections::end_first_half_open() {
  const half_open h = half_open_.front();
  half_open_.pop_front();
  const auto it = by_fd_.find(h.fd);
  if (it != by_fd_.end() && it->second.serial == h.serial && it->second.peer == 0) cut_(h.fd);
}

time_point connections::on_time(time_point now) {
  while (!half_open_.empty() && half_open_.front().until <= now) end_first_half_open();
  return next_due();
}

}  // namespace ipczmq::engine
