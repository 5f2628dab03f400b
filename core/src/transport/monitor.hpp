// SPDX-License-Identifier: MIT
#pragma once

#include "transport/socket.hpp"

namespace ipczmq::transport {

// Reads the events of one socket. Thread-bound, like the socket.
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
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  bool translate(unsigned event, unsigned value, std::string_view endpoint, monitor_event& e);

  void* watched_;
  socket_handle pair_;
  int fd_ = -1;
  int connecting_fd_ =
      -1;  // dealer: HANDSHAKE_SUCCEEDED does not name the descriptor, CONNECTED before it does
};

}  // namespace ipczmq::transport
