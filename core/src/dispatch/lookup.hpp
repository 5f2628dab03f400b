// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/listeners.hpp"

#include <string_view>

namespace ipczmq::dispatch {

// What a table holds for a channel, remembered for as long as the same channel is asked for and the
// table does not change. What it returns is valid until it is asked again.
class lookup {
 public:
  explicit lookup(const listeners& table) : table_(table) {}

  const snapshot& any(std::string_view channel) {
    renew(channel);
    return any_;
  }
  const snapshot& list(std::string_view channel) {
    renew(channel);
    return list_;
  }

 private:
  void renew(std::string_view channel) {
    // Read before the table is: a change in between is noticed the next time.
    const std::uint64_t version = table_.version();
    if (version == version_ && (version == 0 || channel == channel_)) return;
    version_ = version;
    channel_ = channel;
    any_ = table_.find_any();
    list_ = table_.find(channel);
  }

  const listeners& table_;
  std::uint64_t version_ = 0;
  std::string_view channel_;  // of the frame that is dispatched
  snapshot any_;
  snapshot list_;
};

}  // namespace ipczmq::dispatch
