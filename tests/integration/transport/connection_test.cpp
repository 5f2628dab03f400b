// SPDX-License-Identifier: MIT
#include "fixture.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>

namespace ipczmq::transport::test {
namespace {

constexpr std::uint64_t large_enough = 1 << 20;

// A TCP client that does not speak ZeroMQ.
int raw_client(const std::string& endpoint) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  BOOST_TEST_REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  return fd;
}

BOOST_AUTO_TEST_SUITE(connection_test, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(both_sides_hear_of_a_connection_and_of_its_end) {
  for (const char* kind : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      const std::string endpoint = p.bind(kind);
      auto dealer = std::make_unique<socket>(p.c, role::dealer, socket_options{});
      dealer->connect(parse_address(endpoint));
      monitor_event accepted;
      monitor_event e;
      BOOST_TEST_REQUIRE(test::next_event(p.router, link_event::accepted, accepted));
      BOOST_TEST(accepted.detail == endpoint);
      BOOST_TEST_REQUIRE(test::next_event(*dealer, link_event::connected, e));
      BOOST_TEST(e.fd >= 0);
      dealer.reset();
      BOOST_TEST_REQUIRE(test::next_event(p.router, link_event::disconnected, e));
      BOOST_TEST(e.fd == accepted.fd);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_over_inproc_begins_only_where_somebody_is_bound) {
  context c;
  const address a = parse_address("inproc://late");
  socket dealer(c, role::dealer, {.routing_id = "renderer"});
  BOOST_TEST(!dealer.connect(a));
  BOOST_TEST(!dealer.connects());
  {
    socket router(c, role::router, {});
    router.bind(a);
    BOOST_TEST(dealer.connect(a));
    BOOST_TEST(dealer.connects());
    incoming in;
    BOOST_TEST_REQUIRE(send(dealer, {}, parts({"hello"})));
    BOOST_TEST(receive(router, in));
    router.unbind_all();
    BOOST_TEST(!socket(c, role::dealer, {}).connect(a));
  }
  {
    socket router(c, role::router, {});
    BOOST_TEST(eventually([&] {
      try {
        return !router.bind(a).empty();  // libzmq gives the name back a moment later
      } catch (const error&) {
        return false;
      }
    }));
  }
  BOOST_TEST(!socket(c, role::dealer, {}).connect(a));
}

BOOST_AUTO_TEST_CASE(a_cut_connection_is_reported_and_comes_back) {
  for (const char* kind : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      p.connect(kind);
      const incoming in = p.greet();
      socket::cut(in.fd);
      monitor_event e;
      BOOST_TEST_REQUIRE(test::next_event(p.router, link_event::disconnected, e));
      BOOST_TEST(e.fd == in.fd);
      BOOST_TEST(eventually(
          [&] { return p.router.send("renderer", parts({"x"})) == send_result::unreachable; }));
      BOOST_TEST_REQUIRE(test::next_event(p.dealer, link_event::disconnected, e));
      BOOST_TEST((p.dealer.send({}, parts({"x"})) == send_result::again));
      BOOST_TEST_REQUIRE(test::next_event(p.dealer, link_event::connected, e));
      p.greet();
      BOOST_TEST((p.router.send("renderer", parts({"x"})) == send_result::sent));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_never_shakes_hands_ends_with_its_descriptor) {
  context c;
  socket router(c, role::router, {.handshake_within = std::chrono::milliseconds(50)});
  const int client = raw_client(router.bind(parse_address("tcp://127.0.0.1:0")));
  monitor_event accepted;
  monitor_event e;
  BOOST_TEST_REQUIRE(test::next_event(router, link_event::accepted, accepted));
  BOOST_TEST_REQUIRE(test::next_event(router, link_event::failed, e));
  BOOST_TEST(!e.detail.empty());
  BOOST_TEST_REQUIRE(test::next_event(router, link_event::disconnected, e));
  BOOST_TEST(e.fd == accepted.fd);
  ::close(client);
}

BOOST_AUTO_TEST_CASE(every_accepted_descriptor_comes_back_whatever_the_client_does) {
  context c;
  socket router(c, role::router, {.handshake_within = std::chrono::milliseconds(50)});
  const std::string endpoint = router.bind(parse_address("tcp://127.0.0.1:0"));
  const std::string v2 = std::string("\xff\0\0\0\0\0\0\0\1\x7f", 10) + '\x03';
  const std::string greeting = v2 + std::string("\0NULL", 5) + std::string(48, '\0');
  const std::string cases[] = {
      "",                                                                 // leaves
      "GET / HTTP/1.1\r\n\r\n",                                           // another protocol
      v2.substr(0, 10),                                                   // half a greeting
      v2 + std::string("\0CURVE", 6) + std::string(47, '\0'),             // another mechanism
      greeting + "\x04\x05\x05HELLO",                                     // an unexpected command
      greeting + std::string("\x06\x7f\xff\xff\xff\xff\xff\xff\xff", 9),  // a huge command
  };
  int ended = 0;
  for (const std::string& bytes : cases) {
    for (const bool leaves : {true, false}) {
      BOOST_TEST_CONTEXT("case " << &bytes - cases << ", leaves: " << leaves) {
        const int client = raw_client(endpoint);
        BOOST_TEST(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                   static_cast<ssize_t>(bytes.size()));
        if (leaves) ::close(client);
        monitor_event accepted;
        monitor_event e;
        BOOST_TEST_REQUIRE(test::next_event(router, link_event::accepted, accepted));
        BOOST_TEST_REQUIRE(test::next_event(router, link_event::disconnected, e));
        BOOST_TEST(e.fd == accepted.fd);
        ++ended;
        if (!leaves) ::close(client);
      }
    }
  }
  monitor_event e;
  while (router.next_event(e)) BOOST_TEST((e.what != link_event::accepted));
}

BOOST_AUTO_TEST_CASE(messages_stay_whole_while_connections_break) {
  // Three parts with one number: a mixture, or a beginning without its end, would show.
  pair p;
  p.connect("tcp");
  int fd = p.greet().fd;
  const auto numbered = [](int n) {
    const std::string text = std::to_string(n);
    return std::vector<buffer>{buffer::copy(text), buffer::copy(text + std::string(20000, '.')),
                               buffer::copy(text)};
  };
  const auto whole = [](const incoming& in) {
    return in.parts.size() == 3 && in.parts[0] == in.parts[2] &&
           in.parts[1].view().starts_with(in.parts[0].view());
  };
  incoming in;
  monitor_event e;
  int n = 0;
  int heard = 0;
  const auto exchange = [&] {
    for (int i = 0; i < 20; ++i) p.dealer.send({}, numbered(++n));
    p.router.send("renderer", numbered(++n));
    while (p.router.receive(in, 10, large_enough)) {
      BOOST_TEST_REQUIRE(whole(in));
      fd = in.fd;
      ++heard;
    }
    while (p.dealer.receive(in, 10, large_enough)) BOOST_TEST_REQUIRE(whole(in));
  };
  for (int cuts = 0; cuts < 4; ++cuts) {
    heard = 0;
    BOOST_TEST_REQUIRE(eventually([&] { return exchange(), heard > 50; }));
    socket::cut(fd);
    BOOST_TEST_REQUIRE(eventually([&] {
      exchange();
      while (p.dealer.next_event(e))
        if (e.what == link_event::connected) return true;
      return false;
    }));
  }
}

BOOST_AUTO_TEST_CASE(unread_events_stop_nobody) {
  // libzmq's I/O thread blocks on a full monitor; ours cannot be full.
  pair p;
  const std::string endpoint = p.bind("tcp");
  for (int i = 0; i < 1500; ++i) ::close(raw_client(endpoint));
  link(p.dealer, endpoint);
  p.greet();
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_is_taken_is_refused) {
  for (const char* kind : {"ipc", "abstract", "tcp", "inproc"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      const std::string endpoint = p.bind(kind);
      socket second(p.c, role::router, {});
      BOOST_CHECK_EXCEPTION(second.bind(parse_address(endpoint)), error, [&](const error& e) {
        return says(e, errc::endpoint_in_use, endpoint);
      });
    }
  }
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_cannot_be_is_refused) {
  context c;
  socket router(c, role::router, {});
  const auto bad = [](const error& e) { return says(e, errc::bad_endpoint, "tcp://"); };
  BOOST_CHECK_EXCEPTION(router.bind(parse_address("tcp://nosuchnic:0")), error, bad);
  BOOST_CHECK_EXCEPTION(router.bind(parse_address("tcp://203.0.113.1:0")), error, bad);
  socket dealer(c, role::dealer, {});
  BOOST_CHECK_EXCEPTION(dealer.connect(parse_address("tcp://127.0.0.1:0")), error, bad);
  BOOST_CHECK_EXCEPTION(dealer.connect(parse_address("tcp://*:5555")), error, bad);
}

BOOST_AUTO_TEST_CASE(the_descriptors_wake_a_poll) {
  pair p;
  p.connect("ipc");
  pollfd monitor{p.router.monitor_fd(), POLLIN, 0};
  BOOST_TEST(::poll(&monitor, 1, 5000) == 1);
  pollfd input{p.router.fd(), POLLIN, 0};
  BOOST_TEST_REQUIRE(test::send(p.dealer, {}, parts({"x"})));
  BOOST_TEST(eventually([&] {
    BOOST_TEST_REQUIRE(::poll(&input, 1, 5000) == 1);  // an edge may mean something else
    return p.router.readable();
  }));
}

BOOST_AUTO_TEST_CASE(unbinding_ends_the_connections_too) {
  for (const char* kind : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      p.connect(kind);
      p.greet();
      p.router.unbind_all();
      BOOST_TEST(eventually(
          [&] { return p.router.send("renderer", parts({"x"})) == send_result::unreachable; }));
      monitor_event e;
      BOOST_TEST(eventually([&] {
        static_cast<void>(
            p.router.readable());  // libzmq ends them in steps, within the router's calls
        return p.dealer.next_event(e) && e.what == link_event::disconnected;
      }));
      while (p.router.next_event(e)) BOOST_TEST((e.what == link_event::accepted));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_context_has_room_for_many_sockets) {
  context c;
  std::vector<std::unique_ptr<socket>> sockets;
  sockets.reserve(400);
  for (int i = 0; i < 400; ++i)  // with their monitors 1200, more than libzmq's default of 1023
    sockets.push_back(std::make_unique<socket>(c, role::dealer, socket_options{}));
  BOOST_TEST(sockets.size() == 400u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ipczmq::transport::test
