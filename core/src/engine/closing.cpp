// SPDX-License-Identifier: MIT
#include "engine/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;

namespace {
constexpr auto bye_interval = std::chrono::milliseconds(250);
}

void endpoint::send_bye(remote& r, std::string_view reason) {
  if (in_listener() && turn_.from == &r && consumer_->at_last()) count_turn(r, clock::now());
  send_parts(r, r.session->bye(reason));
}

std::size_t endpoint::unacknowledged() {
  std::size_t n = 0;
  each([&n](const std::shared_ptr<remote>& r) { n += r->session->wire_stream().unacknowledged(); });
  return n;
}

drain_result endpoint::drain(std::chrono::milliseconds within) {
  check_usable();
  guard g(*this);
  const std::uint64_t lost_before = stats_.messages_lost;
  const drain_result d = drain_locked(session::later(clock::now(), within));
  // With a session that ended meanwhile.
  const auto lost = static_cast<std::size_t>(stats_.messages_lost - lost_before);
  return {d.complete && lost == 0, d.unacknowledged + lost};
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

void endpoint::fail_own_calls() {
  each([this](const std::shared_ptr<remote>& r) NO_THREAD_SAFETY_ANALYSIS {
    session::effects fx;
    r->session->fail_calls(errc::closed, "the endpoint was closed", fx);
    apply(r, fx, nullptr);
  });
  wake_waiters();
}

void endpoint::close() noexcept {
  if (!own_process()) {
    // Threads, sockets and the lock are the parent's: in a child they leak, on purpose.
    new std::shared_ptr<endpoint>(shared_from_this());
    return;
  }
  try {
    close_orderly();
  } catch (const std::exception& e) {
    log(log_level::error, std::string("close: ") + e.what());
  }
  service_->detach(*this);
  join_own_thread(true);
  std::vector<std::shared_ptr<remote>> retired;
  {
    guard g(*this);
    retired.swap(retired_);
    run_orphans_if_nobody_else(g);
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
  const auto until = session::later(clock::now(), settings_.linger);
  // What a session that is over has lost was reported when it ended.
  const drain_result drained = over() ? drain_result{true, 0} : drain_locked(until);
  fail_own_calls();
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
  for (auto& item : inbox_.take_all()) {
    if (auto* f = std::get_if<continuation>(&item)) {
      orphans_.push_back(std::move(*f));
    } else {
      deferred_.destroy.push_back(std::make_shared<entry>(std::move(item)));
    }
  }
  socket_.reset();
  for (auto& r : dirty_) deferred_.destroy.push_back(std::move(r));
  dirty_.clear();
  for (; !timers_.empty(); timers_.pop()) deferred_.destroy.push_back(timers_.top().who);
  closed_ = true;
  for (waiter* w : waiters_) w->wake.notify_one();
  if (polling_) waker_.wake();
}

}  // namespace ipczmq::engine
