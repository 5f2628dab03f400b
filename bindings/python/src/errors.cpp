// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace ipczmq::python {

namespace {

py::object helper(const char* name) { return py::module_::import("ipczmq._errors").attr(name); }

std::vector<std::byte> bytes_of(const py::bytes& b) {
  const auto text = static_cast<std::string_view>(b);
  std::vector<std::byte> out(text.size());
  if (!text.empty()) std::memcpy(out.data(), text.data(), text.size());
  return out;
}

py::bytes bytes_from(const std::vector<std::byte>& v) {
  return {reinterpret_cast<const char*>(v.data()), v.size()};
}

}  // namespace

raised::raised(std::string name, std::string message, std::vector<std::byte> data,
               py::object exception)
    : remote_error(std::move(name), std::move(message), std::move(data)),
      exception_(std::move(exception)) {}

std::exception_ptr to_cpp(const py::object& exception) {
  try {
    const py::tuple parts = helper("describe")(exception);
    const int code = parts[0].cast<int>();
    if (static_cast<errc>(code) == errc::bad_arguments)
      return std::make_exception_ptr(error(errc::bad_arguments, parts[2].cast<std::string>()));
    return std::make_exception_ptr(raised(parts[1].cast<std::string>(),
                                          parts[2].cast<std::string>(),
                                          bytes_of(parts[3].cast<py::bytes>()), exception));
  } catch (py::error_already_set& e) {
    return std::make_exception_ptr(
        remote_error("Error", std::string("an exception that cannot be described: ") + e.what()));
  }
}

py::object to_python(const std::exception_ptr& exception) {
  const py::object make = helper("make");
  try {
    std::rethrow_exception(exception);
  } catch (const raised& e) {
    return py::reinterpret_borrow<py::object>(e.exception().get());
  } catch (const remote_error& e) {
    return make(e.code().value(), e.what(), e.name(), e.message(), bytes_from(e.data()));
  } catch (const error& e) {
    return make(e.code().value(), e.what());
  } catch (const std::exception& e) {
    return make(static_cast<int>(errc::system), e.what());
  } catch (...) {
    return make(static_cast<int>(errc::system), "an exception of an unknown type");
  }
}

void pass_on(py::error_already_set& e) {
  interruptible::keep(e);
  // pybind11 has it apart from the exception.
  if (e.trace()) PyException_SetTraceback(e.value().ptr(), e.trace().ptr());
  std::rethrow_exception(to_cpp(e.value()));
}

void bind_errors(py::module_& m) {
  py::register_exception_translator([](std::exception_ptr p) {
    try {
      std::rethrow_exception(std::move(p));
    } catch (const error&) {
      const py::object made = to_python(std::current_exception());
      PyErr_SetObject(py::type::of(made).ptr(), made.ptr());
    }
  });
  m.def("errc_name", [](int code) { return std::string(errc_name(static_cast<errc>(code))); });
}

}  // namespace ipczmq::python
