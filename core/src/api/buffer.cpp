// SPDX-License-Identifier: MIT
#include <ipczmq/buffer.hpp>

#include "support/block_pool.hpp"

namespace ipczmq::detail {

std::shared_ptr<std::byte[]> new_bytes(std::size_t size) {
  return std::allocate_shared_for_overwrite<std::byte[]>(support::block_allocator<std::byte>{},
                                                         size);
}

}  // namespace ipczmq::detail
