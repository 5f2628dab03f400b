// SPDX-License-Identifier: MIT
#pragma once

#include "job.hpp"

#include <cstdint>
#include <vector>

namespace bench {

// What the threads of client and server have used so far.
struct usage {
  double cpu_us = 0;
  double switches = 0;     // context switches
  double allocations = 0;  // malloc and its kin, where the counter is preloaded
  double news = 0;         // of these, operator new
};

class usage_meter {
 public:
  explicit usage_meter(const job& j);
  ~usage_meter();
  usage_meter(const usage_meter&) = delete;
  usage_meter& operator=(const usage_meter&) = delete;

  [[nodiscard]] usage now() const;

 private:
  std::vector<int> pids_;
  std::vector<const std::uint64_t*> counters_;
};

// Resident memory of a process in KiB.
double resident_kib(int pid);

}  // namespace bench
