// SPDX-License-Identifier: MIT
#include "session/calls.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::session {

std::uint64_t calls::add(std::shared_ptr<call_sink> call, time_point deadline,
                         std::uint64_t place) {
  const std::uint64_t id = next_id_++;
  std::optional<std::multimap<time_point, std::uint64_t>::iterator> at;
  if (deadline != never) at = deadlines_.emplace(deadline, id);
  spare_.insert_or_assign(pending_, id, pending{std::move(call), place, at});
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
  spare_.erase(pending_, it);
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
  std::vector<std::uint64_t> sent;
  for (const auto& [id, p] : pending_) {
    if (p.place <= numbered) sent.push_back(id);
  }
  std::sort(sent.begin(), sent.end());
  for (const std::uint64_t id : sent) out.push_back(take(id));
}

}  // namespace ipczmq::session
