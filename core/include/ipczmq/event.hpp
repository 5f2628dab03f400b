// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/convert.hpp>
#include <ipczmq/web_contents.hpp>

#include <exception>
#include <memory>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ipczmq {

namespace dispatch {
class dispatcher;
}

class event;

namespace detail {

// One open call on the side that answers it. The first answer wins. Destroyed unanswered, it
// answers with what its listener threw, or no_reply. Thread-safe.
class IPCZMQ_API responder {
 public:
  virtual ~responder();
  virtual bool answer(const packed& value) = 0;  // false: it was answered before
  virtual bool fail(std::exception_ptr exception) = 0;
  // What a listener threw: the answer, if nobody gives another.
  virtual void set_thrown(std::exception_ptr exception) { fail(std::move(exception)); }
  [[nodiscard]] virtual std::stop_token stop_token() const noexcept = 0;
};

// What a listener threw after it had returned.
IPCZMQ_API void report_failure(const event& e, std::exception_ptr exception);

}  // namespace detail

/// The answer to a synchronous call: `event.return_value = 42`. The first assignment answers, later
/// ones are ignored (Electron: ); one-way events and invokes ignore all. Assignable from
/// any thread, also through a const event, and after the listener has returned.
class IPCZMQ_API return_slot {
 public:
  template <class T>
  requires(!std::same_as<std::remove_cvref_t<T>, return_slot>) const return_slot& operator=(
      const T& v) const {
    if (responder_ != nullptr) {
      detail::pack_lease p;
      detail::pack_one(*p, v);
      responder_->answer(*p);
    }
    return *this;
  }
  /// One packed msgpack value, for bindings. Throws error(bad_arguments).
  void set_raw(bytes_view packed_value, std::span<const buffer> buffers = {}) const;

 private:
  friend class event;
  friend class dispatch::dispatcher;
  return_slot() = default;
  return_slot(const return_slot&) = default;
  return_slot& operator=(const return_slot&) = default;

  std::shared_ptr<detail::responder> responder_;
};

/// What a listener or handler is called with. Copyable: a copy keeps its call open (and the
/// message's bytes alive), so that it can be answered later from any thread; when the last copy
/// goes unanswered, the caller gets error(no_reply), or what the listener threw.
class IPCZMQ_API event {
 public:
  /// Valid as long as this event or a copy of it.
  std::string_view channel;
  /// Who sent it: in main the renderer's web_contents; in a renderer a handle of main. Empty for a
  /// local `emit`.
  web_contents sender;
  return_slot return_value;

  /// `sender.send(channel, a...)`.
  template <class... A>
  void reply(std::string_view to_channel, const A&... a) const {
    sender.send(to_channel, a...);
  }

  /// Answers a call with an error, as a throw from its listener or handler would: from any thread,
  /// also after these have returned. False when it was answered before, or nobody waits.
  bool fail(std::exception_ptr e) const { return call_ != nullptr && call_->fail(std::move(e)); }
  template <class E>
  requires std::is_base_of_v<std::exception, E>
  bool fail(const E& e) const { return fail(std::make_exception_ptr(e)); }

  /// The caller of this call has cancelled, timed out or gone. Never true for one-way events.
  [[nodiscard]] bool cancelled() const noexcept { return stop_token().stop_requested(); }
  [[nodiscard]] std::stop_token stop_token() const noexcept;
  /// Whether somebody waits for an answer: a synchronous call or an invoke.
  [[nodiscard]] bool is_call() const noexcept { return call_ != nullptr; }

 private:
  friend class dispatch::dispatcher;
  friend class emitter;
  friend void detail::report_failure(const event& e, std::exception_ptr exception);
  event() = default;

  std::shared_ptr<const void> bytes_;        // keeps `channel` and the arguments alive
  std::shared_ptr<detail::responder> call_;  // null for one-way events
};

}  // namespace ipczmq
