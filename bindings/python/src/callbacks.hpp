// SPDX-License-Identifier: MIT
// Python callables as the library's listeners, handlers and hooks.
#pragma once

#include "errors.hpp"
#include "values.hpp"

#include <ipczmq/ipczmq.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace ipczmq::python {

// The event as Python holds it, with the answer of a handler.
struct event_handle {
  event the_event;
  std::optional<deferred<value>> answer;
  shared_object on_cancel{};
  // Last, so that it goes first: it waits for a callback that runs.
  std::unique_ptr<std::stop_callback<std::function<void()>>> watching{};

  event_handle(const event& e, std::optional<deferred<value>> a)
      : the_event(e), answer(std::move(a)) {}
};
using event_pointer = std::shared_ptr<event_handle>;

// Called with Python arguments made by `make`, under the interpreter's lock.
class callback {
 public:
  explicit callback(py::object callable) : callable_(std::move(callable)) {}

  template <class... A>
  void operator()(A&&... a) const {
    call_python([&] { callable_.get()(std::forward<A>(a)...); });
  }

 private:
  shared_object callable_;
};

// `callable` is called with (event, value).
std::function<void(event&, args)> as_listener(const py::object& callable);
std::function<deferred<value>(event&, args)> as_handler(const py::object& callable);

void bind_event(py::module_& m);

}  // namespace ipczmq::python
