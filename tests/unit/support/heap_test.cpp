// SPDX-License-Identifier: MIT
#include "support/heap.hpp"
#include "support/block_pool.hpp"

#include <malloc.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

BOOST_AUTO_TEST_SUITE(heap)

// A sanitizer has a malloc of its own.
#if defined(__GLIBC__) && IPCZMQ_POOLS_BLOCKS && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(what_is_freed_at_the_end_of_the_heap_stays) {
  constexpr std::size_t bytes = 900 * 1024;
  ipczmq::support::keep_freed_pages();
  const auto mapped = ::mallinfo2().hblks;
  void* volatile block = std::malloc(bytes);
  BOOST_TEST(::mallinfo2().hblks == mapped);  // not a mapping of its own, which goes with it
  std::free(block);
  BOOST_TEST(::mallinfo2().keepcost >= bytes);
}
#else
BOOST_AUTO_TEST_CASE(block_can_be_freed) { ipczmq::support::keep_freed_pages(); }
#endif

BOOST_AUTO_TEST_SUITE_END()
