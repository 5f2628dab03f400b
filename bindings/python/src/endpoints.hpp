// SPDX-License-Identifier: MIT
// ipc_main and ipc_renderer as Python holds them.
#pragma once

#include "callbacks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

namespace ipczmq::python {

std::chrono::milliseconds milliseconds_of(double seconds);
call_options with_deadline(const std::optional<double>& seconds);

// An endpoint, and what Python needs to wait on it with an ear for signals.
template <class E>
struct endpoint_handle {
  E endpoint;
  std::atomic<bool> stopping{false};

  template <class... A>
  explicit endpoint_handle(A&&... a) : endpoint(std::forward<A>(a)...) {}
};

// Destroying one waits for its linger and joins its thread: never with the interpreter's lock.
template <class E, class O>
std::shared_ptr<endpoint_handle<E>> make_endpoint(O options) {
  auto made = unlocked([&] { return std::make_unique<endpoint_handle<E>>(std::move(options)); });
  return {made.release(), [](endpoint_handle<E>* h) {
            if (Py_IsInitialized() != 0 && PyGILState_Check() != 0) {
              unlocked([h] { delete h; });
            } else {
              delete h;
            }
          }};
}

using call_handle = call<value>;

// The policy of that name, of those that options.hpp lists.
template <class Policy, class Names>
Policy policy_from(const std::string& option, const py::handle& v, const Names& names) {
  const auto text = v.cast<std::string>();
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (text == names[i]) return static_cast<Policy>(i);
    known.append(i == 0 ? "" : ", ").append(names[i]);
  }
  throw py::value_error(option + ": \"" + text + "\" is none of " + known);
}

// The options of queues, which both roles have; false for another name.
template <class O>
bool set_queues(O& o, const std::string& name, const py::handle& v) {
  if (name == "queue_bytes") {
    o.queue_bytes = v.cast<std::size_t>();
  } else if (name == "queue_messages") {
    o.queue_messages = v.cast<std::size_t>();
  } else if (name == "block_for") {
    o.block_for = milliseconds_of(v.cast<double>());
  } else if (name == "overflow") {
    o.overflow = policy_from<overflow_policy>(name, v, overflow_policy_names);
  } else {
    return false;
  }
  return true;
}

void bind_emitters(py::module_& m);
void bind_peers(py::module_& m);
void bind_main(py::module_& m);
void bind_renderer(py::module_& m);

template <class E>
void run(endpoint_handle<E>& h) {
  if (!on_signal_thread()) {
    interruptible here;
    unlocked([&] { h.endpoint.run(); });
    here.check();
    return;
  }
  interruptible here;
  for (bool first = true;; first = false) {
    if (h.stopping.exchange(false)) {
      unlocked([&] { h.endpoint.run(); });  // uses up the request to stop, at once
      return;
    }
    if (!first && unlocked([&] { return h.endpoint.is_closed(); })) return;
    unlocked([&] { h.endpoint.poll(slice); });
    here.check();
    check_signals();
  }
}

template <class E>
void stop(endpoint_handle<E>& h) {
  h.stopping = true;
  unlocked([&] { h.endpoint.stop(); });
}

template <class E>
std::size_t poll(endpoint_handle<E>& h, double wait) {
  interruptible here;
  const auto until = std::chrono::steady_clock::now() + milliseconds_of(wait);
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const auto now =
        std::max(std::chrono::milliseconds(0), on_signal_thread() ? std::min(left, slice) : left);
    const std::size_t n = unlocked([&] { return h.endpoint.poll(now); });
    here.check();
    check_signals();
    if (n != 0 || now >= left) return n;
  }
}

template <class E>
py::tuple drain(endpoint_handle<E>& h, double within) {
  const auto until = std::chrono::steady_clock::now() + milliseconds_of(within);
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const auto now =
        std::max(std::chrono::milliseconds(0), on_signal_thread() ? std::min(left, slice) : left);
    const drain_result r = unlocked([&] { return h.endpoint.drain(now); });
    check_signals();
    if (r.complete || now >= left) return py::make_tuple(r.complete, r.unacknowledged);
  }
}

// What both roles have.
template <class E, class C>
void bind_endpoint(C& c) {
  using handle = endpoint_handle<E>;
  c.def("run", &run<E>)
      .def("stop", &stop<E>)
      .def("start", [](handle& h) { unlocked([&] { h.endpoint.start(); }); })
      .def("poll", &poll<E>)
      .def("fd", [](handle& h) { return unlocked([&] { return h.endpoint.fd(); }); })
      .def("drain", &drain<E>)
      .def("close", [](handle& h) { unlocked([&] { h.endpoint.close(); }); })
      .def("is_closed", [](handle& h) { return unlocked([&] { return h.endpoint.is_closed(); }); })
      .def("identity", [](const handle& h) { return h.endpoint.identity(); })
      .def("emitter", [](handle& h) { return static_cast<emitter&>(h.endpoint); })
      .def("on_error",
           [](handle& h, const py::object& hook) {
             error_hook told = [c = callback(hook)](const failure& f) {
               const interpreter_entry entry;
               if (entry) c(f.channel, f.peer, f.what, to_python(f.exception));
             };
             unlocked([&] { h.endpoint.on_error(std::move(told)); });
           })
      .def("statistics", [](const handle& h) {
        const statistics s = unlocked([&] { return h.endpoint.statistics(); });
        py::dict d;
        d["messages_sent"] = s.messages_sent;
        d["messages_received"] = s.messages_received;
        d["frames_sent"] = s.frames_sent;
        d["frames_received"] = s.frames_received;
        d["frames_resent"] = s.frames_resent;
        d["frames_malformed"] = s.frames_malformed;
        d["frames_duplicate"] = s.frames_duplicate;
        d["messages_unknown"] = s.messages_unknown;
        d["replies_late"] = s.replies_late;
        d["calls_expired"] = s.calls_expired;
        d["messages_lost"] = s.messages_lost;
        d["messages_dropped"] = s.messages_dropped;
        d["messages_repeated"] = s.messages_repeated;
        d["frames_left"] = s.frames_left;
        d["connections_cut"] = s.connections_cut;
        return d;
      });
}

// A log option: Python's logger.
log_callback log_to(const py::object& callable);

}  // namespace ipczmq::python
