// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"

#include <ipczmq/emitter.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ipczmq::dispatch {

// One registration. Immutable but for `fired`, so that a snapshot of pointers is a snapshot of the
// table.
struct registration {
  std::uint64_t id = 0;
  detail::listener_fn call;
  bool once = false;
  // A once that was taken: not called again, not even by an older snapshot.
  std::atomic<bool> fired{false};
};
using registration_list = std::vector<std::shared_ptr<registration>>;
using snapshot = std::shared_ptr<const registration_list>;  // null when there are none

struct handler {
  detail::handler_fn call;
  bool once = false;
};

// Channel → listeners and handler: the table behind one emitter. Thread-safe; copy-on-write lists,
// so that taking a snapshot copies a pointer. Hooks, warnings and destructors of user callables run
// outside its lock. Always held by a shared_ptr.
class listeners : public std::enable_shared_from_this<listeners> {
 public:
  // `name` appears in the max-listeners warning ("ipc_main"); `changed(channel)` is called, without
  // the lock, when a channel gets its first or loses its last listener (empty channel: the on_any
  // list did); `warn` gets one line. Both may be null. When threads change one channel at a time,
  // calls of `changed` may overtake each other: look at the table as it is then.
  struct callbacks {
    std::string name;
    std::function<void(std::string_view channel)> changed;
    std::function<void(std::string_view line)> warn;
  };
  explicit listeners(callbacks c);

  // Throws error(bad_channel), with channel and reason; error(bad_arguments) for an empty function.
  ipczmq::listener add(std::string_view channel, detail::listener_fn f, bool once, bool prepend);
  ipczmq::listener add_any(detail::listener_fn f);
  // An empty channel means whichever it is registered for (on_any included).
  bool remove(std::string_view channel, std::uint64_t id);
  void remove_all();  // on_any included
  void remove_all(std::string_view channel);
  // Listeners and handlers, without a word to the hooks.
  void clear() noexcept;

  [[nodiscard]] std::size_t count(std::string_view channel) const;
  [[nodiscard]] bool has_any() const noexcept;
  // Of any kind, handlers included.
  [[nodiscard]] bool has_listeners() const;
  [[nodiscard]] std::vector<std::string> names() const;
  void set_max(std::size_t n);
  [[nodiscard]] std::size_t max() const;
  // For listeners of on_any they get an empty channel.
  void set_added_hook(listener_hook hook);
  void set_removed_hook(listener_hook hook);

  // Grows with every change of what find() and find_any() return; 0 as long as there was none.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return version_.load(std::memory_order_acquire);
  }
  [[nodiscard]] snapshot find(std::string_view channel) const;
  [[nodiscard]] snapshot find_any() const;

  // For the dispatcher, before it calls `r`: false when `r` is a once that was taken already; else
  // takes it out of the table.
  bool take(std::string_view channel, registration& r) { return !r.once || take_once(channel, r); }

  // Throws error(bad_channel), error(duplicate_handler, "Attempted to register a second handler for
  // 'x'"), error(bad_arguments) for an empty function.
  void add_handler(std::string_view channel, detail::handler_fn f, bool once);
  void remove_handler(std::string_view channel);
  [[nodiscard]] bool has_handler(std::string_view channel) const;
  // The handler to run for an invoke that has arrived (a handle_once is removed by this); null when
  // there is none. The caller owns it while it runs.
  [[nodiscard]] std::shared_ptr<handler> take_handler(std::string_view channel);

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };
  template <class T>
  using by_channel = std::unordered_map<std::string, T, hash, std::equal_to<>>;

  // The listeners of one channel. It is there as long as it has one.
  struct slot {
    snapshot list;
    std::uint64_t order = 0;  // of the slots, by their first registration
    bool warned = false;      // of more than max_ listeners
  };
  // What has left the table: reported and destroyed without the lock.
  struct removal {
    std::string channel;
    snapshot before;         // all that were there
    std::uint64_t only = 0;  // the id of the one that left, or 0 when all did
    bool last = false;       // it leaves the channel without listeners
    std::shared_ptr<const listener_hook> hook;
  };

  bool take_once(std::string_view channel, registration& r);
  ipczmq::listener add(std::string_view channel, const std::shared_ptr<registration>& r,
                       bool prepend);
  void insert(slot& s, const std::shared_ptr<registration>& r, bool prepend, snapshot& before)
      REQUIRES(mutex_);
  [[nodiscard]] bool overfull(slot& s) REQUIRES(mutex_);
  bool unlink(std::string_view channel, std::uint64_t id, removal& out) REQUIRES(mutex_);
  void empty(std::string_view channel, slot& s, removal& out) REQUIRES(mutex_);
  void report(const removal& r);

  const callbacks callbacks_;
  mutable mutex mutex_;
  by_channel<slot> slots_ GUARDED_BY(mutex_);
  slot any_ GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> has_any_{false};  // that any_ is not empty, for who looks without the lock
  // The channel of each listener: a key of slots_, or null for on_any.
  std::unordered_map<std::uint64_t, const std::string*> channel_of_ GUARDED_BY(mutex_);
  by_channel<std::shared_ptr<handler>> handlers_ GUARDED_BY(mutex_);
  std::atomic<bool> has_handlers_{false};  // for who looks without the lock
  std::uint64_t slots_made_ GUARDED_BY(mutex_) = 0;
  std::size_t max_ GUARDED_BY(mutex_) = 10;
  std::shared_ptr<const listener_hook> added_ GUARDED_BY(mutex_);
  std::shared_ptr<const listener_hook> removed_ GUARDED_BY(mutex_);
};

}  // namespace ipczmq::dispatch
