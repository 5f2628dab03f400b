// SPDX-License-Identifier: MIT
#pragma once

#include "engine/inbox.hpp"
#include "engine/unread.hpp"
#include "session/session.hpp"
#include "support/process.hpp"
#include "support/spare_nodes.hpp"

#include <ipczmq/web_contents.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ipczmq::dispatch {
class listeners;
}

namespace ipczmq::engine {

class endpoint;
class served_call;

// One peer, as the engine and all handles of it know it. It outlives its session: handles may be
// kept.
class remote : public std::enable_shared_from_this<remote> {
 public:
  remote(std::uint64_t number, std::string name, std::weak_ptr<endpoint> e,
         std::shared_ptr<dispatch::listeners> table)
      : id(number), identity(std::move(name)), owner(std::move(e)), ipc(std::move(table)) {}

  // Constant after construction.
  const std::uint64_t id;
  const std::string identity;
  const std::weak_ptr<endpoint> owner;
  const std::shared_ptr<dispatch::listeners> ipc;

  std::atomic<bool> destroyed{false};

  // Guarded by the endpoint's lock.
  session::session* session = nullptr;  // null once it is gone
  std::uint32_t generation = 0;         // of the session
  std::string routing_id;
  int fd = -1;
  bool linked = true;
  session::time_point resume_until = session::never;
  session::time_point check_process = session::never;
  support::local_process process;
  wire::process_info process_info;
  std::string transport;
  peer_inbox inbox;
  engine::unread unread;
  session::time_point doubted{};               // when another last claimed its name
  bool dispatching = false;                    // one of its frames is being dispatched
  bool dirty = false;                          // has something to flush
  bool full = false;                           // a send found no room; a drain notice is owed
  std::size_t dropped = 0;                     // messages, since an overflow notice told
  bool overflow_logged = false;                // since it was full
  session::time_point lost_at{};               // its connection
  std::uint64_t counted_bytes = 0;             // of its queue in the endpoint's total
  session::time_point armed = session::never;  // the earliest timer of it in the heap
  using calls_by_id = std::unordered_map<std::uint64_t, std::weak_ptr<served_call>>;
  calls_by_id serving;  // incoming calls that are open
  support::spare_nodes<calls_by_id> spare;
  std::unordered_set<std::uint64_t> cancelled_early;  // cancelled while they wait in the inbox
};

}  // namespace ipczmq::engine
