// SPDX-License-Identifier: MIT
#include "engine/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;

namespace {
constexpr auto bye_interval = std::chrono::milliseconds(250);
}

std::size_t endpoint::unacknowledged() {
  std::size_t n = 0;
  each([&n](const std::shared_ptr<remote>& r) { n += r->session->wire_stream().unacknowledged(); });
  return n;
}

drain_result endpoint::drain(std::chrono::milliseconds within) {
  check_usable();
  guard g(*this);
  return drain_locked(clock::now() + within);
}

drain_result endpoint::drain_locked(session::time_point until) {
  flush_all(clock::now());
  each([this](const std::shared_ptr<remote>& r) NO_THREAD_SAFETY_ANALYSIS {
    if (r->session->wire_stream().established() && !r->session->wire_stream().idle())
      send_parts(*r, r->session->probe());
  });
  const std::function<bool()> idle = [this]() NO_THREAD_SAFETY_ANALYSIS {
    bool all = true;
    each([&all](const std::shared_ptr<remote>& r) {
      all = all && r->session->wire_stream().idle();
    });
    return all;
  };
  const bool complete = wait(idle, until);
  return {complete, complete ? 0 : unacknowledged()};
}

void endpoint::close() noexcept {
  if (generation_ != support::fork_generation()) return;
  try {
    close_orderly();
  } catch (const std::exception& e) {
    log(log_level::error, std::string("close: ") + e.what());
  }
  service_->detach(*this);
  join_own_thread();
  std::vector<std::shared_ptr<remote>> retired;
  {
    guard g(*this);
    retired.swap(retired_);
  }
  for (const auto& r : retired) consumer_->forget(*r);
}

void endpoint::close_orderly() {
  guard g(*this);
  if (std::exchange(closing_, true)) {
    // Another thread closes it: returns when it has.
    const std::function<bool()> over = [this]()
                                           NO_THREAD_SAFETY_ANALYSIS { return socket_ == nullptr; };
    wait(over, session::never);
    return;
  }
  const auto until = clock::now() + settings_.linger;
  // What a session that is over has lost was reported when it ended.
  const drain_result drained = over() ? drain_result{true, 0} : drain_locked(until);
  // A peer that is there answers at once; one that is not must not hold up the exit.
  const std::function<bool()> answered = [this]()
                                             NO_THREAD_SAFETY_ANALYSIS { return bye_answered(); };
  for (int i = 0; i < 2 && !answered(); ++i) {
    say_bye(clock::now());
    wait(answered, clock::now() + std::min(bye_interval, settings_.linger));
  }
  const std::size_t left = inbox_.size();
  if (!drained.complete) {
    stats_.messages_lost += drained.unacknowledged;
    const std::string hint = unreachable_hint();
    say(log_level::warning,
        "'" + settings_.identity + "' closed with " + std::to_string(drained.unacknowledged) +
            " message(s) not acknowledged after " + std::to_string(settings_.linger.count()) +
            " ms; they may be lost: " +
            (hint.empty() ? "drain() tells, a longer linger waits" : hint));
  }
  if (left != 0)
    say(log_level::info, "'" + settings_.identity + "' closed with " + std::to_string(left) +
                             " received frames not dispatched");
  end_all();
  for (auto& item : inbox_.take_all())
    deferred_.destroy.push_back(std::make_shared<entry>(std::move(item)));
  socket_.reset();
  dirty_.clear();
  for (; !timers_.empty(); timers_.pop()) deferred_.destroy.push_back(timers_.top().who);
  closed_ = true;
  for (waiter* w : waiters_) w->wake.notify_one();
  waker_.wake();
}

}  // namespace ipczmq::engine
