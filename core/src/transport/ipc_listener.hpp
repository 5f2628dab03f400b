// SPDX-License-Identifier: MIT
#pragma once

#include "transport/address.hpp"

#include <string>

namespace ipczmq::transport {

// A unix socket that we bind and listen on ourselves and hand to libzmq with ZMQ_USE_FD: libzmq's
// own bind unlinks the path first and so steals the endpoint from whoever serves it.
//
// A second main on the path is refused; a stale socket (nobody accepts) is removed, under a lock
// file beside it that guards only that removal. The socket's mode is 0600. When the path lies in
// the default directory, that directory is made with mode 0700, and refused when it belongs to
// somebody else or others may enter it.
class ipc_listener {
 public:
  // Throws error: endpoint_in_use, bad_endpoint (no such directory, no permission, not a socket),
  // forbidden.
  explicit ipc_listener(const address& a);
  ~ipc_listener();  // removes the path if it is still ours (same inode); libzmq owns and closes the
                    // descriptor
  ipc_listener(const ipc_listener&) = delete;
  ipc_listener& operator=(const ipc_listener&) = delete;

  // The listening descriptor, given away once.
  [[nodiscard]] int release_fd();

 private:
  std::string path_;
  int fd_ = -1;
  unsigned long device_ = 0;
  unsigned long inode_ = 0;
};

}  // namespace ipczmq::transport
