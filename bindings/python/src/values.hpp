// SPDX-License-Identifier: MIT
// msgpack bytes and large binaries between Python and the library. The codec itself is Python's.
#pragma once

#include "interpreter.hpp"

#include <ipczmq/ipczmq.hpp>

#include <string>
#include <vector>

namespace ipczmq::python {

// What a sending function is given: one packed value, and the large binaries it refers to.
class payload {
 public:
  // With the interpreter's lock. Bytes that cannot change are shared, others copied.
  payload(const py::bytes& packed, const py::list& buffers);
  [[nodiscard]] bytes_view bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::vector<buffer>& buffers() const noexcept { return buffers_; }

 private:
  bytes_view bytes_;  // of an object that the caller's frame holds
  std::vector<buffer> buffers_;
};

// A received value: exports its msgpack bytes through the buffer protocol.
struct received {
  std::shared_ptr<const void> owner;
  bytes_view bytes;
  std::vector<buffer> buffers;

  explicit received(value v);
  received(const event& keeper, const args& a);
};

// Puts large binaries aside: returns `o` itself, or a copy of the containers around the binaries in
// which ext_type(31, index) stands for them.
py::object put_aside(const py::object& o, const py::list& buffers, const py::object& ext_type);

void bind_values(py::module_& m);

}  // namespace ipczmq::python
