// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"
#include "transport/address.hpp"
#include "transport/ipc_listener.hpp"

#include <ipczmq/buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq::transport {

// The ZeroMQ context: one per process, shared by all endpoints (inproc needs it), many sockets
// allowed. Destroying it waits for nothing longer than the sockets' linger.
class context {
 public:
  context();
  ~context();
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  [[nodiscard]] void* handle() const noexcept { return handle_; }
  // How many descriptors the process may have.
  [[nodiscard]] static std::size_t descriptors() noexcept;

  // The inproc names that sockets of ours are bound to. libzmq would take a connection to any other
  // one, too, and hand it over to whoever binds that name later, while its own thread goes on with
  // it: a race in libzmq 4.3.4 (ctx.cpp, connect_inproc_sockets).
  void add_name(const std::string& name);
  void remove_name(const std::string& name) noexcept;
  // Connects where the name is bound; false, and nothing done, where it is not.
  bool connect_to_name(void* socket, const std::string& name);

 private:
  void* handle_;
  mutex names_mutex_;
  std::set<std::string, std::less<>> names_ GUARDED_BY(names_mutex_);
};

enum class role : std::uint8_t { router, dealer };

struct socket_options {
  std::string routing_id{};                  // dealer
  std::uint64_t part_bytes_max = 64u << 20;  // ZMQ_MAXMSGSIZE
  std::chrono::milliseconds handshake_within{3000};
};

// One incoming multipart message. Reused from call to call.
struct incoming {
  std::string routing_id;     // router only
  int fd = -1;                // ZMQ_SRCFD, the connection's descriptor; -1 on inproc
  std::vector<buffer> parts;  // without the routing id; each buffer owns its zmq message
  bool oversized = false;  // more parts than `parts_max` or more bytes than `bytes_max`: the rest
                           // was thrown away
};

enum class send_result : std::uint8_t {
  sent,
  again,        // dealer without a connection: nothing was taken
  unreachable,  // router: no such peer (any more)
};

enum class link_event : std::uint8_t {
  connected,     // dealer: the ZMTP handshake succeeded
  accepted,      // router: a connection came in (fd)
  disconnected,  // either: the connection with this fd ended
  failed,        // handshake failed, accept failed …; `detail` says what
  cut,           // router: `count` connections were cut at once, or could not be accepted (0);
                 // `detail` says why, and each one's `disconnected` comes too
};
struct monitor_event {
  link_event what{};
  int fd = -1;
  std::string detail{};
  std::size_t count = 0;
};

// Closes a ZeroMQ socket.
struct socket_closer {
  void operator()(void* handle) const noexcept;
};
using socket_handle = std::unique_ptr<void, socket_closer>;

class monitor;

// A ROUTER or DEALER with its monitor. Thread-bound to whoever holds the endpoint's lock; fds may
// be polled without it. ROUTER: MANDATORY, HANDOVER, SNDHWM 0, RCVHWM 64. DEALER: SNDHWM 0, RCVHWM
// 64, reconnect after a random 50–150 ms, growing to 5 s. Both: LINGER 0, ZMTP heartbeats off.
//
// A dealer takes messages from `connected` to `disconnected`, as read from next_event(); over
// inproc, which has no such events, from connect() on. What libzmq still holds of them when the
// connection breaks comes first on the next one. IMMEDIATE=1 would prevent that, but with it
// libzmq 4.3.4 aborts the process (fq.cpp, `!_more`) when a connection breaks between two parts
// that are being received, and leaks the parts of one that is being sent.
class socket {
 public:
  socket(context& c, role r, const socket_options& options);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  // Binds, and returns the endpoint as bound (with the port that was chosen for tcp port 0). Throws
  // error (endpoint_in_use, bad_endpoint, forbidden, system) with a text that names the endpoint,
  // the cause and the next step.
  std::string bind(const address& a);
  // Stops serving. libzmq also ends every connection that came in over the endpoints, in the course
  // of the next calls, and no event tells of those.
  void unbind_all() noexcept;
  // False over inproc when nobody is bound there: try again later.
  bool connect(const address& a);
  // Ends what connect() began; what was sent just before may still leave.
  void disconnect() noexcept;

  // Receives one whole multipart message without waiting; false when there is none.
  bool receive(incoming& in, std::size_t parts_max, std::uint64_t bytes_max);

  // Sends without waiting. `routing_id` is ignored by a dealer. Small parts are copied, large ones
  // shared with libzmq without a copy.
  send_result send(std::string_view routing_id, std::span<const buffer> parts);

  // Whether input is ready (ZMQ_EVENTS). ZMQ_FD is edge-triggered: ask again after every bind,
  // connect, send and receive, before polling it.
  [[nodiscard]] bool readable();

  // Whether input may be there of which ZMQ_FD says nothing: from each of those on, until
  // readable() or receive() finds none. To ask libzmq takes two system calls.
  [[nodiscard]] bool may_hide_input() const noexcept { return may_hide_input_; }

  // Whether there is a peer to send to (ZMQ_EVENTS); changes the edge of fd() as readable() does.
  [[nodiscard]] bool writable();

  // Next event of the monitor, without waiting; false when there is none.
  bool next_event(monitor_event& e);

  [[nodiscard]] bool connects() const noexcept { return !connected_.empty(); }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] int monitor_fd() const noexcept { return monitor_fd_; }

  // Cuts one connection (ROUTER has no disconnect of its own): shutdown(fd). The monitor then
  // reports it.
  static void cut(int fd) noexcept;

 private:
  void end_connections() noexcept;
  void forget_names() noexcept;
  [[nodiscard]] int events() noexcept;

  context& context_;
  socket_handle socket_;
  std::unique_ptr<transport::monitor> monitor_;  // stops watching before the socket closes
  int fd_ = -1;
  int monitor_fd_ = -1;
  role role_;
  bool may_hide_input_ = true;
  bool multipart_sent_ = false;
  bool linked_ = false;  // dealer: it has a connection, for all we have read
  std::vector<std::unique_ptr<ipc_listener>> listeners_;
  std::vector<std::string> bound_;
  std::string connected_;
};

// Credentials of the peer that sent `part` over ipc (message property Peer-Address,
// "localhost:uid:gid:pid").
struct peer_credentials {
  bool known = false;
  std::uint32_t uid = 0;
  std::uint64_t pid = 0;
};
[[nodiscard]] peer_credentials credentials(const buffer& part);

}  // namespace ipczmq::transport
