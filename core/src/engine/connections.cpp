// SPDX-License-Identifier: MIT
#include "engine/connections.hpp"

#include <utility>

namespace ipczmq::engine {

using session::time_point;

namespace {
// Of one connection. Each is answered, and a peer whose session has ended may have many under way.
constexpr int strays_max = 1000;
}  // namespace

connections::cuts connections::accepted(int fd, time_point now) {
  cuts c;
  if (by_fd_.size() >= limits_.connections) {
    c = {1, "there are " + std::to_string(by_fd_.size()) + " already (connections_max)"};
    cut_(fd);
  }
  by_fd_[fd] = {.serial = ++serial_};
  half_open_.push_back({now + hello_within, fd, serial_});
  while (half_open_.size() > limits_.half_open) {
    if (!end_first_half_open()) continue;
    ++c.count;
    c.why = "more than " + std::to_string(limits_.half_open) + " have not said hello";
  }
  return c;
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

bool connections::may_refuse(int fd) {
  auto* const c = find(fd);
  if (c == nullptr || !std::exchange(c->refused, true)) return true;
  cut_(fd);
  return false;
}

bool connections::may_stray(int fd) {
  auto* const c = find(fd);
  if (c == nullptr || ++c->strays <= strays_max) return true;
  cut_(fd);
  return false;
}

bool connections::end_first_half_open() {
  const half_open h = half_open_.front();
  half_open_.pop_front();
  const auto it = by_fd_.find(h.fd);
  if (it == by_fd_.end() || it->second.serial != h.serial || it->second.peer != 0) return false;
  cut_(h.fd);
  return true;
}

connections::cuts connections::on_time(time_point now) {
  cuts c;
  while (!half_open_.empty() && half_open_.front().until <= now)
    if (end_first_half_open()) ++c.count;
  if (c.count != 0) c.why = "no hello came within " + std::to_string(hello_within.count()) + " s";
  return c;
}

}  // namespace ipczmq::engine
