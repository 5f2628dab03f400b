// SPDX-License-Identifier: MIT
#include "support/spare_nodes.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace {

using map = std::unordered_map<int, std::shared_ptr<std::string>>;

BOOST_AUTO_TEST_SUITE(spare_nodes)

BOOST_AUTO_TEST_CASE(what_is_inserted_is_found_also_in_a_node_that_was_used_before) {
  map m;
  ipczmq::support::spare_nodes<map> spare;
  spare.insert_or_assign(m, 1, std::make_shared<std::string>("one"));
  const auto* const node = &*m.find(1);
  spare.erase(m, m.find(1));
  BOOST_TEST(m.empty());
  spare.insert_or_assign(m, 2, std::make_shared<std::string>("two"));
  BOOST_TEST(m.size() == 1u);
  BOOST_TEST(*m.at(2) == "two");
  BOOST_TEST(&*m.find(2) == node);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_there_gets_the_new_value) {
  map m;
  ipczmq::support::spare_nodes<map> spare;
  spare.insert_or_assign(m, 1, std::make_shared<std::string>("old"));
  spare.insert_or_assign(m, 1, std::make_shared<std::string>("new"));
  BOOST_TEST(*m.at(1) == "new");
  spare.insert_or_assign(m, 2, nullptr);
  spare.erase(m, m.find(2));
  spare.insert_or_assign(m, 1, std::make_shared<std::string>("newer"));
  BOOST_TEST(m.size() == 1u);
  BOOST_TEST(*m.at(1) == "newer");
}

BOOST_AUTO_TEST_CASE(a_spare_node_holds_no_value) {
  map m;
  ipczmq::support::spare_nodes<map> spare;
  auto value = std::make_shared<std::string>("x");
  spare.insert_or_assign(m, 1, value);
  spare.erase(m, m.find(1));
  BOOST_TEST(value.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(any_number_may_come_and_go) {
  map m;
  ipczmq::support::spare_nodes<map> spare;
  constexpr int many = 5000;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < many; ++i)
      spare.insert_or_assign(m, i, std::make_shared<std::string>(std::to_string(i)));
    BOOST_TEST(m.size() == static_cast<std::size_t>(many));
    for (int i = 0; i < many; ++i) {
      BOOST_TEST_REQUIRE(*m.at(i) == std::to_string(i));
      spare.erase(m, m.find(i));
    }
    BOOST_TEST(m.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
