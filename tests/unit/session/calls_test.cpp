// SPDX-License-Identifier: MIT
#include "session/calls.hpp"
#include "session_support.hpp"

namespace {

using namespace session_test;
using session::calls;

std::string name_of_sink(const std::shared_ptr<session::call_sink>& s) {
  return s == nullptr ? "none" : static_cast<const sink&>(*s).name;
}

std::string expired(calls& c, time_point now) {
  std::uint64_t id = 0;
  std::uint64_t place = 0;
  std::shared_ptr<session::call_sink> call;
  std::vector<std::string> names;
  while (c.take_expired(now, id, place, call)) names.push_back(name_of_sink(call));
  return joined(names);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calls_)

BOOST_AUTO_TEST_CASE(ids_count_from_1_and_each_call_is_taken_once) {
  calls c(1);
  BOOST_TEST(c.next_id() == 1u);
  BOOST_TEST(c.add(named("a"), never, 1) == 1u);
  BOOST_TEST(c.add(named("b"), start, 2) == 2u);
  std::uint64_t place = 0;
  BOOST_TEST(name_of_sink(c.take(2, &place)) == "b");
  BOOST_TEST(place == 2u);
  BOOST_TEST(name_of_sink(c.take(2)) == "none");
  BOOST_TEST(name_of_sink(c.take(77)) == "none");
  BOOST_TEST((c.next_deadline() == never));
  BOOST_TEST(c.size() == 1u);
}

BOOST_AUTO_TEST_CASE(deadlines_pass_in_their_own_order) {
  calls c(1);
  c.add(named("late"), start + 2s, 1);
  c.add(named("early"), start + 1s, 2);
  c.add(named("never"), never, 3);
  c.add(named("early too"), start + 1s, 4);
  BOOST_TEST((c.next_deadline() == start + 1s));
  BOOST_TEST(expired(c, start + 1s - 1ns) == "");
  BOOST_TEST(expired(c, start + 1s) == "early; early too");
  BOOST_TEST(expired(c, start + 1h) == "late");
  BOOST_TEST(c.size() == 1u);
}

BOOST_AUTO_TEST_CASE(calls_that_have_left_end_in_the_order_in_which_they_were_made) {
  calls c(1);
  std::vector<std::string> wanted;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    c.add(named(std::to_string(i)), i % 2 == 0 ? never : start, i);
    if (i <= 60) wanted.push_back(std::to_string(i));
  }
  std::vector<std::shared_ptr<session::call_sink>> out;
  c.take_sent(60, out);
  std::vector<std::string> names;
  for (const auto& s : out) names.push_back(name_of_sink(s));
  BOOST_TEST(names == wanted, boost::test_tools::per_element());
  BOOST_TEST(c.size() == 40u);
}

BOOST_AUTO_TEST_CASE(what_moves_into_the_next_session_goes_on_with_and_without_deadline) {
  calls old(1);
  old.add(named("sent"), start, 1);
  old.add(named("timeless"), never, 2);
  old.add(named("timed"), start + 1s, 3);
  std::vector<std::shared_ptr<session::call_sink>> out;
  old.take_sent(1, out);
  calls heir(77);
  heir = std::move(old);
  BOOST_TEST(heir.add(named("new"), never, 4) == 4u);
  BOOST_TEST(name_of_sink(heir.take(2)) == "timeless");
  BOOST_TEST(expired(heir, start + 1s) == "timed");
  BOOST_TEST(name_of_sink(heir.take(4)) == "new");
  BOOST_TEST(heir.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
