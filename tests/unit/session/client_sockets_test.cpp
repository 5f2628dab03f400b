// SPDX-License-Identifier: MIT
// When a client gives up a connection, or the attempt at one, for another.
#include "lone_client.hpp"

using namespace session_test;

BOOST_AUTO_TEST_SUITE(client_sockets)

namespace {

// Nothing comes over its connection; when it has been so for that long, it asks for another.
void silent_for(lone_client& a, std::chrono::seconds wait) {
  const auto until = a.now + wait;
  while (a.now < until) {
    BOOST_TEST(!a.tick().new_socket);
    a.now = a.c.next_due();
  }
  BOOST_TEST((a.now == until));
  BOOST_TEST(a.tick().new_socket);
}

}  // namespace

// A connection that is half-open: it looks whole, and nothing comes.
BOOST_AUTO_TEST_CASE(hello_without_an_answer_for_the_ping_timeout_gets_another_socket) {
  lone_client a;
  a.now += 1h;
  BOOST_TEST(!a.tick().new_socket);  // nobody is there: libzmq tries by itself
  a.link_up();
  silent_for(a, 5s);
  BOOST_TEST(a.fx.keep_name);  // main may know it by that one
  BOOST_TEST(text_of(a.link_up().peer.send) == "#0 hello");
  BOOST_TEST(a.welcomed().connected);
}

BOOST_AUTO_TEST_CASE(suspended_session_tries_other_sockets_and_does_not_wait_for_pauses_to_end) {
  lone_client a;
  a.open();
  a.link_down();
  int sockets = 0;
  const auto until = a.now + 15s;
  for (a.now = a.c.next_due(); a.now < until; a.now = a.c.next_due()) {
    if (a.tick().new_socket) ++sockets;
    BOOST_TEST(!a.fx.keep_name);
  }
  BOOST_TEST(sockets == 4);  // after 1.875 s, then every 3.75 s
  BOOST_TEST(a.tick().disconnected.has_value());
  BOOST_TEST(a.fx.new_socket);
}

BOOST_AUTO_TEST_CASE(suspended_session_with_a_connection_that_is_silent_tries_another) {
  lone_client a;
  a.open();
  a.link_down();
  a.now += 1s;
  BOOST_TEST(a.link_up().peer.send.size() == 1u);
  a.now += 4999ms;
  BOOST_TEST(!a.tick().new_socket);
  a.now += 1ms;
  BOOST_TEST(a.tick().new_socket);
  a.link_up();
  auto w = lone_client::plain_welcome();
  w.resumed = true;
  BOOST_TEST(a.welcomed(w).recovered);
}

// On a machine that is too slow to answer in time, every socket given up makes it slower still.
BOOST_AUTO_TEST_CASE(each_socket_without_a_welcome_is_given_longer_than_the_one_before) {
  lone_client a;
  for (const auto wait : {5s, 10s, 20s, 20s}) {
    a.link_up();
    silent_for(a, wait);
  }
  a.open();
  a.link_down();
  a.link_up();
  silent_for(a, 5s);
  a.link_up();
  silent_for(a, 5s);  // not 10, for it is to be resumed within 15
}

BOOST_AUTO_TEST_CASE(sockets_that_did_not_connect_take_nothing_from_one_that_does) {
  lone_client a;
  a.open();
  a.link_down();
  for (int sockets = 0; sockets < 2; a.now = a.c.next_due())
    if (a.tick().new_socket) ++sockets;
  a.link_up();
  silent_for(a, 5s);
}

BOOST_AUTO_TEST_SUITE_END()
