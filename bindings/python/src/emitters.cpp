// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include <pybind11/stl.h>

#include <optional>
#include <string>

namespace ipczmq::python {

namespace {

// Listeners that go may hold Python objects, whose end may run any code: without the lock.
std::uint64_t add(emitter& e, const std::string& channel, const py::object& callable, bool once,
                  bool prepend) {
  auto f = as_listener(callable);
  return unlocked([&] {
    if (once)
      return (prepend ? e.prepend_once_listener(channel, std::move(f))
                      : e.once(channel, std::move(f)))
          .id();
    return (prepend ? e.prepend_listener(channel, std::move(f)) : e.on(channel, std::move(f))).id();
  });
}

void handle(emitter& e, const std::string& channel, const py::object& callable, bool once) {
  auto f = as_handler(callable);
  unlocked([&] { once ? e.handle_once(channel, std::move(f)) : e.handle(channel, std::move(f)); });
}

void remove_all(emitter& e, const std::optional<std::string>& channel) {
  unlocked([&] { channel ? e.remove_all_listeners(*channel) : e.remove_all_listeners(); });
}

bool emit(emitter& e, const std::string& channel, const py::bytes& packed,
          const py::list& buffers) {
  const payload p(packed, buffers);
  interruptible here;
  const bool heard = unlocked([&] { return e.emit_raw(channel, p.bytes(), p.buffers()); });
  here.check();
  return heard;
}

}  // namespace

// A handle that shares its endpoint's tables, and may outlive it.
void bind_emitters(py::module_& m) {
  py::class_<emitter>(m, "Emitter")
      .def("add", &add)
      .def("add_any",
           [](emitter& e, const py::object& callable) {
             auto f = as_listener(callable);
             return unlocked([&] { return e.on_any(std::move(f)).id(); });
           })
      .def("off",
           [](emitter& e, std::uint64_t id) {
             return unlocked([&] { return e.off(listener({}, id)); });
           })
      .def("remove_all", &remove_all)
      .def("listener_count",
           [](const emitter& e, const std::string& channel) {
             return unlocked([&] { return e.listener_count(channel); });
           })
      .def("event_names",
           [](const emitter& e) { return unlocked([&] { return e.event_names(); }); })
      .def("set_max_listeners",
           [](emitter& e, std::size_t n) { unlocked([&] { e.set_max_listeners(n); }); })
      .def("get_max_listeners",
           [](const emitter& e) { return unlocked([&] { return e.get_max_listeners(); }); })
      .def("emit", &emit)
      .def("handle", &handle)
      .def("remove_handler",
           [](emitter& e, const std::string& channel) {
             unlocked([&] { e.remove_handler(channel); });
           })
      .def("has_handler", [](const emitter& e, const std::string& channel) {
        return unlocked([&] { return e.has_handler(channel); });
      });
}

}  // namespace ipczmq::python
