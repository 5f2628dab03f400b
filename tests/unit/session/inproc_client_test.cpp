// SPDX-License-Identifier: MIT
// The handshake where a hello cannot get lost, but nothing connects again: inproc.
#include "one_side.hpp"
#include "session/client.hpp"

namespace {

using namespace session_test;

struct inproc_client {
  static session::config config() {
    session::config c = config_of(false);
    c.hello_once = true;
    return c;
  }
  static wire::hello hello() {
    wire::hello h;
    h.identity = "r";
    return h;
  }
  time_point now = start;
  session::client c{config(), hello(), start};
  session::client_effects fx;

  std::string tick() {
    fx.clear();
    c.tick(now, fx);
    return text_of(fx.peer.send);
  }
  bool main_gone() {
    fx.clear();
    c.on_link_down(now, fx);
    return fx.new_socket;
  }
  void welcomed(std::uint64_t resume_for = 15'000) {
    wire::welcome w;
    w.session = secret_of(1);
    w.id = 1;
    w.resume_for = resume_for;
    wire::frame_builder b;
    b.handshake(kind::welcome, wire::encode(w));
    fx.clear();
    c.on_frame(read(b.finish({})), now, fx);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(inproc_client_)

BOOST_AUTO_TEST_CASE(main_may_know_it_from_its_hello_until_it_is_known_to_be_gone) {
  inproc_client a;
  BOOST_TEST(!a.c.introduced());
  BOOST_TEST(a.tick() == "#0 hello");
  BOOST_TEST(a.c.introduced());
  BOOST_TEST(a.main_gone());
  BOOST_TEST(!a.c.introduced());
  BOOST_TEST(a.tick() == "#0 hello");
  a.welcomed();
  BOOST_TEST(a.c.introduced());
}

BOOST_AUTO_TEST_CASE(hello_is_said_once_however_long_main_takes) {
  inproc_client a;
  BOOST_TEST(a.tick() == "#0 hello");
  for (int i = 0; i < 100; ++i) {
    a.now += 500ms;
    BOOST_TEST((a.c.next_due() <= a.now));
    BOOST_TEST(a.tick() == "");
    BOOST_TEST(!a.fx.new_socket);
  }
  a.welcomed();
  BOOST_TEST(a.c.connected());
}

BOOST_AUTO_TEST_CASE(when_main_goes_before_it_answers_a_new_socket_says_hello_again) {
  inproc_client a;
  a.tick();
  a.now += 500ms;
  BOOST_TEST(a.main_gone());
  BOOST_TEST(a.tick() == "#0 hello");
  BOOST_TEST(a.tick() == "");
}

BOOST_AUTO_TEST_CASE(before_its_hello_there_is_nothing_to_repeat) {
  inproc_client a;
  BOOST_TEST(!a.main_gone());
  BOOST_TEST(a.tick() == "#0 hello");
}

BOOST_AUTO_TEST_CASE(silent_main_is_asked_to_resume_over_a_new_socket) {
  inproc_client a;
  a.tick();
  a.welcomed();
  a.now += 5001ms;
  a.tick();
  BOOST_TEST(a.fx.new_socket);
  a.now += 500ms;
  BOOST_TEST(a.tick() == "#0 hello");
  a.now += 500ms;
  BOOST_TEST(a.tick() == "");
}

BOOST_AUTO_TEST_SUITE_END()
