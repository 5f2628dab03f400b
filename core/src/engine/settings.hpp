// SPDX-License-Identifier: MIT
#pragma once

#include "session/session.hpp"

#include <ipczmq/options.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq::dispatch {
class listeners;
}

namespace ipczmq::engine {

// What both roles are configured with.
struct settings {
  std::string identity;
  session::config session;
  std::chrono::milliseconds linger{1000};
  std::chrono::milliseconds call_deadline{0};
  bool insecure = false;
  overflow_policy overflow = overflow_policy::fail;
  std::chrono::milliseconds block_for{0};
  // Over all peers.
  std::uint64_t queue_total = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t inbox_total = std::numeric_limits<std::uint64_t>::max();
  log_callback log;
  tap_callback tap;
  // Makes the listener table of a new peer.
  std::function<std::shared_ptr<dispatch::listeners>(std::string name)> make_table;
  // Of a renderer: whether it listens to a channel (empty: to every one), and to which. Called
  // under the lock; the tables' own lock is a leaf.
  std::function<bool(std::string_view channel)> listens;
  std::function<std::vector<std::string>()> channels;
};

}  // namespace ipczmq::engine
