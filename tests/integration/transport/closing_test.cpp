// SPDX-License-Identifier: MIT
#include "fixture.hpp"

#include <memory>

namespace ipczmq::transport::test {
namespace {

BOOST_AUTO_TEST_SUITE(closing_test, *boost::unit_test::timeout(60))

// libzmq aborts the process when a connection breaks while its socket closes with half a message
// written; see monitor::end_connections(). Without that, one of a few dozen rounds met it.
BOOST_AUTO_TEST_CASE(both_sides_may_close_at_once_in_the_middle_of_messages) {
  const std::vector<buffer> message{buffer(20000), buffer(70000), buffer(20000)};
  for (int round = 0; round < 40; ++round) {
    pair p;
    auto dealer = std::make_unique<socket>(p.c, role::dealer, socket_options{.routing_id = "r"});
    link(*dealer, p.bind("tcp"));
    incoming in;
    BOOST_TEST_REQUIRE(test::send(*dealer, {}, message));
    BOOST_TEST_REQUIRE(test::receive(p.router, in));
    for (int i = 0; i < 60; ++i) {
      dealer->send({}, message);
      p.router.send("r", message);
    }
    std::thread other([&] { dealer.reset(); });
    p.router.unbind_all();  // ends its connections as closing does
    other.join();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ipczmq::transport::test
