// SPDX-License-Identifier: MIT
#include "support/fifo.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using ipczmq::support::fifo;

std::vector<int> all(const fifo<int>& f) { return {f.begin(), f.end()}; }

BOOST_AUTO_TEST_SUITE(fifos)

BOOST_AUTO_TEST_CASE(what_goes_in_comes_out_in_order_as_of_a_deque) {
  fifo<std::string> tried;
  std::deque<std::string> expected;
  // Grows and shrinks in steps that do not divide its capacities.
  for (int i = 0; i < 3000; ++i) {
    const bool grows = (i / 700) % 2 == 0;
    if (grows ? i % 3 != 2 : i % 3 == 2) {
      tried.push_back("a text that is too long to be kept in place " + std::to_string(i));
      expected.push_back(tried.back());
    } else if (!expected.empty()) {
      BOOST_TEST(tried.front() == expected.front());
      tried.pop_front();
      expected.pop_front();
    }
    BOOST_TEST(tried.size() == expected.size());
    BOOST_TEST(tried.empty() == expected.empty());
    if (!expected.empty()) BOOST_TEST(tried[expected.size() / 2] == expected[expected.size() / 2]);
  }
  BOOST_TEST(std::vector<std::string>(tried.begin(), tried.end()) ==
                 std::vector<std::string>(expected.begin(), expected.end()),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_is_erased_wherever_it_is) {
  for (int which = 0; which < 6; ++which) {
    fifo<int> f;
    // Its beginning lies in the middle of the slots, so that it goes around.
    for (int i = 0; i < 5; ++i) f.push_back(-1);
    for (int i = 0; i < 5; ++i) f.pop_front();
    std::vector<int> expected;
    for (int i = 0; i < 6; ++i) {
      f.push_back(i);
      if (i != which) expected.push_back(i);
    }
    auto it = f.begin();
    while (*it != which) ++it;
    it = f.erase(it);
    BOOST_TEST((which == 5 ? it == f.end() : *it == which + 1));
    BOOST_TEST(all(f) == expected, boost::test_tools::per_element());
    f.push_back(7);
    BOOST_TEST(f.back() == 7);
  }
}

BOOST_AUTO_TEST_CASE(what_has_left_is_destroyed) {
  const auto value = std::make_shared<int>(1);
  fifo<std::shared_ptr<int>> f;
  f.push_back(value);
  f.push_back(value);
  f.push_back(value);
  f.pop_front();
  BOOST_TEST(value.use_count() == 3);
  f.erase(f.begin());
  BOOST_TEST(value.use_count() == 2);
  f.clear();
  BOOST_TEST(value.use_count() == 1);
  BOOST_TEST(f.empty());
  f.push_back(value);
  BOOST_TEST(f.front() == value);
}

BOOST_AUTO_TEST_CASE(moved_from_it_is_empty_and_can_be_used) {
  fifo<int> f;
  f.push_back(1);
  f.push_back(2);
  fifo<int> other(std::move(f));
  f.clear();
  BOOST_TEST(f.empty());
  f.push_back(3);
  BOOST_TEST(f.front() == 3);
  other = std::move(f);
  BOOST_TEST(all(other) == std::vector{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
