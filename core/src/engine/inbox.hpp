// SPDX-License-Identifier: MIT
#pragma once

#include "engine/consumer.hpp"
#include "support/fifo.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace ipczmq::engine {

// A frame with events and calls. `generation` tells the peer's sessions apart: a later one does not
// count this frame.
struct delivery {
  std::shared_ptr<const wire::frame> frame;
  std::uint32_t generation = 0;
};

// What follows on a call (a `then` callback, a coroutine), or on a failure: it must run, also when
// nothing else is dispatched any more.
using continuation = std::function<void()>;

// What one turn of dispatch takes.
using entry = std::variant<delivery, notice, continuation>;

// The entries of one peer, in order.
class peer_inbox {
 public:
  support::fifo<entry> entries;
  bool ready = false;   // queued for its turn
  bool parked = false;  // has no turns: it does not take the answers to what it asked
};

// Serves the peers round-robin, so that one peer's flood neither starves the others nor fills their
// share. Guarded by the endpoint's lock.
class inbox {
 public:
  void push(const std::shared_ptr<remote>& to, entry e);
  // The next entry in turn; false when there is none.
  bool pop(std::shared_ptr<remote>& from, entry& e);
  void park(remote& r);
  void unpark(const std::shared_ptr<remote>& r);
  // The first that runs user code for a message or a call, as people would name it; empty when
  // there is none near the front.
  struct waiting {
    std::string what;
    bool optional = false;  // an event, which nobody need listen to
  };
  [[nodiscard]] waiting first_for_users() const;
  // Everything, for destruction.
  [[nodiscard]] std::vector<entry> take_all();
  [[nodiscard]] bool empty() const { return turn_.empty(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::deque<std::shared_ptr<remote>> turn_;
  std::size_t size_ = 0;
};

}  // namespace ipczmq::engine
