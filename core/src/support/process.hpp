// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace ipczmq::support {

// A process of this machine, told apart from a later one with the same pid by when it began.
class local_process {
 public:
  local_process() = default;
  // Of a pid that lives now; empty when there is none.
  explicit local_process(std::uint64_t pid);
  [[nodiscard]] bool known() const { return started_ != 0; }
  [[nodiscard]] bool alive() const;

 private:
  std::uint64_t pid_ = 0;
  std::uint64_t started_ = 0;
};

[[nodiscard]] std::string host_name();
// Where it is equal, a pid means the same process; empty when that cannot be known.
[[nodiscard]] std::string pid_space();
[[nodiscard]] std::string program_name();

// Grows by one in the child of every fork.
[[nodiscard]] unsigned fork_generation() noexcept;

}  // namespace ipczmq::support
