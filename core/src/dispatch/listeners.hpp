// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"

#include <ipczmq/emitter.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ipczmq::dispatch {

// One registration. Immutable but for `fired`, so that a snapshot of pointers is a snapshot of the table.
struct registration {
  std::uint64_t id = 0;
  detail::listener_fn call;
  bool once = false;
  std::atomic<bool> fired{false};  // a once that was taken: not called again, not even by an older snapshot
};
using registration_list = std::vector<std::shared_ptr<registration>>;
using snapshot = std::shared_ptr<const registration_list>;  // null when there are none

struct handler {
  detail::handler_fn call;
  bool once = false;
};

// Channel → listeners and handler: the table behind one emitter. Thread-safe; copy-on-write lists, so that taking a snapshot copies a pointer.
// Hooks, warnings and destructors of user callables run outside its lock.
class listeners : public std::enable_shared_from_this<listeners> {
 public:
  // `name` appears in the max-listeners warning ("ipc_main"); `changed(channel)` is called, without the lock, when a channel gets its first or loses its last
  // listener (empty channel: the on_any list did); `warn` gets one line. Both may be null.
  struct callbacks {
    std::string name;
    std::function<void(std::string_view channel)> changed;
    std::function<void(std::string_view line)> warn;
  };
  explicit listeners(callbacks c);

  // Throws error(bad_channel), with channel and reason.
  ipczmq::listener add(std::string_view channel, detail::listener_fn f, bool once, bool prepend);
  ipczmq::listener add_any(detail::listener_fn f);
  // An empty channel means whichever it is registered for (on_any included).
  bool remove(std::string_view channel, std::uint64_t id);
  void remove_all();
  void remove_all(std::string_view channel);

  [[nodiscard]] std::size_t count(std::string_view channel) const;
  [[nodiscard]] bool has_any() const;
  [[nodiscard]] std::vector<std::string> names() const;
  void set_max(std::size_t n);
  [[nodiscard]] std::size_t max() const;
  void set_added_hook(listener_hook hook);
  void set_removed_hook(listener_hook hook);

  [[nodiscard]] snapshot find(std::string_view channel) const;
  [[nodiscard]] snapshot find_any() const;

  // For the dispatcher, before it calls `r`: false when `r` is a once that was taken already; else takes it out of the table.
  bool take(std::string_view channel, registration& r);

  // Throws error(bad_channel), error(duplicate_handler, "Attempted to register a second handler for 'x'").
  void add_handler(std::string_view channel, detail::handler_fn f, bool once);
  void remove_handler(std::string_view channel);
  [[nodiscard]] bool has_handler(std::string_view channel) const;
  // The handler to run for an invoke that has arrived (a handle_once is removed by this); null when there is none. The caller owns it while it runs.
  [[nodiscard]] std::shared_ptr<handler> take_handler(std::string_view channel);

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };

  mutable mutex mutex_;
};

}  // namespace ipczmq::dispatch
