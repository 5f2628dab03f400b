// SPDX-License-Identifier: MIT
// What happens when queues are full: to a peer, from a peer, over all peers.
#include "engine/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

void endpoint::account(remote& r) {
  const std::uint64_t now = r.session == nullptr ? 0 : r.session->wire_stream().queued_bytes();
  queued_bytes_ += now - r.counted_bytes;
  r.counted_bytes = now;
}

// Half of a total is for who comes first, and half is divided equally: together they keep to it,
// and nobody is left with nothing.
bool endpoint::within_total(std::uint64_t all, std::uint64_t one, std::uint64_t total) {
  return all <= total / 2 || one <= total / 2 / std::max<std::size_t>(1, peers());
}

bool endpoint::has_room(const remote& to, std::size_t bytes) {
  if (!to.session->room(bytes)) return false;
  const auto& stream = to.session->wire_stream();
  return stream.undispatched() == 0 ||
         within_total(queued_bytes_ + bytes, stream.queued_bytes() + bytes, settings_.queue_total);
}

error endpoint::overflow_error(const remote& to, const std::string& advice) {
  const auto& stream = to.session->wire_stream();
  return {errc::overflow, "the queue to " + name_of(to) + " is full (" +
                              std::to_string(stream.undispatched()) + " messages, " +
                              std::to_string(stream.queued_bytes()) +
                              " bytes not dispatched there); " + advice};
}

bool endpoint::make_room(const std::shared_ptr<remote>& to, const detail::packed& p, bool is_call,
                         time_point until) {
  const std::size_t bytes = size_of(p);
  if (has_room(*to, bytes)) return true;
  to->full = true;
  switch (settings_.overflow) {
    case overflow_policy::block:
      if (in_listener())
        throw overflow_error(*to, "a listener cannot wait; send less, or raise queue_bytes");
      wait_for_room(to, bytes, until);
      return true;
    case overflow_policy::fail:
      break;
    case overflow_policy::drop_oldest:
    case overflow_policy::drop_newest:
      if (yield_room(to, bytes)) return true;
      if (is_call) break;
      count_dropped(to, 1);
      return false;
    case overflow_policy::disconnect: {
      error e = overflow_error(*to, "it is given up, as overflow_policy::disconnect says");
      give_up(to, "it did not keep up, and its queue is full");
      throw e;
    }
  }
  send_parts(*to, to->session->probe());
  throw overflow_error(*to, "wait for on_drain, or raise queue_bytes or queue_messages");
}

bool endpoint::yield_room(const std::shared_ptr<remote>& to, std::size_t bytes) {
  if (settings_.overflow == overflow_policy::disconnect) {
    give_up(to, "it did not keep up, and its queue is full");
    return false;
  }
  if (settings_.overflow != overflow_policy::drop_oldest) return false;
  session::effects fx;
  const std::size_t dropped = to->session->drop_oldest(bytes, fx);
  if (dropped != 0) count_dropped(to, dropped);
  account(*to);
  apply(to, fx, nullptr);
  return has_room(*to, bytes);
}

void endpoint::count_dropped(const std::shared_ptr<remote>& to, std::size_t messages) {
  stats_.messages_dropped += messages;
  to->full = true;
  const bool told = to->dropped != 0;
  to->dropped += messages;
  if (told) return;  // the notice that waits will say them all
  push(to, notice{.what = notice::kind::overflow, .who = to});
  wake_driver();
  if (!std::exchange(to->overflow_logged, true))
    say(log_level::warning, "the queue to " + name_of(*to) +
                                " is full: messages to it are dropped (on_overflow and "
                                "statistics().messages_dropped tell how many)");
}

void endpoint::wait_for_room(const std::shared_ptr<remote>& to, std::size_t bytes,
                             time_point until) {
  const std::function<bool()> room = [this, &to, bytes]() NO_THREAD_SAFETY_ANALYSIS {
    return closing_ || to->session == nullptr || over() || has_room(*to, bytes);
  };
  const auto limit =
      settings_.block_for.count() == 0 ? never : session::later(clock::now(), settings_.block_for);
  const time_point last = std::min(until, limit);
  // It asks how far the peer is, again and again: by itself that tells only every 20 ms.
  constexpr auto ask_interval = std::chrono::milliseconds(2);
  do {
    if (clock::now() >= last) {
      if (until <= limit)
        throw error(errc::timed_out,
                    "the deadline passed while the call waited "
                    "for room in the queue to " +
                        name_of(*to));
      throw overflow_error(
          *to, "waited for " + std::to_string(settings_.block_for.count()) + " ms (block_for)");
    }
    if (to->linked && to->session->wire_stream().established()) {
      flush_all(clock::now());
      send_parts(*to, to->session->probe());
    }
  } while (!wait(room, std::min(last, clock::now() + ask_interval)) && socket_ != nullptr);
  check_reachable(*to);
}

bool endpoint::may_take(const std::shared_ptr<remote>& r, const wire::frame& f) {
  const std::uint64_t here = r->session->wire_stream().bytes_to_dispatch();
  if (here == 0 || within_total(inbox_bytes_ + f.bytes, here + f.bytes, settings_.inbox_total))
    return true;
  ++stats_.frames_left;
  if (std::find(held_.begin(), held_.end(), r) != held_.end()) return false;
  if (held_.empty())
    say(log_level::warning, std::to_string(inbox_bytes_) +
                                " bytes have come in and are not dispatched (total_inbox_bytes): "
                                "no more is taken from " +
                                name_of(*r) + " and others of its kind until they are");
  held_.push_back(r);
  return false;
}

void endpoint::take_held() {
  // Not at the first byte: what is asked for comes in bulk.
  if (held_.empty() || inbox_bytes_ > settings_.inbox_total / 8 * 3) return;
  for (const auto& r : std::exchange(held_, {})) {
    if (r->session != nullptr) {
      r->session->take_again();
      mark_dirty(r);
    } else {
      deferred_.destroy.push_back(r);
    }
  }
}

void endpoint::watch_answers(const std::shared_ptr<remote>& r) {
  const std::uint64_t owed = r->session == nullptr ? 0 : r->session->wire_stream().answer_bytes();
  if (r->inbox.parked && owed <= settings_.session.queue_bytes / 2) {
    inbox_.unpark(r);
    wake_driver();
  } else if (!r->inbox.parked && owed > settings_.session.queue_bytes) {
    inbox_.park(*r);
  }
}

}  // namespace ipczmq::engine
