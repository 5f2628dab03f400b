// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/listeners.hpp"

#include <string_view>

namespace ipczmq::dispatch {

// What a table holds for a channel, remembered for as long as the same channel is asked for and the
// table does not change.
class lookup {
 public:
  explicit lookup(const listeners& table) : table_(table) {}

  // Inline: it is asked for every message.
  [[gnu::always_inline]] inline void renew(std::string_view channel) {
    // Read before the table is: a change in between is noticed the next time.
    const std::uint64_t version = table_.version();
    if (version != version_ || (version != 0 && !same(channel))) [[unlikely]]
      ask(channel, version);
  }
  // As of renew(), and valid until the next.
  [[nodiscard]] const snapshot& any() const { return any_; }
  [[nodiscard]] const snapshot& list() const { return list_; }

 private:
  // Equal channels of one frame are the same bytes in most cases.
  [[nodiscard]] bool same(std::string_view channel) const {
    return (channel.data() == channel_.data() && channel.size() == channel_.size()) ||
           channel == channel_;
  }
  [[gnu::noinline]] void ask(std::string_view channel, std::uint64_t version) {
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
