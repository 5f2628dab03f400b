// SPDX-License-Identifier: MIT
// From a user's callable to the type-erased forms that dispatch calls.
#pragma once

#include <ipczmq/deferred.hpp>
#include <ipczmq/detail/coroutine.hpp>
#include <ipczmq/detail/keep_captures.hpp>
#include <ipczmq/event.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ipczmq::detail {

using listener_fn = std::function<void(event&, const args&)>;
// Answers `r` itself, now or later.
using handler_fn = std::function<void(event&, const args&, const std::shared_ptr<responder>& r)>;

template <class... P>
struct parameters {};

// R and the parameters of a callable with exactly one signature; anything else has no member.
template <class F>
struct signature {};
template <class R, class... P>
struct signature<R(P...)> {
  using result = R;
  using list = parameters<P...>;
};
template <class R, class... P>
struct signature<R(P...) noexcept> : signature<R(P...)> {};
template <class F>
requires std::is_pointer_v<F>
struct signature<F> : signature<std::remove_pointer_t<F>> {
};
template <class R, class C, class... P>
struct signature<R (C::*)(P...)> : signature<R(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const> : signature<R(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) noexcept> : signature<R(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const noexcept> : signature<R(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...)&> : signature<R(P...)> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const&> : signature<R(P...)> {};
template <class F>
requires requires { &F::operator(); }
struct signature<F> : signature<decltype(&F::operator())> {};

template <class F>
concept has_signature = requires {
  typename signature<F>::list;
};

template <class P>
inline constexpr bool is_event =
    std::is_same_v<std::remove_cvref_t<P>, event> && !std::is_rvalue_reference_v<P>;

template <class P>
using stored = std::remove_cvref_t<P>;

template <class... P, std::size_t... I>
std::tuple<stored<P>...> convert_all(const event& e, const args& a, parameters<P...>,
                                     std::index_sequence<I...>) {
  [[maybe_unused]] args_reader next(a);
  // Braces: converted from left to right, so that the first bad argument is the one that is named.
  return std::tuple<stored<P>...>{[&] {
    const argument_place place{e.channel, I, a.size()};
    return convert<stored<P>>(next(), &place);
  }()...};
}

template <class F, class Event, class... P>
decltype(auto) call_converted(F& f, event& e, const args& a, parameters<Event, P...>) {
  static_assert(is_event<Event>,
                "ipczmq: the first parameter of a listener or handler is ipczmq::event&");
  if constexpr (sizeof...(P) == 1 && (std::is_same_v<stored<P>, args> && ...)) {
    return f(e, a);
  } else {
    static_assert((!std::is_same_v<stored<P>, args> && ...),
                  "ipczmq::args takes all arguments: it stands alone after event&");
    auto values = convert_all(e, a, parameters<P...>{}, std::index_sequence_for<P...>{});
    return std::apply([&](auto&... v) -> decltype(auto) { return f(e, static_cast<P&&>(v)...); },
                      values);
  }
}
template <class F>
decltype(auto) call_converted(F& f, event&, const args&, parameters<>) {
  return f();
}

template <class F>
constexpr void check_signature() {
  static_assert(has_signature<F>,
                "ipczmq: a listener or handler needs one signature to convert the arguments to. "
                "Write the parameter types, "
                "[](ipczmq::event& event, std::string text) {…}, or take them unconverted: "
                "[](ipczmq::event& event, ipczmq::args args) {…}");
}

// An empty std::function or null pointer: refused when it is registered.
template <class F>
bool is_empty_callable(const F& f) {
  if constexpr (std::is_pointer_v<F> ||
                (std::is_constructible_v<F, std::nullptr_t> && requires { !f; })) {
    return !f;
  } else {
    return false;
  }
}

// A callable inside of a std::function, which wants a copyable one.
template <class F>
struct held_callable {
  F f;
  F& get() { return f; }
};
template <class F>
requires(!std::is_copy_constructible_v<F>) struct held_callable<F> {
  explicit held_callable(F&& f) : shared(std::make_shared<F>(std::move(f))) {}
  std::shared_ptr<F> shared;
  F& get() { return *shared; }
};

template <class P>
struct kept_values;
template <class... P>
struct kept_values<parameters<P...>> {
  using type = std::tuple<>;
};
template <class Event, class... P>
requires(!(std::is_same_v<stored<P>, args> && ...)) struct kept_values<parameters<Event, P...>> {
  using type = std::tuple<stored<P>...>;
};

// All that a coroutine refers to while it is suspended: its callable, its event, and its arguments,
// whose bytes the event keeps.
template <class F>
struct coroutine_turn {
  coroutine_turn(std::shared_ptr<F> callable, const event& e, const args& a)
      : f(std::move(callable)), ev(e), raw(a) {}

  decltype(auto) call() { return call(typename signature<F>::list{}); }

  std::shared_ptr<F> f;
  event ev;
  args raw;
  std::optional<typename kept_values<typename signature<F>::list>::type> values;

 private:
  decltype(auto) call(parameters<>) { return (*f)(); }
  template <class Event, class... P>
  decltype(auto) call(parameters<Event, P...>) {
    static_assert(is_event<Event>,
                  "ipczmq: the first parameter of a listener or handler is ipczmq::event&");
    if constexpr (sizeof...(P) == 1 && (std::is_same_v<stored<P>, args> && ...)) {
      return (*f)(ev, raw);
    } else {
      static_assert((!std::is_same_v<stored<P>, args> && ...),
                    "ipczmq::args takes all arguments: it stands alone after event&");
      values.emplace(convert_all(ev, raw, parameters<P...>{}, std::index_sequence_for<P...>{}));
      return std::apply(
          [&](auto&... v) -> decltype(auto) { return (*f)(ev, static_cast<P&&>(v)...); }, *values);
    }
  }
};

template <class R, class D>
listener_fn make_coroutine_listener(D f) {
  keep_captures(f);
  return [f = std::make_shared<D>(std::move(f))](event& e, const args& a) {
    auto turn = std::make_shared<coroutine_turn<D>>(f, e, a);
    const event* ev = &turn->ev;
    R coroutine = turn->call();
    coroutine_kind<R>::begin(listener_done{std::move(turn), ev}, std::move(coroutine),
                             e.stop_token());
  };
}

template <class R, class D>
handler_fn make_coroutine_handler(D f) {
  keep_captures(f);
  return [f = std::make_shared<D>(std::move(f))](event& e, const args& a,
                                                 const std::shared_ptr<responder>& r) {
    auto turn = std::make_shared<coroutine_turn<D>>(f, e, a);
    R coroutine = turn->call();
    coroutine_kind<R>::begin(handler_done{std::move(turn), r}, std::move(coroutine),
                             r->stop_token());
  };
}

template <class D>
listener_fn make_plain_listener(D f) {
  keep_captures(f);
  return [f = held_callable<D>{std::move(f)}](event& e, const args& a) mutable {
    call_converted(f.get(), e, a, typename signature<D>::list{});
  };
}

template <class F>
listener_fn make_listener(F&& f) {
  using D = std::decay_t<F>;
  check_signature<D>();
  if constexpr (has_signature<D>) {
    if (is_empty_callable<D>(f)) return {};
    using R = std::remove_cvref_t<typename signature<D>::result>;
    if constexpr (is_coroutine<R>) {
      return make_coroutine_listener<R, D>(std::forward<F>(f));
    } else {
      return make_plain_listener<D>(std::forward<F>(f));
    }
  } else {
    return {};
  }
}

template <class T>
struct is_deferred : std::false_type {};
template <class T>
struct is_deferred<deferred<T>> : std::true_type {};

template <class D>
handler_fn make_plain_handler(D f) {
  keep_captures(f);
  return [f = held_callable<D>{std::move(f)}](event& e, const args& a,
                                              const std::shared_ptr<responder>& r) mutable {
    using R = std::remove_cvref_t<typename signature<D>::result>;
    using list = typename signature<D>::list;
    if constexpr (std::is_void_v<R>) {
      call_converted(f.get(), e, a, list{});
      pack_lease p;
      pack_one(*p, nullptr);
      r->answer(*p);
    } else if constexpr (is_deferred<R>::value) {
      call_converted(f.get(), e, a, list{}).state()->attach(r);
    } else {
      const auto& result = call_converted(f.get(), e, a, list{});
      pack_lease p;
      pack_one(*p, result);
      r->answer(*p);
    }
  };
}

template <class F>
handler_fn make_handler(F&& f) {
  using D = std::decay_t<F>;
  check_signature<D>();
  if constexpr (has_signature<D>) {
    if (is_empty_callable<D>(f)) return {};
    using R = std::remove_cvref_t<typename signature<D>::result>;
    if constexpr (is_coroutine<R>) {
      return make_coroutine_handler<R, D>(std::forward<F>(f));
    } else {
      return make_plain_handler<D>(std::forward<F>(f));
    }
  } else {
    return {};
  }
}

}  // namespace ipczmq::detail
