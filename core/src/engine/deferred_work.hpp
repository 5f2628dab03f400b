// SPDX-License-Identifier: MIT
#pragma once

#include "engine/served_call.hpp"
#include "session/calls.hpp"

#include <ipczmq/options.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ipczmq::engine {

// What came up under the endpoint's lock and may run user code: done as soon as the lock is
// released, by whoever held it.
struct deferred_work {
  std::vector<std::shared_ptr<served_call>> stop;  // their callers have gone
  std::vector<std::pair<log_level, std::string>> log;
  std::vector<std::shared_ptr<void>> destroy;  // may own user objects
  struct tapped {
    tap_record record;  // its views point into the strings here
    std::string peer;
    std::string channel;
  };
  std::vector<tapped> tap;

  [[nodiscard]] bool empty() const {
    return stop.empty() && log.empty() && destroy.empty() && tap.empty();
  }
};

}  // namespace ipczmq::engine
