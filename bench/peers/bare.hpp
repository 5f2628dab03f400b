// SPDX-License-Identifier: MIT
#pragma once

#include "common/listeners.hpp"
#include "common/program.hpp"

#include <zmq.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace bench {

inline zmq::context_t& context() {
  static auto* c = [] {
    auto* made = new zmq::context_t;  // outlives the server's thread, which nobody joins
    made->set(zmq::ctxopt::max_sockets, 20000);
    return made;
  }();
  return *c;
}

// High-water marks of 64 MiB: the default of 1000 messages is little for small ones, and drops or
// blocks calls in flight.
inline void set_marks(zmq::socket_t& s, std::size_t size) {
  const int mark = static_cast<int>(
      std::max<std::size_t>(64, (std::size_t{64} << 20) / (size + sizeof(header))));
  s.set(zmq::sockopt::sndhwm, mark);
  s.set(zmq::sockopt::rcvhwm, mark);
  s.set(zmq::sockopt::linger, 0);
}

inline zmq::socket_t dealer(const job& j, const std::string& identity) {
  zmq::socket_t s(context(), zmq::socket_type::dealer);
  set_marks(s, j.size);
  s.set(zmq::sockopt::routing_id, identity);
  s.connect(j.endpoint);
  return s;
}

inline void post(zmq::socket_t& s, const header& h, std::string_view payload) {
  s.send(zmq::buffer(&h, sizeof h), zmq::send_flags::sndmore);
  s.send(zmq::buffer(payload), zmq::send_flags::none);
}

// Receives one message and calls its listener.
inline header take(zmq::socket_t& s, zmq::message_t& head, zmq::message_t& body,
                   const listeners& table) {
  (void)s.recv(head);
  (void)s.recv(body);
  header h;
  std::memcpy(static_cast<void*>(&h), head.data(), sizeof h);
  if (h.channel_size != 0)
    table.call(h.name(), {static_cast<const char*>(body.data()), body.size()});
  return h;
}

void bare_serve(const job& j);
std::unique_ptr<crowd> bare_crowd(const job& j);

}  // namespace bench
