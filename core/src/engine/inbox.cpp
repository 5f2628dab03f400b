// SPDX-License-Identifier: MIT
#include "engine/inbox.hpp"

#include "engine/remote.hpp"

#include <algorithm>
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

inbox::waiting inbox::first_for_users() const {
  constexpr std::size_t near = 16;
  for (std::size_t p = 0; p < std::min(near, turn_.size()); ++p) {
    const remote& from = *turn_[p];
    for (std::size_t i = 0; i < std::min(near, from.inbox.entries.size()); ++i) {
      const entry& e = from.inbox.entries[i];
      if (std::holds_alternative<notice>(e)) continue;
      if (!std::holds_alternative<delivery>(e))
        return {"what follows on a call (then, co_await)", false};
      for (const wire::message& m : std::get<delivery>(e).frame->messages) {
        if (!wire::is_dispatched(m.kind)) continue;
        const bool event = m.kind == wire::kind::event;
        return {std::string(event ? "a message" : "a call")
                    .append(" from '")
                    .append(from.identity)
                    .append("' on '")
                    .append(m.channel)
                    .append("'"),
                event};
      }
    }
  }
  return {};
}

std::vector<entry> inbox::take_all() {
  std::vector<entry> all;
  std::shared_ptr<remote> from;
  entry e;
  while (pop(from, e)) all.push_back(std::move(e));
  return all;
}

}  // namespace ipczmq::engine
