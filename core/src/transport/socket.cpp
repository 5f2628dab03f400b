// SPDX-License-Identifier: MIT
#include "transport/socket.hpp"

#include "transport/errno_error.hpp"
#include "transport/monitor.hpp"
#include "transport/private_directory.hpp"
#include "transport/unique_fd.hpp"

#include <sys/socket.h>
#include <zmq.h>

#include <cerrno>
#include <filesystem>
#include <new>
#include <random>

namespace ipczmq::transport {
namespace {

constexpr int received_messages_max = 64;

template <class T>
void set(const socket_handle& s, int option, T value) {
  if (zmq_setsockopt(s.get(), option, &value, sizeof value) != 0)
    throw errno_error(errc::system, "cannot set ZeroMQ option " + std::to_string(option), errno);
}

void set_common(const socket_handle& s, const socket_options& options) {
  set(s, ZMQ_LINGER, 0);
  set(s, ZMQ_SNDHWM, 0);
  set(s, ZMQ_RCVHWM, received_messages_max);
  set(s, ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(options.part_bytes_max));
  set(s, ZMQ_HANDSHAKE_IVL, static_cast<int>(options.handshake_within.count()));
}

void set_router(const socket_handle& s) {
  set(s, ZMQ_ROUTER_MANDATORY, 1);
  set(s, ZMQ_ROUTER_HANDOVER, 1);
  set(s, ZMQ_BACKLOG,
      SOMAXCONN);  // libzmq's 100 is little when a restarted main meets all its renderers at once
}

void set_dealer(const socket_handle& s, const socket_options& options) {
  const std::string& id = options.routing_id;
  if (!id.empty() && zmq_setsockopt(s.get(), ZMQ_ROUTING_ID, id.data(), id.size()) != 0)
    throw errno_error(errc::system,
                      "cannot use a routing id of " + std::to_string(id.size()) + " bytes", errno);
  // Random, so that the renderers of a main that went away do not all come back in the same
  // instant.
  std::random_device random;
  set(s, ZMQ_RECONNECT_IVL, std::uniform_int_distribution<int>(50, 150)(random));
  set(s, ZMQ_RECONNECT_IVL_MAX, 5000);
  set(s, ZMQ_CONNECT_TIMEOUT, 5000);  // TCP itself tries for minutes, ever more rarely
}

// Only for an address that is IPv6 itself: with it, libzmq resolves every name to IPv6 first and
// tries no other, so that "localhost" would miss a main on 127.0.0.1.
void set_address_family(const socket_handle& s, const address& a) {
  set(s, ZMQ_IPV6, a.scheme == scheme::tcp && a.text.find('[') != std::string::npos ? 1 : 0);
}

[[noreturn]] void fail(const char* doing, const address& a, int number) {
  std::string text = std::string("cannot ") + doing + " " + a.text;
  switch (number) {
    case EADDRINUSE:
      throw error(errc::endpoint_in_use,
                  text +
                      ": somebody else serves it; stop that, or choose another "
                      "endpoint with IPCZMQ_ENDPOINT");
    case EACCES:
    case EPERM:
      throw error(errc::forbidden, text +
                                       ": permission denied; ports below 1024 need privileges, "
                                       "choose a higher one");
    case ENODEV:
    case EADDRNOTAVAIL:
    case EINVAL:
      throw error(errc::bad_endpoint,
                  text +
                      ": the host is no address of this machine, and no network "
                      "interface; tcp://127.0.0.1:PORT and tcp://*:PORT always are");
    default:
      text += ": ";
      text += zmq_strerror(number);
      throw error(errc::system, std::move(text));
  }
}

std::string last_endpoint(const socket_handle& s) {
  char text[512] = {};
  std::size_t size = sizeof text;
  if (zmq_getsockopt(s.get(), ZMQ_LAST_ENDPOINT, text, &size) != 0) return {};
  return text;
}

bool has_path(const address& a) { return a.scheme == scheme::ipc && a.path.front() != '@'; }

}  // namespace

void socket_closer::operator()(void* handle) const noexcept { zmq_close(handle); }

socket::socket(context& c, role r, const socket_options& options)
    : context_(c),
      socket_(zmq_socket(c.handle(), r == role::router ? ZMQ_ROUTER : ZMQ_DEALER)),
      role_(r) {
  if (socket_ == nullptr) {
    const char* const hint = errno == EMFILE ? " (descriptors or sockets are used up)" : "";
    throw errno_error(errc::system, std::string("cannot make a ZeroMQ socket") + hint, errno);
  }
  set_common(socket_, options);
  if (r == role::router) {
    set_router(socket_);
  } else {
    set_dealer(socket_, options);
  }
  std::size_t size = sizeof fd_;
  if (zmq_getsockopt(socket_.get(), ZMQ_FD, &fd_, &size) != 0)
    throw errno_error(errc::system, "cannot get a ZeroMQ socket's descriptor", errno);
  monitor_ = std::make_unique<transport::monitor>(c, socket_.get(), r);
  monitor_fd_ = monitor_->fd();
}

// The paths go first, while their sockets still listen; see ~ipc_listener().
socket::~socket() {
  listeners_.clear();
  forget_names();
  end_connections();
}

void socket::forget_names() noexcept {
  for (const std::string& endpoint : bound_) context_.remove_name(endpoint);
}

void socket::end_connections() noexcept {
  if (!multipart_sent_) return;
  try {
    monitor_->end_connections();
  } catch (const std::bad_alloc&) {
    // Without it, closing is a small risk only.
  }
}

std::string socket::bind(const address& a) {
  may_hide_input_ = true;
  bound_.reserve(bound_.size() + 1);
  listeners_.reserve(listeners_.size() + 1);
  int rc = 0;
  if (has_path(a)) {
    auto listener = std::make_unique<ipc_listener>(a);
    unique_fd fd(listener->release_fd());
    set(socket_, ZMQ_USE_FD, fd.get());
    rc = zmq_bind(socket_.get(), a.text.c_str());
    const int number = errno;
    set(socket_, ZMQ_USE_FD, -1);
    if (rc != 0) fail("bind", a, number);
    static_cast<void>(fd.release());  // libzmq's now
    listeners_.push_back(std::move(listener));
  } else {
    set_address_family(socket_, a);
    if (zmq_bind(socket_.get(), a.text.c_str()) != 0) fail("bind", a, errno);
  }
  bound_.push_back(last_endpoint(socket_));
  if (a.scheme == scheme::inproc) context_.add_name(bound_.back());
  return bound_.back();
}

void socket::unbind_all() noexcept {
  may_hide_input_ = true;
  listeners_.clear();
  if (!bound_.empty()) end_connections();
  forget_names();
  for (const std::string& endpoint : bound_) zmq_unbind(socket_.get(), endpoint.c_str());
  bound_.clear();
}

bool socket::connect(const address& a) {
  may_hide_input_ = true;
  if (a.scheme == scheme::tcp && (a.text.ends_with(":0") || a.text.starts_with("tcp://*:")))
    throw error(errc::bad_endpoint,
                "cannot connect to " + a.text +
                    ": that is for binding; connecting needs main's host and port");
  // Whoever else made the default directory could serve us a main of his own.
  if (has_path(a)) {
    const std::string directory = std::filesystem::path(a.path).parent_path();
    if (directory == default_directory()) check_private_directory(directory);
  }
  set_address_family(socket_, a);
  if (a.scheme == scheme::inproc) {
    if (!context_.connect_to_name(socket_.get(), a.text)) return false;
    linked_ = true;
  } else if (zmq_connect(socket_.get(), a.text.c_str()) != 0) {
    fail("connect to", a, errno);
  }
  connected_ = a.text;
  return true;
}

void socket::disconnect() noexcept {
  may_hide_input_ = true;
  if (!connected_.empty()) zmq_disconnect(socket_.get(), connected_.c_str());
  connected_.clear();
}

bool socket::next_event(monitor_event& e) {
  if (!monitor_->next(e)) return false;
  if (e.what == link_event::connected) linked_ = true;
  if (e.what == link_event::disconnected) linked_ = false;
  return true;
}

void socket::cut(int fd) noexcept { ::shutdown(fd, SHUT_RDWR); }

}  // namespace ipczmq::transport
