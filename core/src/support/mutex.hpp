// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define IPCZMQ_TSA(x) __attribute__((x))
#else
#define IPCZMQ_TSA(x)
#endif
#define GUARDED_BY(x) IPCZMQ_TSA(guarded_by(x))
#define REQUIRES(...) IPCZMQ_TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) IPCZMQ_TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...) IPCZMQ_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) IPCZMQ_TSA(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) IPCZMQ_TSA(try_acquire_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS IPCZMQ_TSA(no_thread_safety_analysis)

namespace ipczmq {

// Tells the core that it spins.
inline void spin_once() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// std::mutex with clang's thread-safety annotations, which the standard library's own lacks. It
// spins for some microseconds before it sleeps: what is done under a lock here is that short, and a
// sleep and a wake-up cost more.
class IPCZMQ_TSA(capability("mutex")) mutex {
 public:
  void lock() ACQUIRE() {
    for (int i = 0; i < spins; ++i) {
      if (m_.try_lock()) return;
      spin_once();
    }
    m_.lock();
  }
  void unlock() RELEASE() { m_.unlock(); }
  bool try_lock() TRY_ACQUIRE(true) { return m_.try_lock(); }

 private:
  friend class condition;
  static constexpr int spins = 300;
  std::mutex m_;
};

// Held from construction to destruction; `unlock`/`lock` open a gap.
class IPCZMQ_TSA(scoped_lockable) lock {
 public:
  explicit lock(mutex& m) ACQUIRE(m) : m_(m) { m_.lock(); }
  ~lock() RELEASE() {
    if (held_) m_.unlock();
  }
  lock(const lock&) = delete;
  lock& operator=(const lock&) = delete;

  void unlock() RELEASE() {
    held_ = false;
    m_.unlock();
  }
  void relock() ACQUIRE() {
    m_.lock();
    held_ = true;
  }

 private:
  mutex& m_;
  bool held_ = true;
};

class condition {
 public:
  void notify_one() noexcept { cv_.notify_one(); }
  void notify_all() noexcept { cv_.notify_all(); }

  void wait(mutex& m) REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    cv_.wait(l);
    l.release();
  }
  // False when the time came first.
  bool wait_until(mutex& m, std::chrono::steady_clock::time_point t) REQUIRES(m) {
    std::unique_lock<std::mutex> l(m.m_, std::adopt_lock);
    const bool notified = cv_.wait_until(l, t) == std::cv_status::no_timeout;
    l.release();
    return notified;
  }

 private:
  std::condition_variable cv_;
};

}  // namespace ipczmq
