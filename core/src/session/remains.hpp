// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/undelivered.hpp>

#include <cstddef>
#include <vector>

namespace ipczmq::detail {

// What a session leaves behind: frames as they were built, with headers that wire::decode reads.
// Only their events are meant.
struct undelivered_frames {
  struct piece {
    ipczmq::fate fate{};
    std::size_t events = 0;
    std::vector<buffer> parts;
  };
  std::vector<piece> pieces;
};

}  // namespace ipczmq::detail
