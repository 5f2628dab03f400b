// SPDX-License-Identifier: MIT
#pragma once

#include "session/session.hpp"
#include "session_support.hpp"

namespace session_test {

using session::effects;

inline session::config config_of(bool main_side) {
  session::config c;
  c.main_side = main_side;
  c.epoch = start - 5s;
  c.limits.window = 1 << 20;
  return c;
}

// One established side; the test plays the other.
struct one_side {
  explicit one_side(bool main_side = true, std::uint64_t window_out = 1 << 20)
      : s(config_of(main_side), start) {
    wire::limits theirs;
    theirs.window = window_out;
    s.establish(theirs, 5000, start);
  }

  time_point now = start;
  session::session s;
  effects fx;
  wire::frame_builder builder;
  std::uint64_t seq = 0;
  std::vector<frame_ptr> in;

  void event(std::uint32_t n, std::size_t padding = 0) {
    s.event("c", numbered(n, padding).view());
  }
  std::uint64_t call(const std::string& name, time_point deadline = never, std::size_t pad = 0) {
    return s.call(kind::invoke, "c", numbered(0, pad).view(), deadline, named(name));
  }
  std::string flushed() {
    fx.clear();
    s.flush(now, fx);
    return text_of(fx.send);
  }
  effects& tick() {
    fx.clear();
    s.tick(now, fx);
    return fx;
  }
  // What was built comes in; counters as given.
  effects& came(std::uint64_t number, std::uint64_t received = 0, std::uint64_t dispatched = 0) {
    fx.clear();
    in.push_back(read(builder.finish({0, number, received, dispatched})));
    s.on_frame(in.back(), now, fx);
    return fx;
  }
  effects& control(std::uint64_t received = 0, std::uint64_t dispatched = 0) {
    return came(0, received, dispatched);
  }
  effects& message(std::uint64_t received = 0, std::uint64_t dispatched = 0) {
    return came(++seq, received, dispatched);
  }
};

}  // namespace session_test
