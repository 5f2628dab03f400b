// SPDX-License-Identifier: MIT
#include <ipczmq/options.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

using namespace ipczmq;

namespace {

template <class Names, class Policy>
std::string_view name_of(const Names& names, Policy p) {
  return names.at(static_cast<std::size_t>(p));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(every_policy_has_its_name_at_its_place) {
  BOOST_TEST(name_of(duplicate_policy_names, duplicate_policy::refuse) == "refuse");
  BOOST_TEST(name_of(duplicate_policy_names, duplicate_policy::replace) == "replace");
  BOOST_TEST(name_of(overflow_policy_names, overflow_policy::block) == "block");
  BOOST_TEST(name_of(overflow_policy_names, overflow_policy::fail) == "fail");
  BOOST_TEST(name_of(overflow_policy_names, overflow_policy::drop_oldest) == "drop_oldest");
  BOOST_TEST(name_of(overflow_policy_names, overflow_policy::drop_newest) == "drop_newest");
  BOOST_TEST(name_of(overflow_policy_names, overflow_policy::disconnect) == "disconnect");
  BOOST_TEST(name_of(restart_policy_names, restart_policy::report) == "report");
  BOOST_TEST(name_of(restart_policy_names, restart_policy::repeat) == "repeat");
}

BOOST_AUTO_TEST_SUITE_END()
