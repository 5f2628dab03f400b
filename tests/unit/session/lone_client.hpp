// SPDX-License-Identifier: MIT
#pragma once

#include "session/client.hpp"
#include "session_pair.hpp"

namespace session_test {

// A client alone; the test plays main.
struct lone_client {
  static session::config config_of() {
    session::config c;
    c.epoch = start - 5s;
    return c;
  }
  static wire::hello named_hello() {
    wire::hello h;
    h.identity = "r";
    return h;
  }

  time_point now = start;
  session::client c{config_of(), named_hello(), start};
  session::client_effects fx;
  wire::frame_builder builder;
  std::vector<frame_ptr> in;

  session::client_effects& link_up() {
    fx.clear();
    c.on_link_up(now, fx);
    return fx;
  }
  session::client_effects& link_down() {
    fx.clear();
    c.on_link_down(now, fx);
    return fx;
  }
  session::client_effects& tick() {
    fx.clear();
    c.tick(now, fx);
    return fx;
  }
  session::client_effects& came(std::uint64_t seq = 0) {
    fx.clear();
    in.push_back(read(builder.finish({0, seq, 0, 0})));
    c.on_frame(in.back(), now, fx);
    return fx;
  }
  session::client_effects& refused(std::string_view code) {
    builder.refuse(code, "why");
    return came();
  }
  static wire::welcome plain_welcome(int session = 1) {
    wire::welcome w;
    w.session = secret_of(session);
    w.secret = secret_of(session + 100);
    w.id = 1;
    w.resume_for = 15'000;
    return w;
  }
  session::client_effects& welcomed(const wire::welcome& w = plain_welcome()) {
    builder.handshake(kind::welcome, wire::encode(w));
    return came();
  }
  void open() {
    link_up();
    welcomed();
    BOOST_TEST_REQUIRE(c.connected());
  }
  [[nodiscard]] wire::hello said() const {
    wire::hello h;
    const auto f = read(fx.peer.send.at(0));
    BOOST_REQUIRE(f->messages.at(0).kind == kind::hello);
    BOOST_REQUIRE(wire::decode(f->messages[0].payload, h).empty());
    return h;
  }
};

}  // namespace session_test
