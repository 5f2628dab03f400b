// SPDX-License-Identifier: MIT
#include "engine/inbox.hpp"

#include "engine/remote.hpp"

#include <utility>

namespace ipczmq::engine {

void inbox::push(const std::shared_ptr<remote>& to, entry e) {
  to->inbox.entries.push_back(std::move(e));
  ++size_;
  if (!to->inbox.parked && !std::exchange(to->inbox.ready, true)) turn_.push_back(to);
}

bool inbox::pop(std::shared_ptr<remote>& from, entry& e) {
  if (turn_.empty()) return false;
  from = std::move(turn_.front());
  turn_.pop_front();
  e = std::move(from->inbox.entries.front());
  from->inbox.entries.pop_front();
  --size_;
  if (from->inbox.entries.empty()) {
    from->inbox.ready = false;
  } else {
    turn_.push_back(from);
  }
  return true;
}

void inbox::park(remote& r) {
  r.inbox.parked = true;
  if (!std::exchange(r.inbox.ready, false)) return;
  std::erase_if(turn_, [&r](const auto& other) { return other.get() == &r; });
}

void inbox::unpark(const std::shared_ptr<remote>& r) {
  if (!std::exchange(r->inbox.parked, false) || r->inbox.entries.empty()) return;
  r->inbox.ready = true;
  turn_.push_back(r);
}

std::vector<entry> inbox::take_all() {
  std::vector<entry> all;
  std::shared_ptr<remote> from;
  entry e;
  while (pop(from, e)) all.push_back(std::move(e));
  return all;
}

}  // namespace ipczmq::engine
