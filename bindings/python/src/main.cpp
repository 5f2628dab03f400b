// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include <pybind11/stl.h>

#include <string_view>

namespace ipczmq::python {

namespace {

using handle = endpoint_handle<ipc_main>;

// A keyword that no option has is a mistake of the caller's, and told.
main_options options_from(const py::dict& given) {
  main_options o;
  for (const auto& [key, v] : given) {
    const auto name = key.cast<std::string>();
    const auto time = [&v = v] { return milliseconds_of(v.cast<double>()); };
    if (name == "endpoints") {
      o.endpoints = v.cast<std::vector<std::string>>();
    } else if (name == "identity") {
      o.identity = v.cast<std::string>();
    } else if (name == "insecure") {
      o.insecure = v.cast<bool>();
    } else if (name == "duplicates") {
      o.duplicates = policy_from<duplicate_policy>(name, v, duplicate_policy_names);
    } else if (name == "ping_interval") {
      o.ping_interval = time();
    } else if (name == "ping_timeout") {
      o.ping_timeout = time();
    } else if (name == "unresponsive_after") {
      o.unresponsive_after = time();
    } else if (name == "resume_for") {
      o.resume_for = time();
    } else if (name == "linger") {
      o.linger = time();
    } else if (name == "call_deadline") {
      o.call_deadline = time();
    } else if (set_queues(o, name, v)) {
      continue;
    } else if (name == "total_queue_bytes") {
      o.total_queue_bytes = v.cast<std::size_t>();
    } else if (name == "total_inbox_bytes") {
      o.total_inbox_bytes = v.cast<std::size_t>();
    } else if (name == "connections_max") {
      o.connections_max = v.cast<std::size_t>();
    } else if (name == "part_bytes") {
      o.limits.part_bytes = v.cast<std::size_t>();
    } else if (name == "depth") {
      o.limits.depth = v.cast<std::uint32_t>();
    } else if (name == "log") {
      o.log = log_to(py::reinterpret_borrow<py::object>(v));
    } else {
      throw py::type_error("IpcMain has no option '" + name + "'");
    }
  }
  return o;
}

template <bool Subscribers>
std::size_t send_to_many(handle& h, const std::string& channel, const py::bytes& packed,
                         const py::list& buffers) {
  const payload p(packed, buffers);
  return unlocked([&] {
    return Subscribers ? h.endpoint.publish_raw(channel, p.bytes(), p.buffers())
                       : h.endpoint.broadcast_raw(channel, p.bytes(), p.buffers());
  });
}

// `hook` is called with (what, contents, reason, message, count, lost).
void set_hooks(handle& h, const py::object& hook) {
  const callback tell(hook);
  const auto about = [tell](const char* what) {
    return [tell, what](web_contents w) {
      const interpreter_entry entry;
      if (entry) tell(what, w, "", "", 0, undelivered());
    };
  };
  unlocked([&] {
    ipc_main& m = h.endpoint;
    m.on_web_contents_created(about("web_contents_created"));
    m.on_render_process_gone([tell](web_contents w, const gone_details& d) {
      const interpreter_entry entry;
      if (entry)
        tell("render_process_gone", w, std::string(to_string(d.reason)), d.message,
             d.unacknowledged, d.lost);
    });
    m.on_destroyed(about("destroyed"));
    m.on_unresponsive(about("unresponsive"));
    m.on_responsive(about("responsive"));
    m.on_drain(about("drain"));
    m.on_recovered([tell](web_contents w, const recovery_details&) {
      const interpreter_entry entry;
      if (entry) tell("recovered", w, "", "", 0, undelivered());
    });
    m.on_overflow([tell](web_contents w, std::size_t dropped) {
      const interpreter_entry entry;
      if (entry) tell("overflow", w, "", "", dropped, undelivered());
    });
  });
}

}  // namespace

void bind_main(py::module_& m) {
  py::class_<handle, std::shared_ptr<handle>> c(m, "Main");
  c.def(py::init(
      [](const py::dict& options) { return make_endpoint<ipc_main>(options_from(options)); }));
  bind_endpoint<ipc_main>(c);
  c.def("endpoints", [](const handle& h) { return h.endpoint.endpoints(); })
      .def("broadcast", &send_to_many<false>)
      .def("publish", &send_to_many<true>)
      .def("web_contents",
           [](const handle& h) { return unlocked([&] { return h.endpoint.web_contents(); }); })
      .def("from_id",
           [](const handle& h, std::uint64_t id) {
             return unlocked([&] { return h.endpoint.from_id(id); });
           })
      .def("from_identity",
           [](const handle& h, const std::string& name) {
             return unlocked([&] { return h.endpoint.from_identity(name); });
           })
      .def("set_hooks", &set_hooks);
}

}  // namespace ipczmq::python
