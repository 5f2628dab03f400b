// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/convert.hpp>
#include <ipczmq/deferred.hpp>
#include <ipczmq/detail/callable.hpp>
#include <ipczmq/event.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq {

namespace dispatch {
class listeners;
}

/// A token for one registration, returned by `on`: copyable, comparable, thread-safe. It does not
/// own the registration.
class IPCZMQ_API listener {
 public:
  listener() = default;
  listener(std::weak_ptr<dispatch::listeners> table, std::uint64_t id)
      : table_(std::move(table)), id_(id) {}

  /// Removes the registration; false when it was gone already.
  bool remove() const;
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  explicit operator bool() const noexcept { return id_ != 0; }
  friend bool operator==(const listener& a, const listener& b) noexcept { return a.id_ == b.id_; }

 private:
  std::weak_ptr<dispatch::listeners> table_;
  std::uint64_t id_ = 0;
};

/// Removes its registration when it is destroyed. Movable.
class scoped_listener {
 public:
  scoped_listener() = default;
  scoped_listener(listener l) : listener_(std::move(l)) {}
  scoped_listener(scoped_listener&& o) noexcept : listener_(std::exchange(o.listener_, {})) {}
  scoped_listener& operator=(scoped_listener&& o) noexcept {
    if (this != &o) {
      reset();
      listener_ = std::exchange(o.listener_, {});
    }
    return *this;
  }
  ~scoped_listener() { reset(); }

  void reset() {
    if (listener_) std::exchange(listener_, {}).remove();
  }
  /// Leaves the registration in place.
  listener release() noexcept { return std::exchange(listener_, {}); }
  [[nodiscard]] const listener& get() const noexcept { return listener_; }

 private:
  listener listener_;
};

using listener_hook = std::function<void(std::string_view channel, const listener&)>;

/// The listener and handler verbs of `ipc_main`, `ipc_renderer` and `web_contents::ipc()`: a cheap
/// handle, all copies share the table.
///
/// Thread-safe; what is registered is in force when the call returns. Node's EventEmitter
/// semantics: dispatch runs over a snapshot, one callable may be registered several times, `off`
/// takes the most recent match, `once` is removed before it is called. A callable is `(event&,
/// Args...)`, with the arguments converted from msgpack, or `(event&, args)`. Fewer parameters than
/// sent arguments is fine, and trailing `std::optional` parameters may be absent. If the arguments
/// do not fit it is not called: a call is answered with error(bad_arguments), a one-way message
/// goes to `on_error`. `on` and its kind throw error(bad_channel) for a channel that is empty, over
/// 255 bytes, or not UTF-8.
class IPCZMQ_API emitter {
 public:
  template <class F>
  listener on(std::string_view channel, F&& f) {
    return add(channel, detail::make_listener(std::forward<F>(f)), false, false);
  }
  template <class F>
  listener add_listener(std::string_view channel, F&& f) {
    return on(channel, std::forward<F>(f));
  }
  template <class F>
  listener once(std::string_view channel, F&& f) {
    return add(channel, detail::make_listener(std::forward<F>(f)), true, false);
  }
  template <class F>
  listener prepend_listener(std::string_view channel, F&& f) {
    return add(channel, detail::make_listener(std::forward<F>(f)), false, true);
  }
  template <class F>
  listener prepend_once_listener(std::string_view channel, F&& f) {
    return add(channel, detail::make_listener(std::forward<F>(f)), true, true);
  }

  /// Removes one registration; false when it was gone already (or is another channel's).
  bool off(const listener& l);
  bool off(std::string_view channel, const listener& l);
  bool remove_listener(const listener& l) { return off(l); }
  bool remove_listener(std::string_view channel, const listener& l) { return off(channel, l); }

  void remove_all_listeners();
  void remove_all_listeners(std::string_view channel);

  [[nodiscard]] std::size_t listener_count(std::string_view channel) const;
  /// Channels that have listeners, in the order in which they got their first.
  [[nodiscard]] std::vector<std::string> event_names() const;
  /// A warning is logged, once per channel, when it has more listeners than this. Default 10; 0 is
  /// no limit.
  void set_max_listeners(std::size_t n);
  [[nodiscard]] std::size_t get_max_listeners() const;

  /// Calls the listeners of `channel` here and now, on this thread; nothing is sent. False when
  /// there are none.
  template <class... A>
  bool emit(std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return emit_packed(channel, *p);
  }
  /// The same with arguments that are msgpack already: one array. Throws error(bad_arguments).
  bool emit_raw(std::string_view channel, bytes_view packed_args,
                std::span<const buffer> buffers = {});

  /// Called for every channel, before the channel's own listeners. They do not count in
  /// `listener_count`.
  template <class F>
  listener on_any(F&& f) {
    return add_any(detail::make_listener(std::forward<F>(f)));
  }
  bool off_any(const listener& l) { return off(l); }

  /// Called before a listener is added and after one is removed, on the thread that does it. Not
  /// channels: a peer cannot reach them.
  void on_listener_added(listener_hook hook);
  void on_listener_removed(listener_hook hook);

  /// The channel's one handler, for `invoke`: it returns a value, nothing, or a `deferred`. A
  /// second one throws error(duplicate_handler).
  template <class F>
  void handle(std::string_view channel, F&& f) {
    add_handler(channel, detail::make_handler(std::forward<F>(f)), false);
  }
  /// Removed before it is called for the first time.
  template <class F>
  void handle_once(std::string_view channel, F&& f) {
    add_handler(channel, detail::make_handler(std::forward<F>(f)), true);
  }
  /// No error when there is none. A call that is running goes on.
  void remove_handler(std::string_view channel);
  [[nodiscard]] bool has_handler(std::string_view channel) const;

 protected:
  friend class web_contents;
  explicit emitter(std::shared_ptr<dispatch::listeners> table) : table_(std::move(table)) {}

 private:
  listener add(std::string_view channel, detail::listener_fn f, bool once, bool prepend);
  listener add_any(detail::listener_fn f);
  void add_handler(std::string_view channel, detail::handler_fn f, bool once);
  bool emit_packed(std::string_view channel, const detail::packed& p);

  std::shared_ptr<dispatch::listeners> table_;
};

}  // namespace ipczmq
