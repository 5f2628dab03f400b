// SPDX-License-Identifier: MIT
#include "callbacks.hpp"

namespace ipczmq::python {

namespace {

// Destroyed without the interpreter's lock, which a callback that still runs may want.
event_pointer make_event(const event& e, std::optional<deferred<value>> answer) {
  return {new event_handle(e, std::move(answer)), [](event_handle* h) {
            if (PyGILState_Check() != 0) {
              unlocked([h] { delete h; });
            } else {
              delete h;
            }
          }};
}

void call(const shared_object& callable, const event& e, const args& a,
          std::optional<deferred<value>> answer) {
  call_python([&] {
    const py::object handed = py::cast(make_event(e, std::move(answer)));
    callable.get()(handed, std::make_shared<received>(e, a));
  });
}

void set_return(const event_handle& h, const py::bytes& packed, const py::list& buffers) {
  const payload p(packed, buffers);
  unlocked([&] {
    if (h.answer) {
      h.answer->resolve(value_view(p.bytes(), p.buffers()));
    } else {
      h.the_event.return_value.set_raw(p.bytes(), p.buffers());
    }
  });
}

bool fail(const event_handle& h, const py::object& exception) {
  const std::exception_ptr e = to_cpp(exception);
  return unlocked([&] { return h.the_event.fail(e); });
}

void on_cancel(event_handle& h, const py::object& callable) {
  h.on_cancel = shared_object(callable);
  const std::function<void()> tell = [c = h.on_cancel] {
    const interpreter_entry entry;
    if (!entry) return;
    try {
      c.get()();
    } catch (py::error_already_set& e) {
      e.discard_as_unraisable("ipczmq: on_cancel");
    } catch (abi::__forced_unwind&) {
      wait_for_the_end();
    }
  };
  unlocked([&] {
    h.watching =
        std::make_unique<std::stop_callback<std::function<void()>>>(h.the_event.stop_token(), tell);
  });
}

}  // namespace

std::function<void(event&, args)> as_listener(const py::object& callable) {
  return [c = shared_object(callable)](event& e, args a) { call(c, e, a, std::nullopt); };
}

std::function<deferred<value>(event&, args)> as_handler(const py::object& callable) {
  return [c = shared_object(callable)](event& e, args a) {
    deferred<value> answer;
    call(c, e, a, answer);
    return answer;
  };
}

void bind_event(py::module_& m) {
  py::class_<event_handle, event_pointer>(m, "Event")
      .def_property_readonly("channel",
                             [](const event_handle& h) { return std::string(h.the_event.channel); })
      .def_property_readonly("sender", [](const event_handle& h) { return h.the_event.sender; })
      .def_property_readonly("is_call", [](const event_handle& h) { return h.the_event.is_call(); })
      .def_property_readonly("cancelled",
                             [](const event_handle& h) { return h.the_event.cancelled(); })
      .def("set_return", &set_return)
      .def("fail", &fail)
      .def("on_cancel", &on_cancel);
}

}  // namespace ipczmq::python
