// SPDX-License-Identifier: MIT
#include "engine/inbox.hpp"

#include "engine/remote.hpp"

#include <utility>

namespace ipczmq::engine {

void inbox::push(const std::shared_ptr<remote>& to, entry e) {
  to->inbox.entries.push_back(std::move(e));
  ++size_;
  if (!std::exchange(to->inbox.ready, true)) turn_.push_back(to);
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

std::vector<entry> inbox::take_all() {
  std::vector<entry> all;
  std::shared_ptr<remote> from;
  entry e;
  while (pop(from, e)) all.push_back(std::move(e));
  return all;
}

}  // namespace ipczmq::engine
