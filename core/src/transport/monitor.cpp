// SPDX-License-Identifier: MIT
#include "transport/monitor.hpp"

#include "transport/errno_error.hpp"

#include <poll.h>
#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace ipczmq::transport {
namespace {

constexpr int handshake_failures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
constexpr int router_events =
    ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED | handshake_failures;
constexpr int dealer_events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                              ZMQ_EVENT_DISCONNECTED | handshake_failures;

std::string unused_endpoint() {
  static std::atomic<std::uint64_t> last{0};
  return "inproc://ipczmq-monitor-" + std::to_string(++last);
}

std::string failure_text(unsigned event, unsigned value) {
  switch (event) {
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return "authentication failed (status " + std::to_string(value) + ")";
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
        return "the two sides use different security: one has CURVE keys, the other has none";
      if (value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
        return "the encryption failed: the server's key is not the one expected";
      return "the other side broke the ZeroMQ protocol (error " + std::to_string(value) + ")";
    case ZMQ_EVENT_ACCEPT_FAILED:
      return "a connection was not accepted: " + std::string(zmq_strerror(static_cast<int>(value)));
    default:
      return "the handshake ended early: " + std::string(zmq_strerror(static_cast<int>(value)));
  }
}

[[noreturn]] void fail(const char* doing) {
  throw errno_error(errc::system, std::string("cannot watch a ZeroMQ socket: ") + doing, errno);
}

}  // namespace

monitor::monitor(context& c, void* watched, role r) : watched_(watched) {
  const std::string endpoint = unused_endpoint();
  const int events = r == role::router ? router_events : dealer_events;
  if (zmq_socket_monitor(watched, endpoint.c_str(), events) != 0) fail("monitor");

  struct undo {
    void* socket;
    ~undo() {
      if (socket != nullptr) zmq_socket_monitor(socket, nullptr, 0);
    }
  } on_failure{watched};
  pair_.reset(zmq_socket(c.handle(), ZMQ_PAIR));
  if (pair_ == nullptr) fail("socket");
  // libzmq sends events with a blocking send. A renderer's are unbounded: nobody may be reading
  // them, and the I/O thread serves every socket of the process. Main's gate always reads, and
  // relies on the bound.
  const int unread_max = r == role::router ? 1 : 0;
  const int none = 0;
  zmq_setsockopt(pair_.get(), ZMQ_RCVHWM, &unread_max, sizeof unread_max);
  zmq_setsockopt(pair_.get(), ZMQ_LINGER, &none, sizeof none);
  if (zmq_connect(pair_.get(), endpoint.c_str()) != 0) fail("connect");
  if (r == role::router) {
    gate_ = std::make_unique<gate>(pair_.get());
    fd_ = gate_->fd();
    on_failure.socket = nullptr;
    return;
  }
  std::size_t size = sizeof fd_;
  if (zmq_getsockopt(pair_.get(), ZMQ_FD, &fd_, &size) != 0) fail("descriptor");
  // A pipe signals its descriptor only once its reader has found it empty: so look, else a poll()
  // misses the first event.
  int ready = 0;
  size = sizeof ready;
  zmq_getsockopt(pair_.get(), ZMQ_EVENTS, &ready, &size);
  on_failure.socket = nullptr;
}

// While the gate still reads: the I/O thread may be waiting for that, with what this call needs.
monitor::~monitor() { zmq_socket_monitor(watched_, nullptr, 0); }

bool monitor::translate(socket_event& from, monitor_event& e) {
  const int fd = static_cast<int>(from.value);
  switch (from.event) {
    case socket_event::cut:
      e = {link_event::cut, -1, std::move(from.text), from.value};
      return true;
    case ZMQ_EVENT_ACCEPTED:
      open_.insert(fd);
      e = {link_event::accepted, fd, std::move(from.text)};
      return true;
    case ZMQ_EVENT_DISCONNECTED:
      open_.erase(fd);
      if (connecting_fd_ == fd) connecting_fd_ = -1;
      e = {link_event::disconnected, fd, {}};
      return true;
    case ZMQ_EVENT_CONNECTED:
      open_.insert(fd);
      connecting_fd_ = fd;
      return false;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      e = {link_event::connected, connecting_fd_, std::move(from.text)};
      return true;
    default:
      e = {link_event::failed, -1, failure_text(from.event, from.value)};
      return true;
  }
}

void monitor::end_connections() {
  constexpr int write_out_ms = 1;  // for the I/O thread to write what was sent just before
  constexpr auto within = std::chrono::milliseconds(200);
  const auto give_up = std::chrono::steady_clock::now() + within;
  monitor_event e;
  while (next(e)) {
  }
  if (!open_.empty()) ::poll(nullptr, 0, write_out_ms);
  // More than once, as a dealer may have connected again meanwhile.
  for (;;) {
    while (next(e)) {
    }
    std::unordered_set<int> ending = std::exchange(open_, {});
    if (ending.empty()) return;
    for (const int fd : ending) socket::cut(fd);
    while (!ending.empty()) {
      if (std::chrono::steady_clock::now() > give_up) return;
      pollfd events{fd_, POLLIN, 0};
      ::poll(&events, 1, 10);
      while (next(e))
        if (e.what == link_event::disconnected) ending.erase(e.fd);
    }
  }
}

bool monitor::next(monitor_event& e) {
  socket_event from;
  while (gate_ != nullptr ? gate_->next(from) : read_event(pair_.get(), from))
    if (translate(from, e)) return true;
  return false;
}

}  // namespace ipczmq::transport
