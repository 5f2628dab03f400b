// SPDX-License-Identifier: MIT
// Handlers and listeners that are coroutines: what they refer to is kept until they are complete.
#pragma once

#include <ipczmq/event.hpp>
#include <ipczmq/task.hpp>

#include <exception>
#include <memory>
#include <stop_token>
#include <utility>

namespace ipczmq::detail {

// How a coroutine of type R that a callable has returned is begun. `begin(done, coroutine, stop)`
// calls done.succeed([value]) or done.fail(exception) once, or destroys `done`. Adapters add their
// own.
template <class R>
struct coroutine_kind {
  static constexpr bool known = false;
};

template <class T, class Done>
detached run_task(Done done, task<T> t) {
  std::exception_ptr failure;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(t);
      done.succeed();
    } else {
      T result = co_await std::move(t);
      done.succeed(result);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure != nullptr) done.fail(std::move(failure));
}

template <class T>
struct coroutine_kind<task<T>> {
  static constexpr bool known = true;
  template <class Done>
  static void begin(Done done, task<T> t, std::stop_token stop) {
    t.set_stop_token(std::move(stop));
    run_task(std::move(done), std::move(t));
  }
};

template <class R>
inline constexpr bool is_coroutine = coroutine_kind<R>::known;

// The end of a handler's coroutine. `kept` is what the coroutine refers to.
struct handler_done {
  std::shared_ptr<const void> kept;
  std::shared_ptr<responder> call;

  template <class V>
  void succeed(const V& v) const {
    pack_lease p;
    pack_one(*p, v);
    call->answer(*p);
  }
  void succeed() const { succeed(nullptr); }
  void fail(std::exception_ptr e) const { call->fail(std::move(e)); }
};

// The end of a listener's, whose event answers.
struct listener_done {
  std::shared_ptr<const void> kept;
  const event* from;

  template <class... V>
  void succeed(const V&...) const {}
  void fail(std::exception_ptr e) const { report_failure(*from, std::move(e)); }
};

}  // namespace ipczmq::detail
