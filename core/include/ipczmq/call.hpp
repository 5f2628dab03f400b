// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/convert.hpp>
#include <ipczmq/detail/keep_captures.hpp>
#include <ipczmq/options.hpp>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>

namespace ipczmq {

template <class R>
class call;

namespace detail {

// One call on the side that waits for its answer. Thread-safe.
class IPCZMQ_API call_state {
 public:
  virtual ~call_state();
  // Waits, driving the endpoint if nobody else does. Throws the call's error; error(timed_out) when
  // `until` comes first (the call goes on then).
  virtual const value& wait(const std::chrono::steady_clock::time_point* until) = 0;
  [[nodiscard]] virtual bool ready() const = 0;
  virtual void cancel() = 0;
  // `f` runs once, on the dispatch thread, when the call is complete; when the endpoint is closed
  // first, then. Throwing from it reports to the error hook.
  virtual void then(std::function<void()> f) = 0;
  [[nodiscard]] virtual std::string_view channel_name() const noexcept = 0;
  // For coroutines: the same. False when there is nothing to wait for: the call is complete, and
  // this is the dispatch thread or the last chance.
  virtual bool suspend(std::function<void()> f) = 0;
};

// One `co_await` of a call. Destroyed while it waits, it forgets the coroutine, and `owner` cancels
// the call, for nobody else can know its answer.
template <class R>
class call_awaiter {
 public:
  call_awaiter(const call<R>& c, bool owner, std::stop_token stop)
      : call_(c), state_(c.shared_state()), owner_(owner), stop_(std::move(stop)) {}
  call_awaiter(const call_awaiter&) = delete;
  call_awaiter& operator=(const call_awaiter&) = delete;
  ~call_awaiter() {
    on_stop_.reset();
    if (waiting_ != nullptr && waiting_->exchange(nullptr) != nullptr && owner_) state_->cancel();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> h) {
    waiting_ = std::make_shared<std::atomic<void*>>(h.address());
    if (stop_.stop_possible()) on_stop_.emplace(stop_, canceller{state_});
    // From here on another thread may resume, and this be gone.
    return state_->suspend([w = waiting_] {
      if (void* suspended = w->exchange(nullptr))
        std::coroutine_handle<>::from_address(suspended).resume();
    });
  }
  R await_resume() {
    on_stop_.reset();
    waiting_ = nullptr;
    return call_.get();
  }

 private:
  struct canceller {
    std::shared_ptr<call_state> call;
    void operator()() const { call->cancel(); }
  };
  call<R> call_;
  std::shared_ptr<call_state> state_;
  bool owner_;
  std::stop_token stop_;
  std::shared_ptr<std::atomic<void*>> waiting_;
  std::optional<std::stop_callback<canceller>> on_stop_;
};

}  // namespace detail

/// The answer to come of an `invoke`. Copies share it; destroying all of them detaches, the call
/// goes on. Thread-safe. One that is empty, or was moved from, throws error(bad_arguments).
///
/// `co_await` it in a coroutine of any kind: it goes on on the dispatch thread, with the result or
/// the error that get() gives. In an `ipczmq::task` it is cancelled when the task is asked to stop.
/// When the endpoint closes, the coroutine goes on with error(closed), on the thread that
/// dispatches, or else on the one that closes. Destroying a coroutine that waits in `co_await
/// x.invoke(…)` cancels the call; of a call that has a name, it detaches.
template <class R>
class [[nodiscard("destroying a call detaches it; keep it, or cast to void")]] call {
 public:
  call() = default;
  explicit call(std::shared_ptr<detail::call_state> state) : state_(std::move(state)) {}

  /// Waits for the answer. Runs no listeners, and works inside one. Throws remote_error (the
  /// handler threw, no handler) or error (timed_out, cancelled, disconnected, peer_gone,
  /// main_restarted, closed; bad_arguments when the answer is not an R). May be called again.
  R get() const { return result(state().wait(nullptr)); }

  /// The same, but throws error(timed_out) after `d`. The call itself goes on, and get() may be
  /// tried again.
  template <class Rep, class Period>
  R get_for(std::chrono::duration<Rep, Period> d) const {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::ceil<std::chrono::steady_clock::duration>(d);
    return result(state().wait(&until));
  }

  /// Whether get() would return, or throw, at once.
  [[nodiscard]] bool ready() const { return state().ready(); }

  /// Tells the other side to stop, and completes with error(cancelled). No effect on a call that is
  /// complete.
  void cancel() const { state().cancel(); }

  /// Calls back on the dispatch thread (in run(), start()'s thread or poll()). `f` takes the result
  /// (nothing for call<void>), and errors go to `on_error`; or it takes the call itself, whose
  /// get() then returns or throws at once.
  ///
  /// It is called exactly once. When the endpoint closes first, or is closed already, with
  /// error(closed) unless the answer was there: on the thread that dispatches, at the end of its
  /// turn, or else on the one that closes (or that calls then()). What it refers to has to live as
  /// long.
  template <class F>
  void then(F f) const {
    detail::keep_captures(f);
    state().then([c = *this, f = std::move(f)]() mutable {
      if constexpr (takes_result<F>()) {
        c.pass_to(f);
      } else {
        static_assert(std::is_invocable_v<F&, call>,
                      "then() takes a callable of the result, or of the call");
        f(c);
      }
    });
  }
  /// The same with a second callable, for the error: it takes a std::exception_ptr or a const
  /// std::exception&.
  template <class F, class E>
  void then(F f, E on_failure) const {
    detail::keep_captures(f);
    detail::keep_captures(on_failure);
    state().then([c = *this, f = std::move(f), on_failure = std::move(on_failure)]() mutable {
      try {
        (void)c.get();
      } catch (const std::exception& e) {
        if constexpr (std::is_invocable_v<E&, std::exception_ptr>) {
          on_failure(std::current_exception());
        } else {
          on_failure(e);
        }
        return;
      }
      c.pass_to(f);
    });
  }

  detail::call_awaiter<R> operator co_await() const& {
    return detail::call_awaiter<R>(*this, false, {});
  }
  detail::call_awaiter<R> operator co_await()&& { return detail::call_awaiter<R>(*this, true, {}); }
  /// As awaited by a task with this stop token.
  [[nodiscard]] detail::call_awaiter<R> await_with(std::stop_token stop) const& {
    return detail::call_awaiter<R>(*this, false, std::move(stop));
  }
  [[nodiscard]] detail::call_awaiter<R> await_with(std::stop_token stop)&& {
    return detail::call_awaiter<R>(*this, true, std::move(stop));
  }

  /// For adapters.
  [[nodiscard]] const std::shared_ptr<detail::call_state>& shared_state() const {
    (void)state();  // throws when it is empty
    return state_;
  }

 private:
  template <class F>
  static constexpr bool takes_result() {
    if constexpr (std::is_void_v<R>) {
      return std::is_invocable_v<F&>;
    } else {
      return std::is_invocable_v<F&, R>;
    }
  }
  template <class F>
  void pass_to(F & f) const {
    if constexpr (std::is_void_v<R>) {
      get();
      f();
    } else {
      f(get());
    }
  }
  [[nodiscard]] detail::call_state& state() const {
    if (state_ == nullptr)
      throw error(errc::bad_arguments,
                  "this call is empty: it was not made by invoke, or moved from");
    return *state_;
  }
  R result(const value& v) const {
    if constexpr (std::is_void_v<R>) {
      return;
    } else if constexpr (std::is_same_v<R, value>) {
      return v;
    } else {
      const detail::argument_place place{state_->channel_name(), detail::argument_place::answer};
      return detail::convert<R>(value_view(v.bytes(), v.attachments()), &place);
    }
  }

  std::shared_ptr<detail::call_state> state_;
};

}  // namespace ipczmq
