// SPDX-License-Identifier: MIT
#include "engine/service.hpp"

#include "support/heap.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <mutex>

namespace ipczmq::engine {

namespace {

using session::clock;
using session::never;
using session::time_point;

constexpr auto tick = std::chrono::milliseconds(100);
// How often the thread looks for what it is told soon, and how long it goes on without any.
constexpr auto look_interval = std::chrono::microseconds(200);
// Where whoever sends also flushes, every look is for nothing, and costs a switch of threads.
constexpr auto look_idle = std::chrono::microseconds(800);
constexpr auto look_for = std::chrono::milliseconds(5);
// A flush to many peers takes long: the longer it takes, the more has to gather for the next.
constexpr int look_times = 6;
constexpr auto look_most = std::chrono::milliseconds(4);

std::uint64_t tag_of(const serviced& s) { return reinterpret_cast<std::uintptr_t>(&s); }

}  // namespace

std::shared_ptr<service> service::instance() {
  static mutex guard;
  static std::weak_ptr<service> shared;
  static unsigned generation = support::fork_generation();
  const lock l(guard);
  auto s = shared.lock();
  if (s == nullptr || generation != support::fork_generation()) {
    // The parent's service has no thread in a forked child.
    s = std::make_shared<service>();
    shared = s;
    generation = support::fork_generation();
  }
  return s;
}

service::service() {
  support::keep_freed_pages();
  descriptors_.add(waker_.fd(), 0);
  // Signals are the application's: they go to its own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "ipczmq");
}

service::~service() {
  {
    const lock l(mutex_);
    stop_ = true;
  }
  waker_.wake();
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void service::attach(serviced& s) {
  const lock l(mutex_);
  // An edge, because whoever drives reads it. It leaves the set as it is closed.
  if (const int fd = s.urgent_descriptor(); fd >= 0)
    descriptors_.add(fd, tag_of(s), transport::epoll_set::trigger::edge);
  endpoints_.try_emplace(&s);
  unadopted_.insert(&s);
}

void service::detach(serviced& s) {
  const lock l(mutex_);
  const auto it = endpoints_.find(&s);
  if (it != endpoints_.end()) {
    (void)forget(s, it->second);
    set_due(s, it->second, never);
    unadopted_.erase(&s);
    endpoints_.erase(it);
  }
  std::erase(told_, &s);
  if (std::this_thread::get_id() == thread_.get_id()) return;
  while (stepping_ == &s) stepped_.wait(mutex_);
}

void service::set_due(serviced& s, watched& w, time_point due) {
  if (w.due == due) return;
  auto node = due_.extract({w.due, &s});
  w.due = due;
  if (due == never) return;
  if (node.empty()) {
    due_.emplace(due, &s);
  } else {
    node.value().first = due;
    due_.insert(std::move(node));
  }
}

bool service::adopt(serviced& s, watched& w) {
  if (w.adopted) return true;
  if (!descriptors_.try_add(s.descriptor(), tag_of(s))) return false;
  w.adopted = true;
  unadopted_.erase(&s);
  s.adopted.store(true, std::memory_order_relaxed);
  return true;
}

bool service::forget(serviced& s, watched& w) {
  if (!std::exchange(w.adopted, false)) return false;
  s.adopted.store(false, std::memory_order_relaxed);
  descriptors_.remove(s.descriptor());
  return true;
}

bool service::note(serviced& s) {
  const lock l(mutex_);
  const auto it = endpoints_.find(&s);
  if (it == endpoints_.end() || std::exchange(it->second.told, true)) return false;
  told_.push_back(&s);
  return true;
}

void service::tell(serviced& s) {
  // One that is noted may have been told soon only.
  if (note(s) || looking_.load()) waker_.wake();
}

void service::tell_soon(serviced& s) {
  if (note(s) && !looking_.load()) waker_.wake();
}

void service::watch() noexcept {
  if (!ticking_.load(std::memory_order_relaxed) && !ticking_.exchange(true)) waker_.wake();
}

bool service::step(serviced& s, bool looked) {
  const serviced::result r = s.service_step(looked);
  const lock l(mutex_);
  stepping_ = nullptr;
  stepped_.notify_all();
  const auto it = endpoints_.find(&s);
  if (it == endpoints_.end()) return r.needed;
  watched& w = it->second;
  set_due(s, w, r.adopt || r.looped ? r.due : never);
  if (r.again && !std::exchange(w.told, true)) told_.push_back(&s);
  w.looped = r.looped;
  if (r.adopt && adopt(s, w)) return r.needed;
  if (forget(s, w)) unadopted_.insert(&s);
  // Not ours, and nobody may be there: look again in a tick.
  if (!r.looped && next_tick_ == never) {
    next_tick_ = clock::now() + tick;
    ticking_.store(true);
  }
  return r.needed;
}

int service::timeout_ms(time_point now) {
  const lock l(mutex_);
  if (!told_.empty() && !looking_.load()) return 0;
  const time_point due = due_.empty() ? next_tick_ : std::min(next_tick_, due_.begin()->first);
  if (due == never) return -1;
  if (due <= now) return 0;
  return static_cast<int>(std::min<std::int64_t>(
      std::chrono::ceil<std::chrono::milliseconds>(due - now).count(), 60000));
}

void service::collect(time_point now, std::vector<serviced*>& todo) {
  const lock l(mutex_);
  if (!told_.empty()) look_until_ = now + look_for;
  for (serviced* s : told_) {
    endpoints_.at(s).told = false;
    todo.push_back(s);
  }
  told_.clear();
  while (!due_.empty() && due_.begin()->first <= now) {
    serviced* const s = due_.begin()->second;
    todo.push_back(s);
    set_due(*s, endpoints_.at(s), never);
  }
  if (now < next_tick_) return;
  bool unattended = false;
  for (serviced* s : unadopted_) {
    // Between a turn of dispatch and the next nobody waits, and that is fine; for longer than a
    // tick it is not.
    if (!s->driven_lately()) todo.push_back(s);
    unattended = unattended || !endpoints_.at(s).looped;
  }
  next_tick_ = unattended ? now + tick : never;
  ticking_.store(unattended);
}

int service::wait(std::span<epoll_event> events) {
  const auto now = clock::now();
  // Before the list is read: whoever finds it false wakes, and what others have put there by then
  // is read.
  looking_.store(now < look_until_);
  const int timeout = timeout_ms(now);
  if (!looking_.load()) look_interval_ = look_interval;
  if (timeout == 0 || !looking_.load()) return descriptors_.wait(events, timeout);
  pollfd any{descriptors_.fd(), POLLIN, 0};
  const auto pause =
      std::min<session::clock::duration>(look_interval_ + look_times * last_round_, look_most);
  const timespec moment{0, std::chrono::nanoseconds(pause).count()};
  return ppoll(&any, 1, &moment, nullptr) > 0 ? descriptors_.wait(events, 0) : 0;
}

void service::loop() {
  std::vector<serviced*> todo;
  epoll_event events[64];
  for (;;) {
    const int n = wait(events);
    const bool looked = looking_.load(std::memory_order_relaxed);
    todo.clear();
    for (int i = 0; i < n; ++i) {
      if (events[i].data.u64 == 0) {
        waker_.clear();
      } else {
        todo.push_back(reinterpret_cast<serviced*>(events[i].data.u64));
      }
    }
    const auto now = clock::now();
    if (next_tick_ == never && ticking_.load()) next_tick_ = now + tick;
    collect(now, todo);
    std::sort(todo.begin(), todo.end());
    todo.erase(std::unique(todo.begin(), todo.end()), todo.end());
    bool needed = false;
    for (serviced* s : todo) {
      {
        const lock l(mutex_);
        if (stop_) return;
        if (!endpoints_.contains(s)) continue;  // detached meanwhile
        stepping_ = s;
      }
      needed = step(*s, looked) || needed;
    }
    last_round_ = clock::now() - now;
    look_interval_ =
        needed ? look_interval : std::min<clock::duration>(2 * look_interval_, look_idle);
    const lock l(mutex_);
    if (stop_) return;
  }
}

}  // namespace ipczmq::engine
