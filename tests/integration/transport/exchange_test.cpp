// SPDX-License-Identifier: MIT
#include "fixture.hpp"

#include <poll.h>
#include <unistd.h>

#include <memory>

namespace ipczmq::transport::test {
namespace {

constexpr std::size_t large = 1 << 20;  // shared with libzmq, never copied by us

BOOST_AUTO_TEST_SUITE(exchange_test, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(multipart_messages_arrive_whole_both_ways) {
  for (const char* kind : {"ipc", "abstract", "tcp", "inproc"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      p.connect(kind);
      const std::string big(large, 'b');
      std::vector<buffer> message = parts({"head", "", big, "tail"});
      for (int i = 0; i < 10; ++i) message.push_back(buffer::copy(std::to_string(i)));
      BOOST_TEST_REQUIRE(test::send(p.dealer, {}, message));
      incoming in;
      BOOST_TEST_REQUIRE(test::receive(p.router, in));
      BOOST_TEST(in.routing_id == "renderer");
      BOOST_TEST(!in.oversized);
      BOOST_TEST((in.parts == message));

      BOOST_TEST(
          (p.router.send(in.routing_id, in.parts) == send_result::sent));  // on, as they came
      incoming back;
      BOOST_TEST_REQUIRE(test::receive(p.dealer, back));
      BOOST_TEST(back.routing_id.empty());
      BOOST_TEST((back.parts == message));
    }
  }
}

BOOST_AUTO_TEST_CASE(ipv6_is_spoken) {
  pair p;
  std::string endpoint;
  try {
    endpoint = p.bind("tcp6");
  } catch (const error&) {
    BOOST_TEST_MESSAGE("left out: this machine has no ::1");
    return;
  }
  link(p.dealer, endpoint);
  BOOST_TEST(p.greet().parts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_large_part_is_not_copied_and_is_let_go) {
  pair p;
  p.connect("inproc");
  buffer big = buffer::copy(std::string(large, 'x'));
  const std::weak_ptr<const void> alive = big.owner();
  const void* const data = big.data();
  BOOST_TEST_REQUIRE(test::send(p.dealer, {}, std::span(&big, 1)));
  big = {};
  incoming in;
  BOOST_TEST_REQUIRE(test::receive(p.router, in));
  BOOST_TEST(in.parts.at(0).data() == data);
  BOOST_TEST(!alive.expired());
  in.parts.clear();
  BOOST_TEST(alive.expired());
}

BOOST_AUTO_TEST_CASE(a_large_part_is_let_go_when_it_cannot_be_sent) {
  pair p;
  p.bind("ipc");
  buffer big = buffer::copy(std::string(large, 'x'));
  BOOST_TEST((p.router.send("nobody", std::span(&big, 1)) == send_result::unreachable));
  BOOST_TEST(big.owner().use_count() == 1);
}

BOOST_AUTO_TEST_CASE(bytes_that_nobody_owns_are_copied) {
  pair p;
  p.connect("inproc");
  std::string text(large, 'x');
  const buffer borrowed(nullptr, text.data(), text.size());
  BOOST_TEST_REQUIRE(test::send(p.dealer, {}, std::span(&borrowed, 1)));
  text.assign(large, 'y');
  incoming in;
  BOOST_TEST_REQUIRE(test::receive(p.router, in));
  BOOST_TEST(in.parts.at(0).view().find('y') == std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(the_descriptor_of_a_message_is_the_one_that_was_accepted) {
  for (const char* kind : {"ipc", "abstract", "tcp"}) {
    BOOST_TEST_CONTEXT(kind) {
      pair p;
      p.connect(kind);
      const incoming in = p.greet();
      monitor_event e;
      BOOST_TEST_REQUIRE(test::next_event(p.router, link_event::accepted, e));
      BOOST_TEST(e.fd >= 0);
      BOOST_TEST(in.fd == e.fd);
    }
  }
  pair p;
  p.connect("inproc");
  BOOST_TEST(p.greet().fd == -1);
}

BOOST_AUTO_TEST_CASE(a_local_peer_has_credentials_on_both_sides) {
  pair p;
  p.connect("ipc");
  incoming in = p.greet();
  const peer_credentials renderer = credentials(in.parts.at(0));
  BOOST_TEST(renderer.known);
  BOOST_TEST(renderer.uid == ::geteuid());
  BOOST_TEST(renderer.pid == static_cast<std::uint64_t>(::getpid()));

  BOOST_TEST((p.router.send("renderer", parts({"x"})) == send_result::sent));
  BOOST_TEST_REQUIRE(test::receive(p.dealer, in));
  const peer_credentials main = credentials(in.parts.at(0).slice(1, 0));
  BOOST_TEST(main.known);
  BOOST_TEST(main.uid == ::geteuid());
}

BOOST_AUTO_TEST_CASE(others_have_none) {
  for (const char* kind : {"tcp", "inproc"}) {
    pair p;
    p.connect(kind);
    BOOST_TEST(!credentials(p.greet().parts.at(0)).known);
  }
  BOOST_TEST(!credentials(buffer()).known);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_says_so) {
  pair p;
  p.bind("ipc");
  BOOST_TEST((p.router.send("nobody", parts({"x", "y"})) == send_result::unreachable));
  BOOST_TEST((p.dealer.send({}, parts({"x", "y"})) == send_result::again));
  p.dealer.connect(p.directory.endpoint("nobody-serves-this"));
  BOOST_TEST((p.dealer.send({}, parts({"x", "y"})) == send_result::again));
}

BOOST_AUTO_TEST_CASE(an_oversized_message_costs_only_itself) {
  pair p;
  p.connect("ipc");
  p.greet();
  const auto message = parts({"one", "two", "three", "four"});
  incoming in;
  const struct {
    std::size_t parts_max;
    std::uint64_t bytes_max;
    std::size_t kept;
  } cases[] = {{4, 15, 4}, {3, 100, 3}, {100, 14, 3}, {100, 0, 0}, {0, 100, 0}};
  for (const auto& c : cases) {
    BOOST_TEST_CONTEXT(c.parts_max << " parts, " << c.bytes_max << " bytes") {
      BOOST_TEST_REQUIRE(test::send(p.dealer, {}, message));
      BOOST_TEST_REQUIRE(
          eventually([&] { return p.router.receive(in, c.parts_max, c.bytes_max); }));
      BOOST_TEST(in.oversized == (c.kept != message.size()));
      BOOST_TEST(in.parts.size() == c.kept);
      BOOST_TEST(in.routing_id == "renderer");
    }
  }
  p.greet();
  BOOST_TEST(!p.router.receive(in, 1, 1));
}

BOOST_AUTO_TEST_CASE(readable_tells_of_input_and_of_its_end) {
  pair p;
  p.connect("ipc");
  p.greet();
  BOOST_TEST(!p.router.readable());
  BOOST_TEST_REQUIRE(test::send(p.dealer, {}, parts({"x"})));
  BOOST_TEST(eventually([&] { return p.router.readable(); }));
  incoming in;
  BOOST_TEST(p.router.receive(in, 1, 1));
  BOOST_TEST(!p.router.readable());
}

BOOST_AUTO_TEST_CASE(readable_sees_what_a_send_took_from_the_descriptor) {
  pair p;
  p.connect("ipc");
  p.greet();
  // The send eats the descriptor's edge, so from here on only readable() knows of the answer.
  const auto answer = parts({"answer"});
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST_REQUIRE((p.router.send("renderer", answer) == send_result::sent));
    BOOST_TEST_REQUIRE(test::send(p.dealer, {}, answer));
    incoming in;
    BOOST_TEST_REQUIRE(eventually([&] { return p.dealer.readable(); }));
    BOOST_TEST_REQUIRE(p.dealer.receive(in, 1, 100));
    BOOST_TEST_REQUIRE(test::receive(p.router, in));
  }
}

BOOST_AUTO_TEST_CASE(unless_input_may_be_hidden_the_descriptor_tells_of_it) {
  pair p;
  BOOST_TEST(p.dealer.may_hide_input());
  p.connect("ipc");
  p.greet();
  const auto message = parts({"x"});
  incoming in;
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST_REQUIRE((p.router.send("renderer", message) == send_result::sent));
    BOOST_TEST_REQUIRE(p.router.may_hide_input());
    if (i % 2 == 0) {
      BOOST_TEST_REQUIRE(!p.router.readable());
    } else {
      BOOST_TEST_REQUIRE(!p.router.receive(in, 1, 100));
    }
    BOOST_TEST_REQUIRE(!p.router.may_hide_input());
    BOOST_TEST_REQUIRE(test::receive(p.dealer, in));
    BOOST_TEST_REQUIRE(test::send(p.dealer, {}, message));
    pollfd tells{p.router.fd(), POLLIN, 0};
    BOOST_TEST_REQUIRE(::poll(&tells, 1, 5000) == 1);
    BOOST_TEST_REQUIRE(p.router.receive(in, 1, 100));
    BOOST_TEST_REQUIRE(p.router.may_hide_input());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ipczmq::transport::test
