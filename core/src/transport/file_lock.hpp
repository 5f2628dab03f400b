// SPDX-License-Identifier: MIT
#pragma once

#include "transport/unique_fd.hpp"

#include <string>

namespace ipczmq::transport {

// Holds a lock file from construction to destruction, and leaves none behind. The kernel releases
// it when the holder dies.
class file_lock {
 public:
  // Waits for another holder, two seconds at most. Throws error: endpoint_in_use, forbidden,
  // system.
  explicit file_lock(std::string path);
  ~file_lock();
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

 private:
  std::string path_;
  unique_fd fd_;
};

}  // namespace ipczmq::transport
