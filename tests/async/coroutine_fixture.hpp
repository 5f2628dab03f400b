// SPDX-License-Identifier: MIT
#pragma once

#include "pair.hpp"

#include <atomic>

namespace ipczmq::test {

// Counts how many of it live.
struct counted {
  explicit counted(std::atomic<int>& n) : alive(&n) { ++n; }
  counted(const counted& o) : alive(o.alive) { ++*alive; }
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

// "sum" adds, "fail" throws.
inline void answer_sums(ipc_main& main) {
  main.handle("sum", [](event&, int a, int b) { return a + b; });
  main.handle("fail", [](event&) -> int { throw ipczmq::remote_error("RangeError", "too far"); });
}

}  // namespace ipczmq::test
