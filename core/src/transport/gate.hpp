// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"
#include "transport/socket.hpp"
#include "transport/unique_fd.hpp"
#include "transport/waker.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <unordered_set>

namespace ipczmq::transport {

// What a monitor's PAIR delivers, or what the gate says.
struct socket_event {
  static constexpr unsigned cut = 0;  // of the gate: `value` connections were cut, `text` says why

  unsigned event = cut;
  unsigned value = 0;
  std::string text{};  // the endpoint
};

// Reads one event without waiting; false when there is none.
bool read_event(void* pair, socket_event& e);

// Stands behind the listeners of a ROUTER and cuts the connections that would use up the process's
// descriptors: with none left for accept(), libzmq 4.3.4's ipc listener aborts the process, and its
// tcp listener spins. Owning the accepting would be better, but libzmq takes listening sockets only
// (ZMQ_USE_FD), not connections; and to unbind a listener ends all that came in over it.
//
// That no flood outruns it is libzmq's doing: its I/O thread, which accepts, reports each
// connection with a blocking send, and the PAIR that reads the reports has room for 1001 (ours, 1,
// and libzmq's own, 1000). So accept() is never more than `unread_max` ahead of this thread, and
// that many descriptors are kept free. The kernel gives the lowest, so one that high says that the
// lower ones are taken. The thread must wait for nobody: the I/O thread may be waiting for it.
class gate {
 public:
  static constexpr int unread_max = 1001;
  // Descriptors from here on are kept free, when the process may have `all`.
  [[nodiscard]] static int descriptors_max(std::size_t all) noexcept;

  // `pair`: connected to the monitor, and no longer used by anybody else.
  explicit gate(void* pair);
  ~gate();  // while `pair` is open; nothing may be sent to it any more
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;

  // Next event, in the order in which they came, up to this very moment; false when there is none.
  bool next(socket_event& e);
  // Readable while there are events.
  [[nodiscard]] int fd() const noexcept { return waker_.fd(); }

 private:
  void loop() noexcept;
  // Takes some of what has come; false when that was all.
  bool drain() REQUIRES(mutex_);
  void on_accepted(socket_event e) REQUIRES(mutex_);
  void on_accept_failed(const socket_event& e) REQUIRES(mutex_);
  void say_cut(unsigned count, const char* why) REQUIRES(mutex_);

  void* const pair_;
  const int fd_;  // of pair_
  const int descriptors_max_;
  mutex mutex_;
  std::deque<socket_event> events_ GUARDED_BY(mutex_);
  // Accepted since the drain began, to be cut at its end: that of one that has ended meanwhile is
  // somebody else's.
  std::unordered_set<int> excess_ GUARDED_BY(mutex_);
  // Given away when the application has taken all others, so that the tcp listener can accept what
  // waits (it is cut at once) instead of trying for ever.
  unique_fd spare_ GUARDED_BY(mutex_);
  std::atomic<bool> over_{false};
  waker waker_;
  waker stop_;
  std::thread thread_;
};

}  // namespace ipczmq::transport
