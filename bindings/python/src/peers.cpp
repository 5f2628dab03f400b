// SPDX-License-Identifier: MIT
// Peers, and calls to them.
#include "endpoints.hpp"

#include <pybind11/stl.h>

#include <algorithm>

namespace ipczmq::python {

namespace {

py::dict describe(const peer_info& i) {
  py::dict d;
  d["pid"] = i.pid;
  d["host"] = i.host;
  d["endpoint"] = i.endpoint;
  d["library"] = i.library;
  d["authenticated_name"] = i.authenticated_name;
  d["connected"] = i.connected;
  d["messages_sent"] = i.messages_sent;
  d["messages_received"] = i.messages_received;
  d["bytes_queued"] = i.bytes_queued;
  d["messages_waiting"] = i.messages_waiting;
  return d;
}

// Waits for the answer, or for `timeout` seconds: None for as long as it takes.
std::shared_ptr<received> get(const call_handle& c, const std::optional<double>& timeout) {
  using clock = std::chrono::steady_clock;
  const auto until = timeout ? clock::now() + milliseconds_of(*timeout) : clock::time_point::max();
  for (;;) {
    const auto now = clock::now();
    const bool in_slices = on_signal_thread();
    const auto left = timeout ? std::chrono::ceil<std::chrono::milliseconds>(until - now) : slice;
    const bool last = timeout && (!in_slices || left <= slice);
    std::optional<value> answer = unlocked([&]() -> std::optional<value> {
      if (!in_slices && !timeout) return c.get();
      try {
        return c.get_for(std::max(std::chrono::milliseconds(0), last ? left : slice));
      } catch (const error& e) {
        // Only the slice is over, unless the call itself is.
        if (e.code() != errc::timed_out || last || c.ready()) throw;
        return std::nullopt;
      }
    });
    if (answer) return std::make_shared<received>(std::move(*answer));
    check_signals();
  }
}

}  // namespace

std::chrono::milliseconds milliseconds_of(double seconds) {
  constexpr double longest = 60.0 * 60 * 24 * 365;
  if (seconds != seconds) throw py::value_error("a time is NaN");
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, longest)));
}

call_options with_deadline(const std::optional<double>& seconds) {
  call_options o;
  if (seconds) o.deadline = milliseconds_of(*seconds);
  return o;
}

void bind_peers(py::module_& m) {
  py::class_<call_handle>(m, "Call")
      .def("get", &get)
      .def("ready", [](const call_handle& c) { return unlocked([&] { return c.ready(); }); })
      .def("cancel", [](const call_handle& c) { unlocked([&] { c.cancel(); }); })
      .def("then", [](const call_handle& c, const py::object& callable) {
        unlocked([&, f = callback(callable)] { c.then([f](const call_handle&) { f(); }); });
      });

  py::class_<web_contents>(m, "Contents")
      .def_property_readonly("id", &web_contents::id)
      .def_property_readonly("identity",
                             [](const web_contents& w) { return w ? w.identity() : std::string(); })
      .def_property_readonly("exists", [](const web_contents& w) { return static_cast<bool>(w); })
      .def("is_destroyed", [](const web_contents& w) { return !w || w.is_destroyed(); })
      .def("send",
           [](const web_contents& w, const std::string& channel, const py::bytes& packed,
              const py::list& buffers) {
             const payload p(packed, buffers);
             unlocked([&] { w.send_raw(channel, p.bytes(), p.buffers()); });
           })
      .def("invoke",
           [](const web_contents& w, const std::string& channel, const py::bytes& packed,
              const py::list& buffers, const std::optional<double>& deadline) {
             const payload p(packed, buffers);
             const call_options o = with_deadline(deadline);
             return unlocked([&] { return w.invoke_raw(o, channel, p.bytes(), p.buffers()); });
           })
      .def("emitter", [](const web_contents& w) { return w.ipc(); })
      .def("close", [](const web_contents& w) { unlocked([&] { w.close(); }); })
      .def("info",
           [](const web_contents& w) { return describe(unlocked([&] { return w.info(); })); })
      .def("writable", [](const web_contents& w) { return unlocked([&] { return w.writable(); }); })
      .def("__eq__", [](const web_contents& a, const web_contents& b) { return a == b; });

  py::class_<undelivered>(m, "Undelivered")
      .def_readonly("unsent", &undelivered::unsent)
      .def_readonly("received", &undelivered::received)
      .def_readonly("unknown", &undelivered::unknown)
      .def("messages", [](const undelivered& lost) {
        py::list all;
        for (auto& m : unlocked([&] { return lost.messages(); }))
          all.append(py::make_tuple(std::string(to_string(m.fate)), m.channel,
                                    std::make_shared<received>(std::move(m.packed))));
        return all;
      });

  m.def("describe_main", [](const endpoint_handle<ipc_renderer>& h) {
    return describe(unlocked([&] { return h.endpoint.info(); }));
  });
}

}  // namespace ipczmq::python
