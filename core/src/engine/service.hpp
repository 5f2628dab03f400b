// SPDX-License-Identifier: MIT
#pragma once

#include "engine/frame_pool.hpp"
#include "session/stream.hpp"
#include "support/mutex.hpp"
#include "support/process.hpp"
#include "transport/epoll_set.hpp"
#include "transport/socket.hpp"
#include "transport/waker.hpp"

#include <atomic>
#include <memory>
#include <set>
#include <span>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ipczmq::engine {

// An endpoint as the service thread sees it.
class serviced {
 public:
  virtual ~serviced() = default;
  // Works the endpoint unless somebody drives it. `adopt`: watch its descriptor, and call again
  // when it is readable or at `due`. `looped`: a foreign loop does; call again at `due`, to see
  // whether it still runs.
  struct result {
    bool adopt = false;
    bool looped = false;
    session::time_point due = session::never;
    bool again = false;   // ask again in a moment: somebody drove a moment ago, or is flushing
    bool needed = false;  // something had to be sent that nobody else would have
  };
  // `looked`: it did so a moment ago.
  virtual result service_step(bool looked) = 0;
  // Whether somebody waits for it now, or has lately.
  [[nodiscard]] virtual bool driven_lately() const noexcept = 0;
  // One level-triggered descriptor for all of it, the same for life.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
  // One whose edge does not wait for a tick, although nobody may drive then; -1 for none.
  [[nodiscard]] virtual int urgent_descriptor() const noexcept { return -1; }
  // The service watches the descriptor. Written by the service alone.
  std::atomic<bool> adopted{false};
};

// The process's one context and one service thread, which keeps every endpoint alive that nobody
// drives: its socket drained, its pings answered, its sends flushed. Made with the first endpoint,
// gone with the last. Thread-safe.
class service {
 public:
  static std::shared_ptr<service> instance();

  service();
  ~service();
  service(const service&) = delete;
  service& operator=(const service&) = delete;

  transport::context context;
  // Of all endpoints: what one has done with is warm for the next.
  const std::shared_ptr<frame_pool> frames = std::make_shared<frame_pool>();

  // Throws error: system, when it cannot be watched.
  void attach(serviced& s);
  // After it returns the service does not touch `s` any more.
  void detach(serviced& s);
  // Step it now: something is to be flushed, or nobody drives it while something is awaited.
  void tell(serviced& s);
  // The same, but in a moment will do. While such words come thick and fast the thread looks for
  // them by itself, and nobody pays for waking it.
  void tell_soon(serviced& s);
  // A driver has left the role: look after it within a tick.
  void watch() noexcept;

 private:
  struct watched {
    bool adopted = false;
    bool looped = false;
    bool told = false;
    session::time_point due = session::never;
  };
  void loop();
  // Whether it was needed.
  bool step(serviced& s, bool looked) EXCLUDES(mutex_);
  [[nodiscard]] bool note(serviced& s) EXCLUDES(mutex_);
  // Waits for descriptors, words and timers; returns how many of `events` are set.
  [[nodiscard]] int wait(std::span<epoll_event> events);
  // Whether it was watched.
  bool forget(serviced& s, watched& w) REQUIRES(mutex_);
  // When it is called again; never: not for the time.
  void set_due(serviced& s, watched& w, session::time_point due) REQUIRES(mutex_);
  // False when its descriptor cannot be watched.
  [[nodiscard]] bool adopt(serviced& s, watched& w) REQUIRES(mutex_);
  [[nodiscard]] int timeout_ms(session::time_point now) EXCLUDES(mutex_);
  void collect(session::time_point now, std::vector<serviced*>& todo) EXCLUDES(mutex_);

  mutable mutex mutex_;
  condition stepped_;
  std::unordered_map<serviced*, watched> endpoints_ GUARDED_BY(mutex_);
  // Of thousands, few have something to do at a time: nothing walks over all of them.
  std::set<std::pair<session::time_point, serviced*>> due_ GUARDED_BY(mutex_);
  std::unordered_set<serviced*> unadopted_ GUARDED_BY(mutex_);
  std::vector<serviced*> told_ GUARDED_BY(mutex_);
  serviced* stepping_ GUARDED_BY(mutex_) = nullptr;
  bool stop_ GUARDED_BY(mutex_) = false;
  session::time_point next_tick_ = session::never;  // the thread's own
  std::atomic<bool> ticking_{false};
  session::time_point look_until_{};          // the thread's own
  session::clock::duration last_round_{};     // took so long
  session::clock::duration look_interval_{};  // between looks: longer where there is nothing to do
  std::atomic<bool> looking_{false};          // it will see what is told soon without being woken
  transport::waker waker_;
  transport::epoll_set descriptors_;  // tagged with the endpoint; the waker's with 0
  std::thread thread_;                // last, so that all it uses is there
};

}  // namespace ipczmq::engine
