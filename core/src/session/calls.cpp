// SPDX-License-Identifier: MIT
#include "session/calls.hpp"

#include <utility>

namespace ipczmq::session {

std::uint64_t calls::add(std::shared_ptr<call_sink> call, time_point deadline,
                         std::uint64_t place) {
  const std::uint64_t id = next_id_++;
  std::optional<std::multimap<time_point, std::uint64_t>::iterator> at;
  if (deadline != never) at = deadlines_.emplace(deadline, id);
  pending_.emplace(id, pending{std::move(call), place, at});
  return id;
}

void calls::forget_deadline(pending& p) {
  if (p.deadline) deadlines_.erase(*p.deadline);
}

std::shared_ptr<call_sink> calls::take(std::uint64_t id, std::uint64_t* place) {
  const auto it = pending_.find(id);
  if (it == pending_.end()) return nullptr;
  auto call = std::move(it->second.call);
  if (place != nullptr) *place = it->second.place;
  forget_deadline(it->second);
  pending_.erase(it);
  return call;
}

bool calls::take_expired(time_point now, std::uint64_t& id, std::uint64_t& place,
                         std::shared_ptr<call_sink>& call) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return false;
  id = deadlines_.begin()->second;
  call = take(id, &place);
  return true;
}

void calls::take_sent(std::uint64_t numbered, std::vector<std::shared_ptr<call_sink>>& out) {
  for (auto it = pending_.begin(); it != pending_.end();) {
    if (it->second.place <= numbered) {
      out.push_back(std::move(it->second.call));
      forget_deadline(it->second);
      it = pending_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace ipczmq::session
