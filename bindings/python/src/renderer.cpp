// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include <pybind11/stl.h>

#include <cstdio>

namespace ipczmq::python {

namespace {

using handle = endpoint_handle<ipc_renderer>;

renderer_options options_from(const py::dict& given) {
  renderer_options o;
  for (const auto& [key, v] : given) {
    const auto name = key.cast<std::string>();
    if (name == "endpoint") {
      o.endpoint = v.cast<std::string>();
    } else if (name == "identity") {
      o.identity = v.cast<std::string>();
    } else if (name == "insecure") {
      o.insecure = v.cast<bool>();
    } else if (name == "connect_within") {
      o.connect_within = milliseconds_of(v.cast<double>());
    } else if (name == "linger") {
      o.linger = milliseconds_of(v.cast<double>());
    } else if (name == "call_deadline") {
      o.call_deadline = milliseconds_of(v.cast<double>());
    } else if (set_queues(o, name, v)) {
      continue;
    } else if (name == "after_restart") {
      o.after_restart = policy_from<restart_policy>(name, v, restart_policy_names);
    } else if (name == "part_bytes") {
      o.limits.part_bytes = v.cast<std::size_t>();
    } else if (name == "depth") {
      o.limits.depth = v.cast<std::uint32_t>();
    } else if (name == "log") {
      o.log = log_to(py::reinterpret_borrow<py::object>(v));
    } else {
      throw py::type_error("IpcRenderer has no option '" + name + "'");
    }
  }
  return o;
}

// A synchronous call as a call: waiting for it is then the same as for an invoke.
call_handle start_sync(handle& h, const std::string& channel, const py::bytes& packed,
                       const py::list& buffers, const std::optional<double>& deadline) {
  const payload p(packed, buffers);
  const call_options o = with_deadline(deadline);
  return unlocked([&] { return h.endpoint.begin_sync_raw(o, channel, p.bytes(), p.buffers()); });
}

// `hook` is called with (what, code, message, count, lost, repeated).
void set_hooks(handle& h, const py::object& hook) {
  const callback tell(hook);
  const auto state = [tell](const char* what) {
    return [tell, what] {
      const interpreter_entry entry;
      if (entry) tell(what, 0, "", 0, undelivered(), 0);
    };
  };
  const auto end = [tell](const char* what) {
    return [tell, what](const disconnect_details& d) {
      const interpreter_entry entry;
      if (entry)
        tell(what, static_cast<int>(d.code), d.message, d.unacknowledged, d.lost, d.repeated);
    };
  };
  unlocked([&] {
    ipc_renderer& r = h.endpoint;
    r.on_connected(state("connected"));
    r.on_disconnected(end("disconnected"));
    r.on_recovered([tell](const recovery_details&) {
      const interpreter_entry entry;
      if (entry) tell("recovered", 0, "", 0, undelivered(), 0);
    });
    r.on_drain(state("drain"));
    r.on_overflow([tell](std::size_t dropped) {
      const interpreter_entry entry;
      if (entry) tell("overflow", 0, "", dropped, undelivered(), 0);
    });
    r.on_closed(end("closed"));
  });
}

}  // namespace

log_callback log_to(const py::object& callable) {
  return [c = shared_object(callable)](log_level level, std::string_view line) {
    const interpreter_entry entry;
    if (!entry) {
      if (level >= log_level::warning)
        std::fprintf(stderr, "ipczmq: %.*s\n", static_cast<int>(line.size()), line.data());
      return;
    }
    try {
      c.get()(static_cast<int>(level), py::str(line.data(), line.size()));
    } catch (py::error_already_set& e) {
      e.discard_as_unraisable("ipczmq: log");
    } catch (abi::__forced_unwind&) {
      wait_for_the_end();
    }
  };
}

void bind_renderer(py::module_& m) {
  py::class_<handle, std::shared_ptr<handle>> c(m, "Renderer");
  c.def(py::init(
      [](const py::dict& options) { return make_endpoint<ipc_renderer>(options_from(options)); }));
  bind_endpoint<ipc_renderer>(c);
  c.def(
       "send",
       [](handle& h, const std::string& channel, const py::bytes& packed, const py::list& buffers) {
         const payload p(packed, buffers);
         unlocked([&] { h.endpoint.send_raw(channel, p.bytes(), p.buffers()); });
       })
      .def("start_sync", &start_sync)
      .def("invoke",
           [](handle& h, const std::string& channel, const py::bytes& packed,
              const py::list& buffers, const std::optional<double>& deadline) {
             const payload p(packed, buffers);
             const call_options o = with_deadline(deadline);
             return unlocked(
                 [&] { return h.endpoint.invoke_raw(o, channel, p.bytes(), p.buffers()); });
           })
      .def("is_connected",
           [](const handle& h) { return unlocked([&] { return h.endpoint.is_connected(); }); })
      .def("writable",
           [](const handle& h) { return unlocked([&] { return h.endpoint.writable(); }); })
      .def("set_hooks", &set_hooks);
}

}  // namespace ipczmq::python
