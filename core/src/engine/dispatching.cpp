// SPDX-License-Identifier: MIT
// Running user code: run(), start(), poll(), one turn after another.
#include "engine/endpoint.hpp"

#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;

namespace {
// Entries dispatched before the socket is worked again.
constexpr std::size_t entries_a_turn = 32;
// Answers do not wait for the end of a long turn.
constexpr auto answers_wait = std::chrono::microseconds(100);
}  // namespace

void endpoint::claim_dispatch() {
  const auto who = dispatcher_.load();
  if (who == std::this_thread::get_id())
    throw error(errc::reentered,
                "run() and poll() cannot be called from inside a listener of the same endpoint");
  if (who == std::thread::id{}) return;
  // It is not dispatched any more: close() goes on with what follows on its calls.
  check_usable();
  throw error(errc::reentered,
              "another thread dispatches this endpoint already (run, start or poll)");
}

std::size_t endpoint::dispatch_entry(const std::shared_ptr<remote>& from, entry& e) noexcept {
  if (auto* d = std::get_if<delivery>(&e)) return consumer_->on_frame(from, d->frame);
  if (auto* n = std::get_if<notice>(&e)) {
    consumer_->on_notice(*n);
  } else {
    consumer_->on_task(std::get<continuation>(e));
  }
  return 1;
}

void endpoint::run_orphans(guard& g) {
  while (!orphans_.empty()) {
    auto some = std::exchange(orphans_, {});
    g.unlock();
    for (auto& f : some) consumer_->on_task(f);
    some.clear();
    g.relock();
  }
}

void endpoint::run_orphans_if_nobody_else(guard& g) {
  if (dispatcher_.load() != std::thread::id{}) return;
  dispatcher_ = std::this_thread::get_id();
  run_orphans(g);
  dispatcher_ = std::thread::id{};
}

void endpoint::report_failure(std::string channel, std::string peer, std::exception_ptr exception) {
  if (!own_process()) return;
  {
    guard g(*this);
    if (closing_) {
      try {
        std::rethrow_exception(exception);
      } catch (const error& e) {
        if (e.code() == errc::closed) return;
      } catch (...) {
        // Worth telling.
      }
    }
    if (socket_ != nullptr && !in_listener()) {
      if (local_ == nullptr)
        local_ = std::make_shared<remote>(0, settings_.identity, weak_from_this(), nullptr);
      push(local_,
           [this, channel = std::move(channel), peer = std::move(peer),
            exception = std::move(exception)] { consumer_->on_failure(channel, peer, exception); });
      wake_driver();
      return;
    }
  }
  consumer_->on_failure(channel, peer, std::move(exception));
}

void endpoint::count_turn(remote& from, session::time_point now) {
  if (from.session == nullptr || from.generation != turn_.generation) return;
  if (!std::exchange(turn_.counted, true)) from.session->dispatched(turn_.seq, turn_.bytes, now);
}

void endpoint::finish_turn(const std::shared_ptr<remote>& from, session::time_point now) {
  if (from->inbox.entries.empty()) from->cancelled_early.clear();
  if (turn_.seq == 0) return;
  inbox_bytes_ -= turn_.bytes;
  take_held();
  count_turn(*from, now);
  turn_ = {};
  if (from->session == nullptr) return;
  watch_answers(from);
  arm(from, now);
}

std::size_t endpoint::dispatch_some(guard& g, std::size_t most, bool stoppable) {
  std::size_t messages = 0;
  auto turn_began = clock::now();
  std::shared_ptr<remote> from;
  entry e;
  // A remote owns listeners, and they what users gave them: the last reference must not go under
  // the lock.
  struct release_outside {
    endpoint& who;
    std::shared_ptr<remote>& from;
    ~release_outside() NO_THREAD_SAFETY_ANALYSIS {
      if (from->session == nullptr) who.deferred_.destroy.push_back(std::move(from));
    }
  };
  dispatched_ = true;
  for (std::size_t i = 0; i < most && inbox_.pop(from, e); ++i) {
    const release_outside keep{*this, from};
    const auto* d = std::get_if<delivery>(&e);
    turn_ = d == nullptr
                ? turn{}
                : turn{from.get(), d->frame->header.seq, d->frame->bytes, d->generation, false};
    lone_message_ = d != nullptr && d->frame->messages.size() == 1;
    if (auto* n = std::get_if<notice>(&e); n != nullptr && n->what == notice::kind::overflow)
      n->dropped = std::exchange(from->dropped, 0);
    from->dispatching = true;
    g.unlock();
    messages += dispatch_entry(from, e);
    e = {};  // what it holds may be a user's: destroyed without the lock
    g.relock();
    lone_message_ = false;
    from->dispatching = false;
    const auto now = clock::now();
    finish_turn(from, now);
    // What several frames are answered with goes together, where somebody knows of it.
    if (!dirty_.empty() && (!told_ || inbox_.empty() || now - turn_began > answers_wait)) {
      flush_all(now);
      turn_began = now;
    }
    if (stoppable && stop_requested_) break;
  }
  return messages;
}

void endpoint::run_until_stopped(bool own) {
  guard g(*this);
  claim_dispatch();
  dispatcher_ = std::this_thread::get_id();
  looped_ = false;  // whatever loop there was, this thread takes over
  // A thread of its own stays for what is spawned or thrown later; run() has somebody to return to.
  const std::function<bool()> ended = [this, own]()
                                          NO_THREAD_SAFETY_ANALYSIS { return !own && over(); };
  const std::function<bool()> something = [this, &ended]() NO_THREAD_SAFETY_ANALYSIS {
    return stop_requested_ || !inbox_.empty() || ended();
  };
  while (!stop_requested_ && socket_ != nullptr && !(ended() && inbox_.empty())) {
    if (wait(something, never) && !stop_requested_) {
      dispatch_some(g, entries_a_turn, true);
      if (!inbox_.empty() && !driven_.load(std::memory_order_relaxed) && !stop_requested_)
        work(clock::now());
    }
  }
  run_orphans(g);
  stop_requested_ = false;
  dispatcher_ = std::thread::id{};
  if (own) own_running_ = false;  // with the request: a start() from now on is not for this thread
  hand_over();
}

void endpoint::run() {
  check_usable();
  const auto self = shared_from_this();  // a listener may destroy the public object
  run_until_stopped(false);
}

void endpoint::stop() {
  check_process();
  guard g(*this);
  stop_requested_ = true;
  for (waiter* w : waiters_) w->wake.notify_one();
  if (polling_) waker_.wake();
}

void endpoint::start() {
  check_usable();
  {
    guard g(*this);
    // One that was told to stop is not the one that is wanted now.
    if (own_running_ && !stop_requested_) return;
  }
  join_own_thread(true);
  guard g(*this);
  if (own_thread_.joinable()) return;
  own_running_ = true;
  own_thread_ = std::thread([self = shared_from_this()] {
    try {
      self->run_until_stopped(true);
    } catch (const std::exception& e) {
      self->log(log_level::error, std::string("start(): ") + e.what());
      guard inner(*self);
      self->own_running_ = false;
    }
  });
}

// Joins the thread of an earlier start(): one that has ended, or, with `ending`, is about to.
void endpoint::join_own_thread(bool ending) noexcept {
  std::thread t;
  {
    guard g(*this);
    if (!own_thread_.joinable() || (own_running_ && !ending)) return;
    t = std::move(own_thread_);
  }
  if (t.get_id() == std::this_thread::get_id()) {
    t.detach();
  } else {
    t.join();
  }
}

std::size_t endpoint::poll(std::chrono::milliseconds within) {
  check_usable();
  const auto self = shared_from_this();
  guard g(*this);
  claim_dispatch();
  dispatcher_ = std::this_thread::get_id();
  struct release {
    std::atomic<std::thread::id>& who;
    ~release() { who = std::thread::id{}; }
  };
  std::size_t messages = 0;
  {
    const release r{dispatcher_};
    const std::function<bool()> something = [this]() NO_THREAD_SAFETY_ANALYSIS {
      return !inbox_.empty();
    };
    if (!driven_.load(std::memory_order_relaxed)) drive(something, session::time_point::min());
    polled_by_loop();
    if (!deferred_.empty()) do_held_back();
    if (inbox_.empty() && within.count() > 0) wait(something, session::later(clock::now(), within));
    // Should a listener block, somebody else answers pings.
    if (!inbox_.empty()) service_->watch();
    messages = dispatch_some(g, inbox_.size(), false);
    run_orphans(g);
  }
  if (socket_ != nullptr) hand_over();
  return messages;
}

}  // namespace ipczmq::engine
