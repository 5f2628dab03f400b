// SPDX-License-Identifier: MIT
#include "values.hpp"

#include <optional>

namespace ipczmq::python {

namespace {

// From this size on a binary travels beside the msgpack: below, a copy is cheaper.
constexpr Py_ssize_t aside_from = 8192;
constexpr int attachment_ext = 31;

// A view of an object's bytes, given back under the interpreter's lock wherever it ends.
struct held_view {
  Py_buffer view{};
  bool held = false;
  ~held_view() {
    if (!held) return;
    if (const interpreter_entry entry; entry) PyBuffer_Release(&view);
  }
};

// Whether nobody can change these bytes: `bytes`, views of them, and what was received.
bool is_immutable(PyObject* o) {
  if (PyMemoryView_Check(o)) {
    PyObject* const base = PyMemoryView_GET_BUFFER(o)->obj;
    return base != nullptr && is_immutable(base);
  }
  return PyBytes_Check(o) || py::isinstance<buffer>(py::handle(o));
}

buffer share(const py::handle& o) {
  auto held = std::make_shared<held_view>();
  if (PyObject_GetBuffer(o.ptr(), &held->view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  held->held = true;
  const void* const data = held->view.buf;
  const auto size = static_cast<std::size_t>(held->view.len);
  if (!is_immutable(o.ptr())) return buffer::copy(data, size);
  return {std::move(held), data, size};
}

// The size of what goes as one binary, or nothing for what is no binary.
std::optional<Py_ssize_t> binary_size(PyObject* o) {
  if (PyBytes_Check(o)) return PyBytes_GET_SIZE(o);
  if (!PyObject_CheckBuffer(o)) return std::nullopt;
  held_view held;
  if (PyObject_GetBuffer(o, &held.view, PyBUF_FULL_RO) != 0) {
    PyErr_Clear();
    return std::nullopt;
  }
  held.held = true;
  // A number of numpy's exports its bytes as well.
  if (held.view.ndim < 1) return std::nullopt;
  return held.view.len;
}

class aside {
 public:
  aside(const py::list& buffers, const py::object& ext_type)
      : buffers_(buffers), ext_type_(ext_type) {}

  // A new reference: to `o`, or to what replaces it.
  py::object operator()(PyObject* o) {
    PyTypeObject* const type = Py_TYPE(o);
    if (type == &PyUnicode_Type || type == &PyLong_Type || type == &PyFloat_Type ||
        type == &PyBool_Type || o == Py_None)
      return keep(o);
    if (type == reinterpret_cast<PyTypeObject*>(ext_type_.ptr())) return extension(o);
    if (const auto size = binary_size(o)) return binary(o, *size);
    if (PyList_Check(o) || PyTuple_Check(o)) return nested(o, [&] { return sequence(o); });
    if (PyDict_Check(o)) return nested(o, [&] { return map(o); });
    return keep(o);
  }

 private:
  static py::object keep(PyObject* o) { return py::reinterpret_borrow<py::object>(o); }

  template <class F>
  static py::object nested(PyObject* o, F f) {
    if (Py_EnterRecursiveCall(" while looking for binaries") != 0) throw py::error_already_set();
    struct leave {
      ~leave() { Py_LeaveRecursiveCall(); }
    } const l;
    py::object changed = f();
    return changed ? changed : keep(o);
  }

  static py::object extension(PyObject* o) {
    if (py::handle(o).attr("code").cast<int>() == attachment_ext)
      throw py::value_error("ext type 31 is reserved for large binaries");
    return keep(o);
  }

  py::object binary(PyObject* o, Py_ssize_t size) {
    PyTypeObject* const type = Py_TYPE(o);
    if (size < aside_from && (type == &PyBytes_Type || type == &PyByteArray_Type)) return keep(o);
    py::object flat = keep(o);
    if (!PyBytes_Check(o) && PyObject_CheckBuffer(o)) {
      held_view held;
      held.held = PyObject_GetBuffer(o, &held.view, PyBUF_SIMPLE) == 0;
      if (!held.held) {  // with gaps, as a slice with a step is
        PyErr_Clear();
        flat = py::reinterpret_steal<py::object>(PyBytes_FromObject(o));
        if (!flat) throw py::error_already_set();
      }
    }
    if (size < aside_from) return py::reinterpret_steal<py::object>(PyBytes_FromObject(flat.ptr()));
    const auto index = static_cast<std::uint32_t>(buffers_.size());
    buffers_.append(flat);
    const char big_endian[4] = {static_cast<char>(index >> 24), static_cast<char>(index >> 16),
                                static_cast<char>(index >> 8), static_cast<char>(index)};
    return ext_type_(attachment_ext, py::bytes(big_endian, 4));
  }

  py::object sequence(PyObject* o) {
    py::object copy;
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
    for (Py_ssize_t i = 0; i < n && i < PySequence_Fast_GET_SIZE(o); ++i) {
      PyObject* const item = PySequence_Fast_GET_ITEM(o, i);
      py::object now = (*this)(item);
      if (now.ptr() == item && !copy) continue;
      if (!copy) copy = py::reinterpret_steal<py::object>(PySequence_List(o));
      if (!copy) throw py::error_already_set();
      PyList_SetItem(copy.ptr(), i, now.release().ptr());
    }
    return copy;
  }

  py::object map(PyObject* o) {
    py::object copy;
    PyObject *key = nullptr, *item = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(o, &at, &key, &item) != 0;) {
      const py::object now = (*this)(item);
      if (now.ptr() == item) continue;
      if (!copy) copy = py::reinterpret_steal<py::object>(PyDict_Copy(o));
      if (!copy || PyDict_SetItem(copy.ptr(), key, now.ptr()) != 0) throw py::error_already_set();
    }
    return copy;
  }

  py::list buffers_;  // the caller's own list: a handle of it
  py::object ext_type_;
};

std::vector<buffer> copied(std::span<const buffer> buffers) {
  return {buffers.begin(), buffers.end()};
}

py::buffer_info exported(bytes_view b) {
  return {const_cast<std::byte*>(b.data()),
          1,
          "B",
          1,
          {static_cast<py::ssize_t>(b.size())},
          {py::ssize_t{1}},
          /*readonly=*/true};
}

constexpr std::byte nil{0xc0};

}  // namespace

payload::payload(const py::bytes& packed, const py::list& buffers) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(packed.ptr(), &data, &size) != 0) throw py::error_already_set();
  bytes_ = {reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
  buffers_.reserve(buffers.size());
  for (const py::handle& each : buffers) buffers_.push_back(share(each));
}

received::received(value v) : bytes(v.bytes()), buffers(copied(v.attachments())) {
  if (bytes.empty()) bytes = {&nil, 1};
  owner = std::make_shared<value>(std::move(v));
}

// The event keeps the bytes. It would keep its call open as well, but so does the event that
// the listener is called with, and this goes first.
received::received(const event& keeper, const args& a)
    : owner(std::make_shared<event>(keeper)), bytes(a.bytes()), buffers(copied(a.attachments())) {}

py::object put_aside(const py::object& o, const py::list& buffers, const py::object& ext_type) {
  return aside(buffers, ext_type)(o.ptr());
}

void bind_values(py::module_& m) {
  py::class_<buffer>(m, "Buffer", py::buffer_protocol())
      .def_buffer([](buffer& b) { return exported(b.bytes()); })
      .def("__len__", &buffer::size);
  py::class_<received, std::shared_ptr<received>>(m, "Value", py::buffer_protocol())
      .def_buffer([](received& r) { return exported(r.bytes); })
      .def_property_readonly("buffers", [](const received& r) {
        py::list all;
        for (const buffer& b : r.buffers) all.append(py::cast(b));
        return all;
      });
  m.def("put_aside", &put_aside);
}

}  // namespace ipczmq::python
