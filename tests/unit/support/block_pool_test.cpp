// SPDX-License-Identifier: MIT
#include "support/block_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

namespace {

using ipczmq::support::block_allocator;
using ipczmq::support::give_block;
using ipczmq::support::take_block;

BOOST_AUTO_TEST_SUITE(block_pool)

BOOST_AUTO_TEST_CASE(every_block_has_its_bytes_and_is_nobody_elses) {
  for (const std::size_t bytes : {1u, 100u, 2047u, 2048u, 5119u, 5120u, 5121u, 65'536u, 66'560u,
                                  66'561u, 1u << 20, 3u << 20}) {
    std::vector<void*> taken;
    for (unsigned i = 0; i < 40; ++i) {
      taken.push_back(take_block(bytes));
      std::memset(taken.back(), static_cast<int>(i), bytes);
    }
    BOOST_TEST(std::set<void*>(taken.begin(), taken.end()).size() == taken.size());
    for (unsigned i = 0; i < 40; ++i) {
      const auto* const at = static_cast<const unsigned char*>(taken[i]);
      BOOST_TEST(at[0] == i);
      BOOST_TEST(at[bytes - 1] == i);
      give_block(taken[i], bytes);
    }
  }
}

#if IPCZMQ_POOLS_BLOCKS
BOOST_AUTO_TEST_CASE(what_was_given_back_is_taken_again_by_whoever_wants_as_much) {
  void* const first = take_block(60'000);
  give_block(first, 60'000);
  void* const again = take_block(40'000);
  BOOST_TEST(again == first);
  void* const other = take_block(40'000);
  BOOST_TEST(other != first);
  give_block(again, 40'000);
  give_block(other, 40'000);
}
#endif

BOOST_AUTO_TEST_CASE(of_many_some_are_kept_and_all_are_usable) {
  std::vector<void*> taken;
  for (int i = 0; i < 100; ++i) taken.push_back(take_block(60'000));
  for (void* block : taken) give_block(block, 60'000);
  // Those that are taken now were kept, or are new; malloc may hand out the address of one that was
  // freed, so only that all are usable is asked.
  for (void*& block : taken) std::memset(block = take_block(60'000), 1, 60'000);
  BOOST_TEST(std::set<void*>(taken.begin(), taken.end()).size() == taken.size());
  for (void* block : taken) give_block(block, 60'000);
}

#if IPCZMQ_POOLS_BLOCKS
BOOST_AUTO_TEST_CASE(shared_arrays_come_from_it) {
  const void* at = nullptr;
  {
    const auto a =
        std::allocate_shared_for_overwrite<std::byte[]>(block_allocator<std::byte>{}, 30'000);
    at = a.get();
  }
  const auto b =
      std::allocate_shared_for_overwrite<std::byte[]>(block_allocator<std::byte>{}, 30'000);
  BOOST_TEST(b.get() == at);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
