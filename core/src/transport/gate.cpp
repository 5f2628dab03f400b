// SPDX-License-Identifier: MIT
#include "transport/gate.hpp"

#include "transport/errno_error.hpp"
#include "transport/message.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

namespace ipczmq::transport {
namespace {

// Events in one go, before others get the lock.
constexpr int events_at_once = 256;

constexpr const char* few_left =
    "only the descriptors that are kept in reserve are left (raise the hard limit of open files, "
    "ulimit -Hn)";
constexpr const char* none_left =
    "the process itself has used up its descriptors (raise the limit of open files, ulimit -n, or "
    "close some)";

int descriptor_of(void* pair) {
  int fd = -1;
  std::size_t size = sizeof fd;
  if (zmq_getsockopt(pair, ZMQ_FD, &fd, &size) != 0)
    throw errno_error(errc::system, "cannot watch a ZeroMQ socket: descriptor", errno);
  return fd;
}

unique_fd any_descriptor() { return unique_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

bool read_event(void* pair, socket_event& e) {
  // An event is two parts: a packed {u16 event, u32 value}, and the endpoint.
  for (;;) {
    message head;
    message endpoint;
    while (zmq_msg_recv(head.raw(), pair, ZMQ_DONTWAIT) < 0)
      if (errno != EINTR) return false;
    while (head.more() && zmq_msg_recv(endpoint.raw(), pair, ZMQ_DONTWAIT) < 0)
      if (errno != EINTR) return false;
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    if (head.size() != sizeof event + sizeof value) continue;
    const char* const bytes = static_cast<const char*>(head.data());
    std::memcpy(&event, bytes, sizeof event);
    std::memcpy(&value, bytes + sizeof event, sizeof value);
    // Comes when the monitor stops, whatever was asked for.
    if (event == ZMQ_EVENT_MONITOR_STOPPED) continue;
    e = {event, value, std::string(endpoint.view())};
    return true;
  }
}

int gate::descriptors_max(std::size_t all) noexcept {
  // An eighth is for the application, and for what the flood finds before the gate has closed. A
  // process with so few that this would be more than half has no certainty, only a quick gate.
  const auto n = static_cast<int>(std::min<std::size_t>(all, 1 << 30));
  return n - std::min(std::max(unread_max + 64, std::min(n / 8, 4096)), n / 2);
}

gate::gate(void* pair)
    : pair_(pair),
      fd_(descriptor_of(pair)),
      descriptors_max_(descriptors_max(context::descriptors())),
      spare_(any_descriptor()) {
  // Signals are the application's: they go to its own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "ipczmq gate");
}

gate::~gate() {
  over_ = true;
  stop_.wake();
  thread_.join();
}

void gate::loop() noexcept {
  pollfd watched[] = {{fd_, POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
  while (!over_) {
    {
      // ZMQ_FD is edge-triggered: everything is read before it is polled.
      bool more = true;
      while (more && !over_) {
        const lock l(mutex_);
        more = drain();
      }
    }
    ::poll(watched, 2, -1);
  }
}

bool gate::next(socket_event& e) {
  const lock l(mutex_);
  // What is decided with this event must know of all that came before.
  if (events_.empty()) drain();
  if (events_.empty()) return false;
  e = std::move(events_.front());
  events_.pop_front();
  if (events_.empty()) waker_.clear();
  return true;
}

bool gate::drain() {
  socket_event e;
  int n = 0;
  while (n < events_at_once && read_event(pair_, e)) {
    ++n;
    if (events_.empty()) waker_.wake();
    switch (e.event) {
      case ZMQ_EVENT_ACCEPTED:
        on_accepted(std::move(e));
        break;
      case ZMQ_EVENT_ACCEPT_FAILED:
        on_accept_failed(e);
        break;
      case ZMQ_EVENT_DISCONNECTED:
        excess_.erase(static_cast<int>(e.value));
        [[fallthrough]];
      default:
        events_.push_back(std::move(e));
    }
  }
  for (const int fd : excess_) socket::cut(fd);
  excess_.clear();
  return n == events_at_once;
}

void gate::on_accepted(socket_event e) {
  const auto fd = static_cast<int>(e.value);
  if (!spare_.valid()) spare_ = any_descriptor();
  const bool starved = !spare_.valid();
  if (fd < descriptors_max_ && !starved) {
    events_.push_back(std::move(e));
    return;
  }
  excess_.insert(fd);
  say_cut(1, starved ? none_left : few_left);
}

void gate::on_accept_failed(const socket_event& e) {
  const auto why = static_cast<int>(e.value);
  if (why != EMFILE && why != ENFILE) {
    events_.push_back(e);
    return;
  }
  say_cut(0, none_left);
  spare_ = unique_fd();
}

void gate::say_cut(unsigned count, const char* why) {
  if (!events_.empty() && events_.back().event == socket_event::cut && events_.back().text == why) {
    events_.back().value += count;
  } else {
    events_.push_back({socket_event::cut, count, why});
  }
}

}  // namespace ipczmq::transport
