// SPDX-License-Identifier: MIT
// Coroutines: `task<T>`, for handlers, listeners and `endpoint::spawn`. Includes nothing else of
// ours.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace ipczmq {

template <class T = void>
class task;

/// `std::stop_token token = co_await ipczmq::current_stop_token{};` inside a task: asked to stop
/// when the caller of the handler has cancelled, timed out or gone.
struct current_stop_token {};

namespace detail {

template <class A>
decltype(auto) awaiter_of(A&& a) {
  if constexpr (requires { std::forward<A>(a).operator co_await(); }) {
    return std::forward<A>(a).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<A>(a)); }) {
    return operator co_await(std::forward<A>(a));
  } else {
    return static_cast<A&&>(a);
  }
}

// Stands for another awaiter, which it holds or refers to: what gcc 12 gets from await_transform as
// a reference it copies.
template <class Awaiter>
struct passed_awaiter {
  Awaiter awaiter;
  bool await_ready() { return awaiter.await_ready(); }
  template <class P>
  auto await_suspend(std::coroutine_handle<P> h) {
    return awaiter.await_suspend(h);
  }
  decltype(auto) await_resume() { return awaiter.await_resume(); }
};

// Meeting of a task and whoever awaits it: the second to come goes on with the awaiting one.
// Without symmetric transfer, which gcc turns into recursion when it does not optimise.
class task_promise_base {
 public:
  struct at_end {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> h) const noexcept {
      task_promise_base& p = h.promise();
      if (p.met_.exchange(true, std::memory_order_acq_rel)) p.awaiting_.resume();
    }
    void await_resume() const noexcept {}
  };
  struct token_awaiter {
    std::stop_token token;
    [[nodiscard]] bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    std::stop_token await_resume() { return std::move(token); }
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  at_end final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  // What can be cancelled gets the token of this task; anything else is awaited as it is.
  template <class A>
  auto await_transform(A&& a) {
    if constexpr (std::is_same_v<std::remove_cvref_t<A>, current_stop_token>) {
      return token_awaiter{stop_};
    } else if constexpr (requires { std::forward<A>(a).await_with(stop_); }) {
      return std::forward<A>(a).await_with(stop_);
    } else {
      return passed_awaiter<decltype(awaiter_of(std::forward<A>(a)))>{
          awaiter_of(std::forward<A>(a))};
    }
  }

  void set_stop_token(std::stop_token t) noexcept { stop_ = std::move(t); }
  // Runs the task of this promise until it is complete (false) or suspended (true).
  bool start(std::coroutine_handle<> self, std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    self.resume();
    return !met_.exchange(true, std::memory_order_acq_rel);
  }

 protected:
  void rethrow() const {
    if (exception_ != nullptr) std::rethrow_exception(exception_);
  }

 private:
  std::coroutine_handle<> awaiting_;
  std::stop_token stop_;
  std::exception_ptr exception_;
  std::atomic<bool> met_{false};
};

template <class T>
class task_promise final : public task_promise_base {
 public:
  task<T> get_return_object() noexcept;
  template <class V>
  requires std::is_convertible_v<V&&, T>
  void return_value(V&& v) { value_.emplace(std::forward<V>(v)); }
  T result() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> final : public task_promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void result() const { rethrow(); }
};

}  // namespace detail

/// A coroutine that computes a T: it begins when it is awaited, and what it throws comes out there.
/// Returned from a handler, a listener, or given to `endpoint::spawn`, it is begun by the library
/// and owns its arguments. Movable, awaited once (`co_await job()`, `co_await std::move(t)`).
/// Destroying one that is suspended destroys its locals; a call that it waits for is cancelled.
template <class T>
class [[nodiscard("a task does nothing until it is awaited, returned or spawned")]] task {
  static_assert(!std::is_reference_v<T>, "ipczmq::task: return a value or a pointer");

 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  task(task && o) noexcept : handle_(std::exchange(o.handle_, nullptr)) {}
  task& operator=(task&& o) noexcept {
    if (this != &o) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(o.handle_, nullptr);
    }
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  class awaiter {
   public:
    explicit awaiter(std::coroutine_handle<promise_type> h) noexcept : handle_(h) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting) {
      return handle_.promise().start(handle_, awaiting);
    }
    T await_resume() { return handle_.promise().result(); }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  awaiter operator co_await()&& noexcept { return awaiter(handle_); }
  /// As awaited by another task, whose stop token it takes over.
  awaiter await_with(std::stop_token stop)&& noexcept {
    set_stop_token(std::move(stop));
    return awaiter(handle_);
  }
  /// For whoever begins it; before that.
  void set_stop_token(std::stop_token stop) noexcept {
    handle_.promise().set_stop_token(std::move(stop));
  }

 private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> h) noexcept : handle_(h) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

// A coroutine that begins at once and belongs to nobody: what it awaits must go on, or be
// destroyed.
struct detached {
  struct promise_type {
    detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace detail

}  // namespace ipczmq
