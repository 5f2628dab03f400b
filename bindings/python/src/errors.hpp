// SPDX-License-Identifier: MIT
// Exceptions of both languages, into one another.
#pragma once

#include "interpreter.hpp"

#include <ipczmq/error.hpp>

#include <cxxabi.h>

#include <exception>
#include <string>
#include <vector>

namespace ipczmq::python {

// What Python code raised, as what the library carries to the caller; `exception` is the original.
class raised : public remote_error {
 public:
  raised(std::string name, std::string message, std::vector<std::byte> data, py::object exception);
  [[nodiscard]] const shared_object& exception() const noexcept { return exception_; }

 private:
  shared_object exception_;
};

// With the interpreter's lock: the C++ exception that stands for `exception`. Drops what its
// traceback's frames hold, for they hold the event, which would keep its call open.
std::exception_ptr to_cpp(const py::object& exception);
// The Python exception that stands for a C++ one.
py::object to_python(const std::exception_ptr& exception);

// From a catch block: keeps an interrupt for the driver of this thread, and throws what the library
// understands.
[[noreturn]] void pass_on(py::error_already_set& e);

// Calls f, which calls Python, and throws what the library understands.
template <class F>
void call_python(F&& f) {
  const interpreter_entry entry;
  if (!entry) throw error(errc::closed, "the Python interpreter is ending");
  try {
    f();
  } catch (py::error_already_set& e) {
    pass_on(e);
  } catch (abi::__forced_unwind&) {
    wait_for_the_end();
  }
}

void bind_errors(py::module_& m);

}  // namespace ipczmq::python
