// SPDX-License-Identifier: MIT
#include "support/heap.hpp"

#include <cstddef>
#include <cstdlib>

namespace ipczmq::support {

void keep_freed_pages() {
  // glibc keeps twice as much, and what is larger than this has pages of its own, which go back at
  // once: so shall those of messages of a megabyte and more.
  constexpr std::size_t bytes = 960 * 1024;
  // Learnt only if no free block of that size is there already: early, as the first endpoint is
  // made. Not to be optimised away: a pair of malloc and free may be.
  void* volatile block = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc)
  std::free(block);                           // NOLINT(cppcoreguidelines-no-malloc)
}

}  // namespace ipczmq::support
