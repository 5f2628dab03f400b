// SPDX-License-Identifier: MIT
// Waiting: who drives, and how the socket is worked.
#include "engine/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {

// Frames taken in one go, before timers and other threads get their turn.
constexpr int frames_at_once = 256;
// Nor more than the caches hold, frames and what is read from them: who dispatches takes the rest
// when it is done with these.
constexpr std::uint64_t bytes_at_once = 96 * 1024;
// Somebody who drove so lately needs no help from the service thread.
constexpr auto lately = std::chrono::milliseconds(100);
// And somebody who drove a moment ago is likely to come back: a call in flight after another.
constexpr auto a_moment_ago = std::chrono::milliseconds(2);

std::int64_t ms_since_epoch(time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

}  // namespace

// The driver's role, given up however its work ends.
class endpoint::role {
 public:
  explicit role(std::atomic<bool>& driven) : driven_(driven) {
    driven_.store(true, std::memory_order_relaxed);
  }
  ~role() { driven_.store(false, std::memory_order_relaxed); }
  role(const role&) = delete;
  role& operator=(const role&) = delete;

 private:
  std::atomic<bool>& driven_;
};

bool endpoint::drive(const std::function<bool()>& done, time_point until) {
  const role r(driven_);
  // A driver may leave without having read all there is, and then the descriptor says nothing of
  // what comes next: the service thread has to go back from watching it to looking by itself.
  if (adopted.load(std::memory_order_relaxed)) service_->tell(*this);
  const auto now = clock::now();
  // poll() comes from a loop that saw a descriptor, but not which one.
  if (until == time_point::min()) poll_descriptor(now);
  work(now, &done);
  const bool over = done() || now >= until || socket_ == nullptr;
  // What is held back is done without the role: a callback may make a blocking call on this
  // endpoint.
  if (!over && deferred_.empty()) poll_descriptor(std::min(until, next_time_));
  last_driven_ms_.store(ms_since_epoch(now), std::memory_order_relaxed);
  return over;
}

bool endpoint::wait(const std::function<bool()>& done, time_point until) {
  while (!done()) {
    if (socket_ == nullptr) return false;  // closed
    if (!driven_.load(std::memory_order_relaxed)) {
      if (drive(done, until)) {
        hand_over();
        return done();
      }
      if (!deferred_.empty()) do_held_back();
    } else if (!deferred_.empty()) {
      do_held_back();
    } else {
      look_after_send();
      waiter w{{}, &done};
      waiters_.push_back(&w);
      const bool in_time =
          until == never ? (w.wake.wait(mutex_), true) : w.wake.wait_until(mutex_, until);
      waiters_.remove(&w);
      if (!in_time && clock::now() >= until) {
        // A wake-up meant for this thread must not get lost with it.
        hand_over();
        return done();
      }
    }
  }
  hand_over();
  return true;
}

// A send may have swallowed the edge of ZMQ_FD that the driver waits for.
void endpoint::look_after_send() {
  if (!sent_ || !polling_) return;
  sent_ = false;
  if (socket_ != nullptr && socket_->readable()) waker_.wake();
}

void endpoint::do_held_back() {
  hand_over();
  deferred_work held = std::exchange(deferred_, {});
  mutex_.unlock();
  do_deferred(held);
  held = {};
  mutex_.lock();
}

void endpoint::hand_over() {
  if (driven_.load(std::memory_order_relaxed) || socket_ == nullptr) return;
  if (!waiters_.empty()) {
    waiters_.front()->wake.notify_one();
  } else if (looped_) {
    note_look_out();
  } else if (!dirty_.empty() || (!in_listener() && busy())) {
    service_->tell_soon(*this);
  } else {
    service_->watch();
  }
}

void endpoint::wake_waiters() {
  for (waiter* w : waiters_) {
    if (socket_ == nullptr || (*w->done)()) w->wake.notify_one();
  }
}

void endpoint::poll_descriptor(time_point until) {
  int timeout = -1;
  if (until != never) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
  }
  // The loop has to know what this thread has received for it, for the edge is gone.
  if (loop_fd_ && timeout != 0) update_fd();
  if (socket_signalled_) timeout = 0;  // more waits than was received in one go
  polling_ = true;
  mutex_.unlock();
  epoll_event events[4];
  const int n = descriptors_.wait(events, timeout);
  mutex_.lock();
  polling_ = false;
  note_signals(events, n);
}

void endpoint::note_signals(const epoll_event* events, int n) {
  for (int i = 0; i < n; ++i) {
    socket_signalled_ = socket_signalled_ || events[i].data.u64 == socket_tag;
    monitor_signalled_ = monitor_signalled_ || events[i].data.u64 == monitor_tag;
    if (events[i].data.u64 == waker_tag) waker_.clear();
  }
}

void endpoint::work(time_point now, const std::function<bool()>* enough) {
  if (socket_ == nullptr) return;
  if (!dirty_.empty()) flush_all(now);
  sent_ = false;
  // Unless the descriptor has said so, ask: its edge may have been swallowed by a send. And as long
  // as nobody has found the socket empty, libzmq signals nothing at all.
  if (std::exchange(socket_signalled_, false) || (socket_->may_hide_input() && socket_->readable()))
    receive_all(now, enough);
  // Under a flood nobody may come to poll for long, and timers may cut a connection by its
  // descriptor: not one that is closed since, and another's.
  if (std::exchange(monitor_signalled_, false) || now >= next_time_) read_monitor(now);
  if (socket_ != nullptr && now >= next_time_) run_timers(now);
  if (!dirty_.empty()) flush_all(now);
  // What was sent since the last receive may have swallowed the edge of what came meanwhile.
  if (std::exchange(sent_, false) && socket_ != nullptr && socket_->readable())
    socket_signalled_ = true;
  wake_waiters();
}

void endpoint::read_monitor(time_point now) {
  transport::monitor_event e;
  while (socket_ != nullptr && socket_->next_event(e)) on_link(e, now);
}

void endpoint::receive_all(time_point now, const std::function<bool()>* enough) {
  const auto& l = settings_.session.limits;
  const std::uint64_t before = taken_;
  const std::uint64_t enough_bytes = inbox_bytes_ + bytes_at_once;
  for (int i = 0; i < frames_at_once; ++i) {
    const bool several = i > 1 || taken_ - before > 1;
    if (socket_ == nullptr || !socket_->receive(incoming_, l.attachments + 1, 4 * l.frame_bytes)) {
      busy_input_ = several;
      return;
    }
    ++stats_.frames_received;
    on_incoming(incoming_, now);
    // Looking whether there is more costs system calls, and whoever waits next looks anyway. But
    // where much is under way there is more, and what is taken together is answered together.
    if (enough != nullptr && !busy_input_ && i == 0 && taken_ - before <= 1 && (*enough)()) return;
    if (inbox_bytes_ >= enough_bytes) break;
  }
  // More may wait, and ZMQ_FD will not say so again.
  socket_signalled_ = true;
}

void endpoint::flush_all(time_point now) {
  // What follows on a flood is part of it; what follows on an acknowledgement is not.
  if (std::exchange(told_, false)) last_append_ = now;
  ++flushes_;
  gathered_bytes_ = 0;
  gathered_calls_ = 0;
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    const std::shared_ptr<remote> r = dirty_[i];
    r->dirty = false;
    flush_remote(r, now);
  }
  dirty_.clear();
}

void endpoint::run_timers(time_point now) {
  while (!timers_.empty() && timers_.top().due <= now) {
    const timer t = timers_.top();
    timers_.pop();
    if (t.who->session == nullptr) {
      deferred_.destroy.push_back(t.who);  // not here: it may own user objects
      continue;
    }
    if (t.who->armed != t.due) continue;
    t.who->armed = never;
    tick_remote(t.who, now);
    mark_dirty(t.who);  // and armed again after the flush
  }
  next_time_ = on_time(now);
  if (!timers_.empty()) next_time_ = std::min(next_time_, timers_.top().due);
}

void endpoint::arm(const std::shared_ptr<remote>& r, time_point now) {
  if (r->session == nullptr) return;
  if (const time_point due = due_of(*r); due <= now) {
    mark_dirty(r);
  } else {
    set_timer(r, due);
  }
}

void endpoint::arm_flushed(const std::shared_ptr<remote>& r, time_point now) {
  // What is due still is not for a flush to do.
  if (r->session != nullptr) set_timer(r, std::max(due_of(*r), now));
}

void endpoint::set_timer(const std::shared_ptr<remote>& r, time_point due) {
  if (due >= r->armed) return;
  r->armed = due;
  timers_.push({due, r});
  schedule(due);
}

void endpoint::schedule(time_point due) {
  if (due >= next_time_) return;
  next_time_ = due;
  if (polling_) {
    waker_.wake();
  } else if (!driven_ && !looped_ &&
             dispatcher_.load(std::memory_order_relaxed) == std::thread::id{}) {
    service_->tell(*this);
  }
}

endpoint::result endpoint::service_step(bool looked) {
  guard g(*this);
  if (socket_ == nullptr) return {};
  const auto now = clock::now();
  // What gathers while somebody else flushes again and again is left to that one: here it would
  // only be torn into smaller frames. By the next look it has waited long enough.
  const bool theirs = std::exchange(flushes_seen_, flushes_) != flushes_ && looked;
  const bool needed = !dirty_.empty() && !theirs;
  if (needed) {
    flush_all(now);
    flushes_seen_ = flushes_;
  }
  if (driven_.load(std::memory_order_relaxed)) return {.again = !dirty_.empty(), .needed = needed};
  const auto trusted = left_to_loop(now);
  if (trusted > now)
    return {.looped = true, .due = trusted, .again = !dirty_.empty(), .needed = needed};
  const bool attended = driven_lately();
  // Two that work one socket in turn keep waking each other.
  if (attended && driven_within(a_moment_ago)) return {.again = true, .needed = needed};
  try {
    const role r(driven_);
    epoll_event events[4];
    note_signals(events, descriptors_.wait(events, 0));
    work(now);
  } catch (const std::exception& e) {
    say(log_level::error, std::string("the service thread failed to work the socket: ") + e.what());
    return {.due = now + lately};
  }
  if (!waiters_.empty()) waiters_.front()->wake.notify_one();
  const auto warn_at = warn_of_silence(now);
  // A thread in a listener comes back.
  return {.adopt = waiters_.empty() && (!attended || busy()),
          .due = socket_signalled_ ? now : std::min(next_time_, warn_at),
          .needed = needed};
}

bool endpoint::driven_within(std::chrono::milliseconds d) const noexcept {
  return driven_.load(std::memory_order_relaxed) ||
         ms_since_epoch(clock::now()) - last_driven_ms_.load(std::memory_order_relaxed) < d.count();
}

bool endpoint::driven_lately() const noexcept { return driven_within(lately); }

}  // namespace ipczmq::engine
