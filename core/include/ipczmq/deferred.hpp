// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/event.hpp>

#include <exception>
#include <memory>
#include <string>
#include <type_traits>

namespace ipczmq {

namespace detail {

// Where the answer of a `deferred` meets its call: whichever comes second sends it. Thread-safe.
class IPCZMQ_API deferred_state {
 public:
  deferred_state();
  ~deferred_state();
  void attach(std::shared_ptr<responder> r);
  bool resolve(const packed& v);
  bool reject(std::exception_ptr e);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace detail

/// The answer of a handler that is completed later, from any thread: return it from the handler,
/// keep a copy, and call resolve or reject once (later ones are ignored). When the last copy goes
/// unanswered, the caller gets error(no_reply). Thread-safe.
template <class T = value>
class deferred {
 public:
  deferred() : state_(std::make_shared<detail::deferred_state>()) {}

  /// False when it was completed before.
  template <class V>
  bool resolve(const V& v) const {
    static_assert(!std::is_void_v<T>, "deferred<void>::resolve() takes nothing");
    detail::pack_lease p;
    if constexpr (std::is_same_v<T, value>) {
      detail::pack_one(*p, v);
    } else {
      detail::pack_one(*p, static_cast<const T&>(v));
    }
    return state_->resolve(*p);
  }
  bool resolve() const {
    detail::pack_lease p;
    detail::pack_one(*p, nullptr);
    return state_->resolve(*p);
  }
  bool reject(std::exception_ptr e) const { return state_->reject(std::move(e)); }
  bool reject(const std::string& message) const {
    return state_->reject(std::make_exception_ptr(remote_error("Error", message)));
  }
  template <class E>
  requires std::is_base_of_v<std::exception, E>
  bool reject(const E& e) const { return state_->reject(std::make_exception_ptr(e)); }

  [[nodiscard]] const std::shared_ptr<detail::deferred_state>& state() const noexcept {
    return state_;
  }

 private:
  std::shared_ptr<detail::deferred_state> state_;
};

}  // namespace ipczmq
