// SPDX-License-Identifier: MIT
#include "transport/errno_error.hpp"
#include "transport/socket.hpp"

#include <sys/resource.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>

namespace ipczmq::transport {
namespace {

// libzmq's ipc listener aborts the process when accept() finds no descriptor left, so have as many
// as we may.
void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // refused: then the limit stays, as it was
}

}  // namespace

context::context() : handle_(zmq_ctx_new()) {
  if (handle_ == nullptr) throw errno_error(errc::system, "cannot make a ZeroMQ context", errno);
  raise_descriptor_limit();
  zmq_ctx_set(handle_, ZMQ_MAX_SOCKETS, zmq_ctx_get(handle_, ZMQ_SOCKET_LIMIT));
}

std::size_t context::descriptors() noexcept {
  rlimit limit{};
  constexpr rlim_t most = 1 << 30;
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, most) : 1024;
}

void context::add_name(const std::string& name) {
  const lock held(names_mutex_);
  names_.insert(name);
}

void context::remove_name(const std::string& name) noexcept {
  const lock held(names_mutex_);
  names_.erase(name);
}

bool context::connect_to_name(void* socket, const std::string& name) {
  const lock held(names_mutex_);
  return names_.contains(name) && zmq_connect(socket, name.c_str()) == 0;
}

context::~context() {
  while (zmq_ctx_term(handle_) != 0 && errno == EINTR) {
  }
}

}  // namespace ipczmq::transport
