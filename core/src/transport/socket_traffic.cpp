// SPDX-License-Identifier: MIT
#include "transport/message.hpp"
#include "transport/socket.hpp"
#include "transport/tsan.hpp"

#include <zmq.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>

namespace ipczmq::transport {
namespace {

bool receive_part(void* socket, message& m) noexcept {
  int rc = 0;
  do {
    rc = zmq_msg_recv(m.raw(), socket, ZMQ_DONTWAIT);
  } while (rc < 0 && errno == EINTR);
  return rc >= 0;
}

bool send_part(void* socket, zmq_msg_t& m, bool more) noexcept {
  int rc = 0;
  do {
    rc = zmq_msg_send(&m, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
  } while (rc < 0 && errno == EINTR);
  return rc >= 0;
}

bool send_routing_id(void* socket, std::string_view id) noexcept {
  int rc = 0;
  do {
    rc = zmq_send(socket, id.data(), id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE);
  } while (rc < 0 && errno == EINTR);
  return rc >= 0;
}

// Takes what is left of the message off the socket, on every way out: what stays would be read as
// the next one's beginning.
class rest_of_message {
 public:
  explicit rest_of_message(void* socket) noexcept : socket_(socket) {}
  ~rest_of_message() {
    while (pending_) next();
  }
  rest_of_message(const rest_of_message&) = delete;
  rest_of_message& operator=(const rest_of_message&) = delete;

  bool next() noexcept {
    const bool received = receive_part(socket_, part_);
    pending_ = received && part_.more();
    return received;
  }
  [[nodiscard]] message& part() noexcept { return part_; }
  [[nodiscard]] bool pending() const noexcept { return pending_; }

 private:
  void* socket_;
  message part_;
  bool pending_ = false;
};

// The part's bytes stay where libzmq has them. One allocation: the counts and the zmq_msg_t
// together.
buffer take(message& part) {
  auto owned = std::make_shared<message>();
  zmq_msg_move(owned->raw(), part.raw());
  const void* const data = owned->data();
  const std::size_t size = owned->size();
  take_over(data);
  return {std::move(owned), data, size};
}

}  // namespace

bool socket::receive(incoming& in, std::size_t parts_max, std::uint64_t bytes_max) {
  in.parts.clear();
  in.fd = -1;
  in.oversized = false;
  rest_of_message rest(socket_.get());
  may_hide_input_ = rest.next();
  if (!may_hide_input_) return false;
  if (role_ == role::router) {
    in.routing_id.assign(rest.part().view());
    if (!rest.pending()) return true;
    if (!rest.next()) return false;
  }
  in.fd = zmq_msg_get(rest.part().raw(), ZMQ_SRCFD);
  std::uint64_t total = 0;
  for (;;) {
    total += rest.part().size();
    if (in.parts.size() >= parts_max || total > bytes_max) {
      in.oversized = true;
      return true;
    }
    in.parts.push_back(take(rest.part()));
    if (!rest.pending()) return true;
    if (!rest.next()) return false;
  }
}

send_result socket::send(std::string_view routing_id, std::span<const buffer> parts) {
  if (parts.empty()) return send_result::sent;
  if (role_ == role::dealer && !linked_) return send_result::again;
  outgoing batch(parts);
  may_hide_input_ = true;
  if (role_ == role::router && !send_routing_id(socket_.get(), routing_id))
    return errno == EAGAIN ? send_result::again : send_result::unreachable;

  multipart_sent_ = multipart_sent_ || parts.size() > 1;
  bool taken = true;
  const std::span<zmq_msg_t> messages = batch.parts();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (send_part(socket_.get(), messages[i], i + 1 < messages.size())) continue;
    taken = false;
    if (i == 0) break;
    // A dealer's connection ended between the parts. It has rolled the first ones back and drops
    // until the message's end, so go on to that: else it drops the next one, and says it was sent.
  }
  return taken ? send_result::sent : send_result::again;
}

int socket::events() noexcept {
  int events = 0;
  std::size_t size = sizeof events;
  may_hide_input_ = true;
  if (zmq_getsockopt(socket_.get(), ZMQ_EVENTS, &events, &size) != 0) return 0;
  may_hide_input_ = (events & ZMQ_POLLIN) != 0;
  return events;
}

bool socket::readable() { return (events() & ZMQ_POLLIN) != 0; }

bool socket::writable() { return (events() & ZMQ_POLLOUT) != 0; }

peer_credentials credentials(const buffer& part) {
  const auto* const received = static_cast<const message*>(part.owner().get());
  if (received == nullptr) return {};
  const char* const property = zmq_msg_gets(received->raw(), "Peer-Address");
  constexpr std::string_view prefix = "localhost:";
  if (property == nullptr || !std::string_view(property).starts_with(prefix)) return {};

  // uid:gid:pid
  std::uint64_t numbers[3] = {};
  const std::string_view text = std::string_view(property).substr(prefix.size());
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::uint64_t& number : numbers) {
    const auto [stop, failure] = std::from_chars(at, end, number);
    const bool last = &number == &numbers[2];
    if (failure != std::errc() || (last ? stop != end : stop == end || *stop != ':')) return {};
    at = stop + 1;
  }
  return {true, static_cast<std::uint32_t>(numbers[0]), numbers[2]};
}

}  // namespace ipczmq::transport
