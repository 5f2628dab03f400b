// SPDX-License-Identifier: MIT
// Dispatching an endpoint in an asio io_context, and awaiting calls by completion tokens. Needs
// asio, which ipczmq itself does not: the standalone one, or Boost's when that was included before,
// when it is the only one there is, or when IPCZMQ_USE_BOOST_ASIO is defined.
#pragma once

#include <ipczmq/call.hpp>
#include <ipczmq/detail/coroutine.hpp>
#include <ipczmq/endpoint.hpp>
#include <ipczmq/error.hpp>

#if !defined(IPCZMQ_USE_BOOST_ASIO) && !defined(ASIO_VERSION)
#if defined(BOOST_ASIO_VERSION) || !__has_include(<asio/version.hpp>)
#define IPCZMQ_USE_BOOST_ASIO
#endif
#endif

#ifdef IPCZMQ_USE_BOOST_ASIO
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/version.hpp>
#ifdef BOOST_ASIO_HAS_CO_AWAIT
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#define IPCZMQ_ASIO_AWAITABLE
#endif
#if BOOST_ASIO_VERSION >= 101900
#define IPCZMQ_ASIO_CANCELLATION
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#endif
#else
#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/version.hpp>
#ifdef ASIO_HAS_CO_AWAIT
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#define IPCZMQ_ASIO_AWAITABLE
#endif
#if ASIO_VERSION >= 101900
#define IPCZMQ_ASIO_CANCELLATION
#include <asio/associated_cancellation_slot.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#endif
#endif

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace ipczmq {

// Two namespaces, since a program may use both asios in different files.
#ifdef IPCZMQ_USE_BOOST_ASIO
namespace net = ::boost::asio;  // NOLINT(misc-unused-alias-decls)
inline namespace with_boost_asio {
using asio_error_code = ::boost::system::error_code;
#else
namespace net = ::asio;  // NOLINT(misc-unused-alias-decls)
inline namespace with_asio {
using asio_error_code = ::std::error_code;
#endif

namespace asio_detail {

// The executor whose adapter dispatches on this thread now, or null.
inline const net::any_io_executor*& dispatching_in() noexcept {
  static thread_local const net::any_io_executor* executor = nullptr;
  return executor;
}

struct loop_state : std::enable_shared_from_this<loop_state> {
  loop_state(const net::any_io_executor& ex, endpoint& e)
      : executor(ex), handle(e), descriptor(ex, handle.fd()) {}
  ~loop_state() { stop(); }
  loop_state(const loop_state&) = delete;
  loop_state& operator=(const loop_state&) = delete;

  void stop() {
    // Not closed: the descriptor is the endpoint's.
    if (descriptor.is_open()) descriptor.release();
  }
  void wait() {
    descriptor.async_wait(net::posix::descriptor_base::wait_read,
                          [weak = weak_from_this()](const asio_error_code& failed) {
                            const auto self = weak.lock();
                            if (self == nullptr || failed) return;
                            if (!self->descriptor.is_open()) return;
                            self->poll();
                          });
  }
  void poll() {
    auto*& now = dispatching_in();
    const struct restore {
      const net::any_io_executor*& now;
      const net::any_io_executor* before;
      ~restore() { now = before; }
    } r{now, std::exchange(now, &executor)};
    if (!handle.poll()) stop();
    if (descriptor.is_open()) wait();
  }

  const net::any_io_executor executor;
  loop_handle handle;
  net::posix::stream_descriptor descriptor;
};

template <class R>
struct completion {
  using signature = void(std::exception_ptr, R);
  static_assert(
      std::is_default_constructible_v<R>,
      "ipczmq::async_get passes an R beside the error, so it must be default-constructible");
};
template <>
struct completion<void> {
  using signature = void(std::exception_ptr);
};

// One async_get under way: completes its handler once, on the handler's executor.
template <class R, class Handler>
class pending_get : public std::enable_shared_from_this<pending_get<R, Handler>> {
 public:
  pending_get(call<R> c, Handler h)
      : call_(std::move(c)),
        handler_(std::move(h)),
        work_(net::get_associated_executor(*handler_)) {}

  void begin() {
#ifdef IPCZMQ_ASIO_CANCELLATION
    if (auto slot = net::get_associated_cancellation_slot(*handler_); slot.is_connected())
      slot.assign([c = call_](net::cancellation_type type) {
        if (type != net::cancellation_type::none) c.cancel();
      });
#endif
    const auto self = this->shared_from_this();
    if (!call_.shared_state()->suspend([self] { self->complete(false); })) complete(true);
  }

 private:
  // `later`: not from inside the function that began it.
  void complete(bool later) {
    const auto executor = work_.get_executor();
    auto finish = [self = this->shared_from_this()] { self->finish(); };
    if (later) {
      net::post(executor, std::move(finish));
    } else {
      net::dispatch(executor, std::move(finish));
    }
  }
  void finish() {
    Handler h = std::move(*handler_);
    handler_.reset();
#ifdef IPCZMQ_ASIO_CANCELLATION
    if (auto slot = net::get_associated_cancellation_slot(h); slot.is_connected()) slot.clear();
#endif
    const auto work = std::move(work_);
    if constexpr (std::is_void_v<R>) {
      std::exception_ptr failed;
      try {
        call_.get();
      } catch (...) {
        failed = std::current_exception();
      }
      std::move(h)(failed);
    } else {
      std::exception_ptr failed;
      R result{};
      try {
        result = call_.get();
      } catch (...) {
        failed = std::current_exception();
      }
      std::move(h)(failed, std::move(result));
    }
  }

  call<R> call_;
  std::optional<Handler> handler_;
  net::executor_work_guard<net::associated_executor_t<Handler>> work_;
};

}  // namespace asio_detail

/// Dispatches one endpoint in an io_context: its listeners, handlers and continuations run there.
/// Sleeps until there is something to do. Several in one io_context are fine, and so are several
/// threads in it (one of them dispatches at a time; for other work beside, use a strand). Either
/// may be destroyed first, the adapter or its endpoint, also inside a listener; destroy it where no
/// other thread runs its executor. It keeps io_context::run() going until it is stopped or the
/// endpoint is closed. When another thread dispatches the endpoint, io_context::run() throws
/// error(reentered).
class asio_adapter {
 public:
  /// Throws error(closed).
  asio_adapter(const net::any_io_executor& executor, endpoint& e)
      : state_(std::make_shared<asio_detail::loop_state>(executor, e)) {
    state_->wait();
  }
  template <class Context>
  requires std::derived_from<Context, net::execution_context> asio_adapter(Context& context,
                                                                           endpoint& e)
      : asio_adapter(net::any_io_executor(context.get_executor()), e) {}
  ~asio_adapter() {
    if (state_ != nullptr) state_->stop();
  }
  asio_adapter(asio_adapter&&) noexcept = default;
  asio_adapter& operator=(asio_adapter&&) = delete;

  /// Does not dispatch any more.
  void stop() { state_->stop(); }

 private:
  std::shared_ptr<asio_detail::loop_state> state_;
};

/// The answer of a call by any completion token of asio: a callback `(std::exception_ptr, R)`,
/// `use_future`, `use_awaitable`, … For `call<void>` the callback takes the std::exception_ptr
/// only. asio's own cancellation cancels the call. When the endpoint closes first it completes with
/// error(closed). Works with every way of driving the endpoint. An endpoint that another thread
/// dispatches posts to the io_context, which has to outlive it: asio may still be at work there
/// when the call's handler runs already.
template <class R, class Token>
auto async_get(call<R> c, Token&& token) {
  return net::async_initiate<Token, typename asio_detail::completion<R>::signature>(
      [](auto handler, call<R> waited) {
        using pending = asio_detail::pending_get<R, decltype(handler)>;
        std::make_shared<pending>(std::move(waited), std::move(handler))->begin();
      },
      token, std::move(c));
}

}  // inline namespace

#ifdef IPCZMQ_ASIO_AWAITABLE
namespace detail {

// Handlers and listeners that are asio's awaitables: they run in the executor of the adapter that
// dispatches them.
template <class T, class Executor>
struct coroutine_kind<net::awaitable<T, Executor>> {
  static constexpr bool known = true;

  template <class Done>
  static void begin(Done done, net::awaitable<T, Executor> a, std::stop_token stop) {
    const auto* executor = asio_detail::dispatching_in();
    if (executor == nullptr)
      throw error(errc::reentered,
                  "this handler is an asio awaitable, and needs an ipczmq::asio_adapter that "
                  "dispatches its endpoint (not run, start or poll)");
    auto finish = [done](std::exception_ptr failed, const auto&... value) {
      if (failed == nullptr) {
        try {
          done.succeed(value...);
          return;
        } catch (...) {
          failed = std::current_exception();
        }
      }
      done.fail(failed);
    };
#ifdef IPCZMQ_ASIO_CANCELLATION
    const auto canceller = std::make_shared<stopped>(*executor);
    net::co_spawn(*executor, std::move(a),
                  net::bind_cancellation_slot(
                      canceller->signal.slot(),
                      [canceller, finish](std::exception_ptr failed, const auto&... value) {
                        canceller->on_stop.reset();
                        finish(failed, value...);
                      }));
    if (stop.stop_possible()) canceller->on_stop.emplace(stop, asked{canceller});
#else
    (void)stop;
    net::co_spawn(*executor, std::move(a), finish);
#endif
  }

#ifdef IPCZMQ_ASIO_CANCELLATION
 private:
  struct stopped;
  // The signal is the executor's: a stop may be asked for on any thread.
  struct asked {
    std::weak_ptr<stopped> whom;
    void operator()() const {
      if (const auto s = whom.lock())
        net::post(s->executor, [s] { s->signal.emit(net::cancellation_type::terminal); });
    }
  };
  struct stopped {
    explicit stopped(const net::any_io_executor& e) : executor(e) {}
    const net::any_io_executor executor;
    net::cancellation_signal signal;
    std::optional<std::stop_callback<asked>> on_stop;
  };
#endif
};

}  // namespace detail
#endif

}  // namespace ipczmq
