// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/emitter.hpp>
#include <ipczmq/options.hpp>
#include <ipczmq/task.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace ipczmq {

namespace engine {
class endpoint;
}

/// A session that went on after its connection was lost: nothing is missing.
struct recovery_details {
  std::chrono::milliseconds away{};   ///< how long there was no connection, as this side saw it
  std::size_t messages_repeated = 0;  ///< sent again, because the other side did not have them
};

/// Totals since the endpoint was made.
struct statistics {
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_resent = 0;
  std::uint64_t frames_malformed =
      0;  ///< each closed its sender's session, or came from no session
  std::uint64_t frames_duplicate = 0;
  std::uint64_t messages_unknown = 0;  ///< of kinds that this version does not know
  std::uint64_t replies_late = 0;      ///< to calls that were over
  std::uint64_t calls_expired = 0;     ///< arrived after their deadline, not dispatched
  std::uint64_t messages_lost = 0;     ///< accepted, and not acknowledged when their session or
                                       ///< endpoint ended; each time reported through the log
  std::uint64_t messages_dropped = 0;  ///< by the overflow policy
  std::uint64_t messages_repeated =
      0;                              ///< events sent again to a new main (restart_policy::repeat)
  std::uint64_t frames_left = 0;      ///< not taken for want of room (total_inbox_bytes); asked for
                                      ///< again when there was
  std::uint64_t connections_cut = 0;  ///< by main: too many, descriptors run out, or no hello
};

/// What `ipc_main` and `ipc_renderer` share: the emitter verbs, driving it, closing it. Thread-safe
/// throughout: any thread may call anything.
///
/// Listeners run one at a time, on the thread that drives: in run(), on start()'s own thread, or in
/// poll(). Whoever waits (run, poll, a blocking call) also works the socket; when nobody does, a
/// service thread of the library keeps it alive.
class IPCZMQ_API endpoint : public emitter {
 public:
  endpoint(const endpoint&) = delete;
  endpoint& operator=(const endpoint&) = delete;

  /// Dispatches on this thread until stop() or close(); a renderer's also returns when main has
  /// refused it or sent it away, after `on_closed`. Throws error(reentered) from inside a listener,
  /// error(closed) when it is closed.
  void run();
  /// Ends run() (and start()'s thread). Sticky: it ends the run() that is running, or else the next
  /// one.
  void stop();
  /// Dispatches on a thread of its own until stop() or close(). No effect when it runs already.
  void start();
  /// A descriptor that polls readable when poll() has something to do: level-triggered, the same
  /// for the endpoint's life. For foreign loops.
  [[nodiscard]] int fd();
  /// Dispatches what has arrived, waiting at most `wait` for the first. Returns the number of
  /// messages dispatched.
  std::size_t poll(std::chrono::milliseconds wait = std::chrono::milliseconds{0});

  /// Begins a task, here and now; it belongs to the endpoint until it is complete. What it throws
  /// goes to `on_error` (but not errc::closed when the endpoint closes, nor errc::cancelled when
  /// `stop` was asked for). `stop` cancels the calls that it waits for.
  void spawn(task<> t, std::stop_token stop = {});

  /// Waits until everything that was accepted has been acknowledged, or `within` has passed:
  /// events, calls (not their answers), answers to calls, cancels and subscriptions. Acknowledged
  /// means that the other process has it, not that its listeners have run. Goes on working
  /// afterwards.
  drain_result drain(std::chrono::milliseconds within);
  /// Drains for `linger`, says bye, and ends run(). Calls that are open fail with error(closed),
  /// and their `then` callbacks and coroutines go on with it; so fails every later use. Idempotent.
  void close();
  [[nodiscard]] bool is_closed() const;

  /// Gets what listeners throw, arguments that do not fit one-way listeners, and errors of `then`
  /// callbacks. One hook; without it they are logged.
  void on_error(error_hook hook);

  [[nodiscard]] const std::string& identity() const noexcept;
  [[nodiscard]] ipczmq::statistics statistics() const;

 protected:
  endpoint(std::shared_ptr<engine::endpoint> e, std::shared_ptr<dispatch::dispatcher> d,
           std::shared_ptr<dispatch::listeners> table);
  ~endpoint();

  friend class loop_handle;
  std::shared_ptr<engine::endpoint> engine_;
  std::shared_ptr<dispatch::dispatcher> dispatcher_;
};

/// An endpoint as a foreign loop sees it: what adapters are made of (asio.hpp, libuv.hpp). It may
/// outlive the endpoint; destroyed first, it leaves the endpoint without a loop, which loses
/// nothing: others may drive it, and until then the library's own thread keeps its connections.
class IPCZMQ_API loop_handle {
 public:
  /// Throws error(closed).
  explicit loop_handle(endpoint& e);
  ~loop_handle();
  loop_handle(loop_handle&&) noexcept = default;
  loop_handle& operator=(loop_handle&&) = delete;

  /// See endpoint::fd(). Open as long as this.
  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// endpoint::poll(), but false once the endpoint is closed or destroyed. Throws error(reentered)
  /// when another thread dispatches the endpoint.
  bool poll();
  /// The same for loops that no exception may cross: it goes to the log, and the result is false.
  bool try_poll() noexcept;

 private:
  std::shared_ptr<engine::endpoint> engine_;
  int fd_ = -1;
};

}  // namespace ipczmq
