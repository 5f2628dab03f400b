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
    context c;
    auto router = std::make_unique<socket>(c, role::router, socket_options{});
    const std::string endpoint = router->bind(parse_address("tcp://127.0.0.1:0"));
    std::vector<std::unique_ptr<socket>> dealers;
    incoming in;
    for (const char* name : {"a", "b", "c", "d"}) {
      socket_options options;
      options.routing_id = name;
      dealers.push_back(std::make_unique<socket>(c, role::dealer, options));
      link(*dealers.back(), endpoint);
      BOOST_TEST_REQUIRE(test::send(*dealers.back(), {}, message));
      BOOST_TEST_REQUIRE(test::receive(*router, in));
    }
    for (int i = 0; i < 60; ++i) {
      for (const auto& dealer : dealers) dealer->send({}, message);
      for (const char* name : {"a", "b", "c", "d"}) router->send(name, message);
    }
    std::thread other([&] { dealers.clear(); });
    router.reset();
    other.join();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ipczmq::transport::test
