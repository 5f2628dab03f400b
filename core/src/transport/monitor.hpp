// SPDX-License-Identifier: MIT
#pragma once

#include "transport/gate.hpp"

#include <memory>
#include <unordered_set>

namespace ipczmq::transport {

// Reads the events of one socket. Thread-bound, like the socket. A router's come through a gate.
//
// What libzmq 4.3.4 emits: the end of a connection is always DISCONNECTED with its descriptor, also
// when its handshake failed (HANDSHAKE_FAILED_*, which carries none, comes before), and before the
// descriptor is closed, so before it can come again in an ACCEPTED. Connections that end because
// the listener is unbound or the socket closed are the exception: nothing is emitted for them.
class monitor {
 public:
  monitor(context& c, void* watched, role r);
  ~monitor();
  monitor(const monitor&) = delete;
  monitor& operator=(const monitor&) = delete;

  bool next(monitor_event& e);

  // Ends every connection, and waits (not for long) until libzmq has done so. Before what
  // terminates sessions, closing and unbinding: when a connection breaks by itself while its
  // session terminates, and a message of several parts was half written to it, libzmq 4.3.4 aborts
  // the process (session_base.cpp, clean_pipes()).
  void end_connections();

  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  bool translate(socket_event& from, monitor_event& e);

  void* watched_;
  socket_handle pair_;
  std::unique_ptr<gate> gate_;
  int fd_ = -1;
  std::unordered_set<int> open_;
  // Dealer: HANDSHAKE_SUCCEEDED does not name the descriptor, CONNECTED before it does.
  int connecting_fd_ = -1;
};

}  // namespace ipczmq::transport
