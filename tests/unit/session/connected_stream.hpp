// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"
#include "session_support.hpp"

namespace session_test {

using session::lane;
using session::stream;
using session::verdict;

// A stream that is connected to a peer of which the test plays the part.
struct connected {
  stream s;
  time_point now = start;

  explicit connected(std::uint64_t window_out = 1 << 20, std::uint64_t window_in = 1 << 20)
      : s(window_in) {
    s.establish(window_out);
  }
  void event(std::uint32_t n, std::size_t padding = 0) {
    const numbered a(n, padding);
    s.place(lane::event, 33 + a.view().bytes.size(), 0).event("c", a.view());
  }
  void reply(std::uint64_t id, std::size_t padding = 0) {
    const numbered a(0, padding);
    s.place(lane::prompt, 32 + a.view().bytes.size(), 0).reply(id, a.view());
  }
  std::vector<parts> flush() {
    std::vector<parts> out;
    const bool has = s.has_to_send();
    s.flush(out);
    BOOST_TEST(has == !out.empty());
    BOOST_TEST(!s.has_to_send());
    return out;
  }
  std::string flushed() { return text_of(flush()); }
  // The peer acknowledges.
  verdict acked(std::uint64_t received, std::uint64_t dispatched, std::uint8_t flags = 0) {
    return s.on_header({flags, 0, received, dispatched}, 30, false, now);
  }
  // A frame of the peer comes in.
  verdict came(std::uint64_t seq, bool dispatchable = true, std::size_t bytes = 100) {
    return s.on_header({0, seq, 0, 0}, bytes, dispatchable, now);
  }
  // "-" when none is due, otherwise what it says.
  std::string ack() {
    parts p;
    if (!s.take_ack(now, p)) return "-";
    const auto f = read(p);
    return text_of(*f) + " " + std::to_string(f->header.received) + "/" +
           std::to_string(f->header.dispatched);
  }
};

inline std::size_t size_of(const parts& p) {
  std::size_t n = 0;
  for (const buffer& b : p) n += b.size();
  return n;
}

}  // namespace session_test
