// SPDX-License-Identifier: MIT
// A loop of somebody else's: what it watches, whether it still runs, and what is said when nobody
// dispatches at all.
#include "engine/endpoint.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;

namespace {
// A loop that has not called poll() for so long, although something was due, is not relied on. Well
// below the default ping_timeout.
constexpr auto loop_patience = std::chrono::seconds(3);
// A message that nobody has dispatched for so long, ever, is worth a warning.
constexpr auto silence = std::chrono::seconds(1);
}  // namespace

int endpoint::fd() {
  check_usable();
  guard g(*this);
  if (!loop_set_.has_value()) {
    // Around the set that drivers wait in, which must not wake for what only a loop has to know.
    transport::epoll_set set;
    transport::unique_fd timer(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (!timer.valid())
      throw error(errc::system, "no descriptor is left for fd() (raise the limit of open files)");
    for (const int fd : {descriptors_.fd(), timer.get(), level_.fd()}) set.add(fd, 0);
    loop_set_ = std::move(set);
    timer_fd_ = std::move(timer);
  }
  loop_fd_ = true;
  return loop_set_->fd();
}

void endpoint::release_fd() noexcept {
  if (!own_process()) return;
  guard g(*this);
  loop_fd_ = looped_ = dispatched_ = false;
  if (socket_ != nullptr) service_->tell(*this);
}

void endpoint::update_fd() {
  // Level-triggered for as long as poll() has something to do, closed included.
  bool ready = socket_ == nullptr || !inbox_.empty() || socket_signalled_;
  if (!ready && socket_->may_hide_input() && socket_->readable()) {
    // Asking has swallowed the edge that others may wait for.
    ready = socket_signalled_ = true;
    if (polling_) {
      waker_.wake();
    } else if (adopted.load(std::memory_order_relaxed)) {
      service_->tell(*this);
    }
  }
  if (ready != std::exchange(level_set_, ready)) ready ? level_.wake() : level_.clear();
  if (std::exchange(timer_set_, next_time_) == next_time_) return;
  itimerspec t{};
  if (next_time_ != never) {
    const auto since = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::nanoseconds>(next_time_.time_since_epoch())
               .count());
    t.it_value.tv_sec = since / 1'000'000'000;
    t.it_value.tv_nsec = since % 1'000'000'000;
  }
  timerfd_settime(timer_fd_.get(), TFD_TIMER_ABSTIME, &t, nullptr);
}

void endpoint::polled_by_loop() {
  if (!loop_fd_ || std::exchange(looped_, true)) return;
  // The service thread leaves it alone from now on.
  look_out_ = next_time_ != never;
  service_->tell(*this);
}

void endpoint::note_look_out() {
  if (look_out_ || next_time_ == never) return;
  look_out_ = true;
  service_->tell(*this);
}

session::time_point endpoint::left_to_loop(session::time_point now) {
  if (!looped_) return now;
  // Its thread is in a listener: the rest is for the service thread meanwhile.
  if (dispatcher_.load(std::memory_order_relaxed) != std::thread::id{}) return now;
  const auto since = session::time_point(
      std::chrono::milliseconds(last_driven_ms_.load(std::memory_order_relaxed)));
  if (now < since + loop_patience) {
    look_out_ = next_time_ != never;
    return look_out_ ? since + loop_patience : never;
  }
  if (next_time_ > now) {
    look_out_ = next_time_ != never;
    return look_out_ ? session::later(next_time_, loop_patience) : never;
  }
  looped_ = false;  // until it polls again
  return now;
}

session::time_point endpoint::warn_of_silence(session::time_point now) {
  if (dispatched_ || closing_ || dispatcher_.load(std::memory_order_relaxed) != std::thread::id{})
    return never;
  const auto waiting = inbox_.first_for_users();
  if (waiting.what.empty() || (waiting.optional && !consumer_->has_listeners())) {
    silent_since_ = never;
    return never;
  }
  if (silent_since_ == never) silent_since_ = now;
  if (now < silent_since_ + silence) return silent_since_ + silence;
  dispatched_ = true;  // said once
  say(log_level::warning, "nobody dispatches in '" + settings_.identity + "': " + waiting.what +
                              " has waited for a second (" + std::to_string(inbox_.size()) +
                              " in all); call run(), start(), or poll() whenever fd() is readable");
  return never;
}

}  // namespace ipczmq::engine
