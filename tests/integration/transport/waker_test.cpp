// SPDX-License-Identifier: MIT
#include "transport/waker.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>

namespace {

using ipczmq::transport::waker;

bool is_set(const waker& w) {
  pollfd p{w.fd(), POLLIN, 0};
  return ::poll(&p, 1, 0) == 1;
}

BOOST_AUTO_TEST_SUITE(waker_test)

BOOST_AUTO_TEST_CASE(several_wakes_are_cleared_at_once) {
  waker w;
  BOOST_TEST(!is_set(w));
  w.wake();
  w.wake();
  BOOST_TEST(is_set(w));
  w.clear();
  BOOST_TEST(!is_set(w));
  w.clear();  // of nothing: does not block
  w.wake();
  BOOST_TEST(is_set(w));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
