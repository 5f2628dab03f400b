// SPDX-License-Identifier: MIT
#pragma once

#include "engine/deferred_work.hpp"
#include "engine/inbox.hpp"
#include "engine/remote.hpp"
#include "engine/service.hpp"
#include "engine/settings.hpp"
#include "support/mutex.hpp"
#include "transport/epoll_set.hpp"
#include "transport/socket.hpp"
#include "transport/unique_fd.hpp"
#include "transport/waker.hpp"

#include <ipczmq/endpoint.hpp>
#include <ipczmq/error.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <thread>
#include <vector>

namespace ipczmq::engine {

class pending_call;

// What main and renderer share: the lock, the socket, the driver, the inbox, flushing. Thread-safe
// throughout.
//
// One mutex guards socket and sessions; user code never runs under it. The driver is whichever
// thread waits: it polls the descriptor without the lock and works the socket with it. Others who
// wait sleep on a condition of their own, and the driver, when it leaves, wakes exactly one of
// them; with none, the service thread looks after the endpoint.
class endpoint : public std::enable_shared_from_this<endpoint>, public serviced {
 public:
  endpoint(settings s, std::shared_ptr<consumer> c);
  ~endpoint() override;

  // --- sending, from any thread
  void send_event(const std::shared_ptr<remote>& to, std::string_view channel,
                  const detail::packed& p);
  std::shared_ptr<pending_call> start_call(const std::shared_ptr<remote>& to, wire::kind k,
                                           const call_options& o, std::string_view channel,
                                           const detail::packed& p);
  void answer(const std::shared_ptr<remote>& peer, const served_call& c,
              const detail::packed& value);
  void answer_error(const std::shared_ptr<remote>& peer, const served_call& c,
                    std::string_view code, std::string_view name, std::string_view text,
                    bytes_view data);

  // --- calls
  void wait_call(pending_call& c, const session::time_point* until);
  void cancel_call(pending_call& c);
  // `f` runs in any case: when it is closed, at once, or at the end of the turn of who dispatches.
  void continue_call(pending_call& c, std::function<void()> f);
  // The same for a coroutine; false when it need not wait.
  bool suspend_on_call(pending_call& c, std::function<void()> f);
  [[nodiscard]] bool call_ready(const pending_call& c);

  // --- driving
  void run();
  void stop();
  void start();
  [[nodiscard]] int fd();
  // No loop watches fd() any more.
  void release_fd() noexcept;
  std::size_t poll(std::chrono::milliseconds wait);

  // --- closing
  drain_result drain(std::chrono::milliseconds within);
  void close() noexcept;
  [[nodiscard]] bool is_closed() const noexcept { return closed_.load(); }
  // Throws in the child of a fork.
  void check_process() const;

  [[nodiscard]] const std::string& identity() const noexcept { return settings_.identity; }
  [[nodiscard]] ipczmq::statistics statistics();
  // User code threw after its turn: for the error hook, on the dispatch thread. What only tells
  // that the endpoint closes is dropped.
  void report_failure(std::string channel, std::string peer, std::exception_ptr exception);
  [[nodiscard]] peer_info info_of(const std::shared_ptr<remote>& r);
  [[nodiscard]] bool writable(const std::shared_ptr<remote>& r);
  void log(log_level level, std::string line);

  // A call of `from` is about to be dispatched; null when it is over already (cancelled, or its
  // deadline passed).
  std::shared_ptr<served_call> open_call(const std::shared_ptr<remote>& from,
                                         const wire::message& m);
  void close_call(remote& from, std::uint64_t id) noexcept;

  // --- serviced
  result service_step(bool looked) override;
  [[nodiscard]] bool driven_lately() const noexcept override;
  [[nodiscard]] bool driven_within(std::chrono::milliseconds d) const noexcept;
  [[nodiscard]] int descriptor() const noexcept override { return descriptors_.fd(); }

 protected:
  // Holds the lock, and does what came up meanwhile after releasing it.
  class IPCZMQ_TSA(scoped_lockable) guard {
   public:
    explicit guard(endpoint& e) ACQUIRE(e.mutex_) : endpoint_(e) { e.mutex_.lock(); }
    ~guard() RELEASE();
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

    void unlock() RELEASE();
    void relock() ACQUIRE();

   private:
    endpoint& endpoint_;
    bool held_ = true;
  };

  // --- of the role, under the lock
  virtual void on_incoming(transport::incoming& in, session::time_point now) REQUIRES(mutex_) = 0;
  virtual void on_link(const transport::monitor_event& e, session::time_point now)
      REQUIRES(mutex_) = 0;
  // The timer of `r` is due.
  virtual void tick_remote(const std::shared_ptr<remote>& r, session::time_point now)
      REQUIRES(mutex_) = 0;
  [[nodiscard]] virtual session::time_point due_of(const remote& r) REQUIRES(mutex_) = 0;
  // Timers of the role itself; returns when to call again.
  virtual session::time_point on_time(session::time_point) REQUIRES(mutex_) {
    return session::never;
  }
  virtual void flush_remote(const std::shared_ptr<remote>& r, session::time_point now)
      REQUIRES(mutex_) = 0;
  // Every peer that has a session.
  virtual void each(const std::function<void(const std::shared_ptr<remote>&)>& f)
      REQUIRES(mutex_) = 0;
  // Whether somebody should drive although nobody waits: a connection is being made, answers or
  // acknowledgements are awaited.
  [[nodiscard]] virtual bool busy() REQUIRES(mutex_) = 0;
  // Ends the session with a peer that does not keep up.
  virtual void give_up(const std::shared_ptr<remote>& to, const std::string& why)
      REQUIRES(mutex_) = 0;
  // "renderer 'x'", "main".
  [[nodiscard]] virtual std::string name_of(const remote& r) const = 0;
  [[nodiscard]] virtual std::size_t peers() REQUIRES(mutex_) { return 1; }
  // Throws what keeps `to` from being sent to.
  virtual void check_reachable(const remote& to) REQUIRES(mutex_) = 0;
  // Why nobody can have answered; empty when somebody could.
  [[nodiscard]] virtual std::string unreachable_hint() REQUIRES(mutex_) { return {}; }
  // Nobody is there any more to drain to.
  [[nodiscard]] virtual bool over() REQUIRES(mutex_) { return false; }
  virtual void say_bye(session::time_point now) REQUIRES(mutex_) = 0;
  [[nodiscard]] virtual bool bye_answered() REQUIRES(mutex_) = 0;
  // All calls end; nothing is sent any more.
  virtual void end_all() REQUIRES(mutex_) = 0;

  // --- for the role, under the lock
  void apply(const std::shared_ptr<remote>& r, session::effects& fx,
             const std::shared_ptr<const wire::frame>& f) REQUIRES(mutex_);
  void send_parts(remote& r, const session::parts& p) REQUIRES(mutex_);
  // Ends the session of `r`, which learns that the message in whose listener this happens was
  // dispatched.
  void send_bye(remote& r, std::string_view reason) REQUIRES(mutex_);
  // Whether the socket has a peer; for inproc, which does not tell when it goes.
  [[nodiscard]] bool has_peer() REQUIRES(mutex_);
  void mark_dirty(const std::shared_ptr<remote>& r) REQUIRES(mutex_);
  void flush_all(session::time_point now) REQUIRES(mutex_);
  void push(const std::shared_ptr<remote>& to, entry e) REQUIRES(mutex_);
  void say(log_level level, std::string line) REQUIRES(mutex_);
  void open_socket(std::unique_ptr<transport::socket> s) REQUIRES(mutex_);
  // The session of `r` is over, or another one begins: what it asked needs no answer any more.
  void stop_serving(const std::shared_ptr<remote>& r) REQUIRES(mutex_);
  // Whether a message to it finds room in its queue, and in what is left for all.
  [[nodiscard]] bool has_room(const remote& to, std::size_t bytes) REQUIRES(mutex_);
  // The queue of `r` has changed.
  void account(remote& r) REQUIRES(mutex_);
  void count_dropped(const std::shared_ptr<remote>& to, std::size_t messages) REQUIRES(mutex_);
  // Drops older messages to it, or lets it go, as the policy says; true when there is room then.
  bool yield_room(const std::shared_ptr<remote>& to, std::size_t bytes) REQUIRES(mutex_);
  // Whether a frame of `r` may be taken: what all have sent and nobody has dispatched is bounded.
  [[nodiscard]] bool may_take(const std::shared_ptr<remote>& r, const wire::frame& f)
      REQUIRES(mutex_);
  void read_monitor(session::time_point now) REQUIRES(mutex_);
  // Drives, or waits for the driver, until `done` or `until`; false when the time came first.
  bool wait(const std::function<bool()>& done, session::time_point until) REQUIRES(mutex_);
  void check_usable() const;
  [[nodiscard]] bool in_listener() const noexcept {
    return dispatcher_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  // Sees to it that what `r` owes is sent when it is due.
  void arm(const std::shared_ptr<remote>& r, session::time_point now) REQUIRES(mutex_);
  // The same, from flush_remote.
  void arm_flushed(const std::shared_ptr<remote>& r, session::time_point now) REQUIRES(mutex_);
  void set_timer(const std::shared_ptr<remote>& r, session::time_point due) REQUIRES(mutex_);
  void schedule(session::time_point due) REQUIRES(mutex_);
  // What `dirty_` holds goes out: now, or soon when sends come thick and fast.
  // `bytes`: how much was appended, for one peer; `calls_filled`: with so many calls or answers the
  // frame goes; 0: it was neither.
  void after_append(std::size_t bytes = 0, std::size_t calls_filled = 0) REQUIRES(mutex_);
  [[nodiscard]] bool gathers(session::time_point now) REQUIRES(mutex_);
  // The inbox has got something from outside the driver.
  void wake_driver() REQUIRES(mutex_);
  void check_message(const remote& to, std::string_view channel, const detail::packed& p,
                     bool deep) const REQUIRES(mutex_);
  // Nested deeper than what every peer accepts; then fits_depth() tells whether this one does.
  [[nodiscard]] static bool is_deep(const detail::packed& p);
  [[nodiscard]] static bool fits_depth(const remote& to, const detail::packed& p);
  // Whether the peer accepts parts of that size and number.
  [[nodiscard]] static bool fits(const remote& to, const detail::packed& p);
  [[nodiscard]] static std::size_t size_of(const detail::packed& p);

  mutex mutex_;
  const settings settings_;
  const unsigned generation_;
  const std::shared_ptr<service> service_;
  std::unique_ptr<transport::socket> socket_ GUARDED_BY(mutex_);
  void record(bool incoming, const remote& r, wire::kind k, std::uint64_t id,
              std::string_view channel, std::size_t bytes) REQUIRES(mutex_);
  void count_session(const session::session& s) REQUIRES(mutex_);
  // Whether this is the process that made the endpoint; a forked child must not touch its locks.
  [[nodiscard]] bool own_process() const noexcept {
    return generation_ == support::fork_generation();
  }

  ipczmq::statistics stats_ GUARDED_BY(mutex_);
  std::atomic<bool> closed_{false};
  bool closing_ GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<remote>> retired_ GUARDED_BY(mutex_);  // by close()
  deferred_work deferred_ GUARDED_BY(mutex_);

  // Earliest first. An entry whose remote is armed for another time is stale.
  struct timer {
    session::time_point due;
    std::shared_ptr<remote> who;
    bool operator<(const timer& o) const { return due > o.due; }
  };
  std::priority_queue<timer> timers_ GUARDED_BY(mutex_);
  session::time_point next_time_ GUARDED_BY(mutex_) = session::time_point::min();

 private:
  // Somebody who waits while another thread drives.
  struct waiter {
    condition wake;
    const std::function<bool()>* done;
  };

  // Sees to room for a message; false when it is to be dropped, and that was counted. Throws what
  // the policy says.
  bool make_room(const std::shared_ptr<remote>& to, const detail::packed& p, bool is_call,
                 session::time_point until) REQUIRES(mutex_);
  void wait_for_room(const std::shared_ptr<remote>& to, std::size_t bytes,
                     session::time_point until) REQUIRES(mutex_);
  [[nodiscard]] bool within_total(std::uint64_t all, std::uint64_t one, std::uint64_t total)
      REQUIRES(mutex_);
  [[nodiscard]] error overflow_error(const remote& to, const std::string& advice) REQUIRES(mutex_);
  // Lets it go when too many answers to it are not acknowledged; false then.
  bool takes_answers(const std::shared_ptr<remote>& to) REQUIRES(mutex_);
  // What was left for want of room can come.
  void take_held() REQUIRES(mutex_);
  // A peer that asks and does not take the answers gets no turns until it does.
  void watch_answers(const std::shared_ptr<remote>& r) REQUIRES(mutex_);
  // Sends, receives, runs timers. With `enough` it may stop receiving as soon as that holds.
  void work(session::time_point now, const std::function<bool()>* enough = nullptr)
      REQUIRES(mutex_);
  void receive_all(session::time_point now, const std::function<bool()>* enough) REQUIRES(mutex_);
  void run_timers(session::time_point now) REQUIRES(mutex_);
  void poll_descriptor(session::time_point until) REQUIRES(mutex_);
  void note_signals(const epoll_event* events, int n) REQUIRES(mutex_);
  void hand_over() REQUIRES(mutex_);
  class role;
  // One round as the driver; true when `done`, `until` or the end has come.
  bool drive(const std::function<bool()>& done, session::time_point until) REQUIRES(mutex_);
  void look_after_send() REQUIRES(mutex_);
  // Does what came up under the lock, with the lock released meanwhile.
  void do_held_back() REQUIRES(mutex_);
  void wake_waiters() REQUIRES(mutex_);
  void update_fd() REQUIRES(mutex_);
  void polled_by_loop() REQUIRES(mutex_);
  // Timers have come up that the service thread does not know of.
  void note_look_out() REQUIRES(mutex_);
  // Until when a loop is trusted to look after it; `now` when it is not.
  [[nodiscard]] session::time_point left_to_loop(session::time_point now) REQUIRES(mutex_);
  // Says that nobody dispatches, or returns when to look again.
  session::time_point warn_of_silence(session::time_point now) REQUIRES(mutex_);
  // Opens `g` while user code runs; clang cannot follow a guard that is handed over.
  std::size_t dispatch_some(guard& g, std::size_t most, bool stoppable) NO_THREAD_SAFETY_ANALYSIS;
  std::size_t dispatch_entry(const std::shared_ptr<remote>& from, entry& e) noexcept;
  // The frame that is being dispatched; seq 0 while it is anything else.
  struct turn {
    const remote* from = nullptr;
    std::uint64_t seq = 0;
    std::size_t bytes = 0;
    std::uint32_t generation = 0;
    bool counted = false;  // its session has been told that it is dispatched
  };
  void count_turn(remote& from, session::time_point now) REQUIRES(mutex_);
  void finish_turn(const std::shared_ptr<remote>& from, session::time_point now) REQUIRES(mutex_);
  void run_until_stopped(bool own);
  void claim_dispatch() REQUIRES(mutex_);
  // Runs the continuations that close() has left. Opens `g`, as above.
  void run_orphans(guard& g) NO_THREAD_SAFETY_ANALYSIS;
  // Whoever dispatches runs them at the end of its turn; without one, this thread does.
  void run_orphans_if_nobody_else(guard& g) NO_THREAD_SAFETY_ANALYSIS;
  std::size_t unacknowledged() REQUIRES(mutex_);
  void join_own_thread(bool ending) noexcept;
  drain_result drain_locked(session::time_point until) REQUIRES(mutex_);
  void fail_own_calls() REQUIRES(mutex_);
  void close_orderly();
  void do_deferred(deferred_work& work) const noexcept;
  void write_log(log_level level, const std::string& line) const noexcept;

  // What made the descriptor readable.
  static constexpr std::uint64_t socket_tag = 1;
  static constexpr std::uint64_t waker_tag = 2;
  static constexpr std::uint64_t timer_tag = 3;
  static constexpr std::uint64_t monitor_tag = 4;

  const std::shared_ptr<consumer> consumer_;
  mutable mutex tap_mutex_;
  inbox inbox_ GUARDED_BY(mutex_);
  std::uint64_t inbox_bytes_ GUARDED_BY(mutex_) = 0;   // not dispatched
  std::uint64_t queued_bytes_ GUARDED_BY(mutex_) = 0;  // to all peers, not dispatched there
  std::vector<std::shared_ptr<remote>> held_ GUARDED_BY(mutex_);  // whose frames are not taken
  std::vector<std::shared_ptr<remote>> dirty_ GUARDED_BY(mutex_);
  transport::incoming incoming_ GUARDED_BY(mutex_);
  std::list<waiter*> waiters_ GUARDED_BY(mutex_);
  bool told_ GUARDED_BY(mutex_) = false;  // the service thread was told to flush
  std::uint64_t flushes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t flushes_seen_ GUARDED_BY(mutex_) = 0;     // by the service thread
  std::size_t gathered_bytes_ GUARDED_BY(mutex_) = 0;     // since the last flush
  std::size_t gathered_calls_ GUARDED_BY(mutex_) = 0;     // and answers
  bool calls_in_flight_ GUARDED_BY(mutex_) = false;       // the call just made follows others
  std::vector<continuation> orphans_ GUARDED_BY(mutex_);  // to be run after close()
  std::shared_ptr<remote> local_ GUARDED_BY(mutex_);      // whose inbox takes what is nobody's
  bool lone_message_ GUARDED_BY(mutex_) =
      false;  // the turn has one message, and nothing was sent in it yet
  turn turn_ GUARDED_BY(mutex_);
  std::uint64_t taken_ GUARDED_BY(mutex_) = 0;  // messages that came in
  bool busy_input_ GUARDED_BY(mutex_) = false;  // several came together lately
  bool socket_signalled_ GUARDED_BY(mutex_) = true;
  bool monitor_signalled_ GUARDED_BY(mutex_) = true;
  bool stop_requested_ GUARDED_BY(mutex_) = false;
  bool loop_fd_ GUARDED_BY(mutex_) = false;     // a foreign loop watches fd()
  bool looped_ GUARDED_BY(mutex_) = false;      // and it runs
  bool look_out_ GUARDED_BY(mutex_) = false;    // the service thread sees whether it still does
  bool dispatched_ GUARDED_BY(mutex_) = false;  // somebody has ever dispatched, or it was said
  session::time_point silent_since_ GUARDED_BY(mutex_) = session::never;
  transport::unique_fd timer_fd_ GUARDED_BY(mutex_);
  std::optional<transport::epoll_set> loop_set_ GUARDED_BY(mutex_);  // what fd() returns
  bool level_set_ GUARDED_BY(mutex_) = false;                        // of level_
  bool sent_ GUARDED_BY(mutex_) =
      false;  // something was sent, and nobody has looked for input since
  session::time_point timer_set_ GUARDED_BY(mutex_) = session::never;
  session::time_point last_append_
      GUARDED_BY(mutex_);  // that went out, as far as after_append() cares
  std::thread own_thread_ GUARDED_BY(mutex_);
  bool own_running_ GUARDED_BY(mutex_) = false;
  transport::epoll_set descriptors_;  // the driver, or the service thread, waits for them
  transport::waker waker_;            // one of them
  transport::waker level_;  // for a foreign loop: readable while poll() has something to do
  std::atomic<bool> driven_{false};   // written under the lock
  std::atomic<bool> polling_{false};  // the driver is in its poll
  std::atomic<std::int64_t> last_driven_ms_{0};
  std::atomic<std::thread::id> dispatcher_{};  // the thread that runs listeners now
};

}  // namespace ipczmq::engine
