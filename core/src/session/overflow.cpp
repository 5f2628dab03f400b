// SPDX-License-Identifier: MIT
// What gives way when a queue is full.
#include "session/filter.hpp"
#include "session/session.hpp"

#include <utility>

namespace ipczmq::session {

namespace {
bool is_no_event(wire::kind k) { return k != wire::kind::event; }
}  // namespace

std::size_t stream::drop_oldest(std::uint64_t bytes) {
  std::size_t dropped = 0;
  std::uint64_t freed = 0;
  if (tail_.events != 0 && !tail_.builder.empty()) {
    backlog_.push_back(seal(tail_));
    backlog_bytes_ += backlog_.back().bytes;
  }
  for (auto it = backlog_.begin(); it != backlog_.end() && freed < bytes;) {
    sealed& s = *it;
    if (s.events == 0) {
      ++it;
      continue;
    }
    const std::size_t before = s.bytes;
    // Attachments of calls cannot be told from those of events here: they stay.
    if (s.counted == s.events + s.phantoms && s.parts.size() > 1) {
      parts gone(std::make_move_iterator(s.parts.begin()), std::make_move_iterator(s.parts.end()));
      s.parts.assign(1, buffer::copy(gone[0].bytes()));
      released.push_back(std::move(gone));
    }
    s.messages = keep_only(s.parts[0], is_no_event, false);
    s.bytes = total_bytes(s.parts);
    freed += before - s.bytes;
    backlog_bytes_ -= before - s.bytes;
    dropped += s.events;
    phantoms_ += s.events;
    s.phantoms += s.events;
    s.events = 0;
    if (s.messages != 0) {
      ++it;
      continue;
    }
    // Nothing is left of it, but the places that it took: the next one has them.
    freed += s.bytes;
    backlog_bytes_ -= s.bytes;
    const auto next = std::next(it);
    (next == backlog_.end() ? tail_.counted : next->counted) += s.counted;
    (next == backlog_.end() ? tail_.phantoms : next->phantoms) += s.phantoms;
    it = backlog_.erase(it);
  }
  return dropped;
}

std::size_t session::drop_oldest(std::uint64_t bytes, effects& out) {
  const std::size_t dropped = stream_.drop_oldest(bytes);
  hand_over_released(out);
  return dropped;
}

}  // namespace ipczmq::session
