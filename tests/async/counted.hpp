// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace ipczmq::test {

// Counts how many of it live.
struct counted {
  explicit counted(std::atomic<int>& n) : alive(&n) { ++n; }
  counted(const counted& o) : alive(o.alive) { ++*alive; }
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

}  // namespace ipczmq::test
