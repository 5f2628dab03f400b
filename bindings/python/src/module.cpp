// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include <ipczmq/version.hpp>

PYBIND11_MODULE(_native, m) {
  using namespace ipczmq::python;
  m.attr("version") = IPCZMQ_VERSION_STRING;
  m.def("close_interpreter", &close_interpreter);
  on_signal_thread();  // learns which it is
  bind_errors(m);
  bind_values(m);
  bind_emitters(m);
  bind_peers(m);
  bind_event(m);
  bind_main(m);
  bind_renderer(m);
}
