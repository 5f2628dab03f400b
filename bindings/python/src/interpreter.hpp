// SPDX-License-Identifier: MIT
// Between the library's threads and the interpreter: who may enter it, and until when.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <utility>

namespace ipczmq::python {

namespace py = pybind11;

// Holds the interpreter for the library's threads and callbacks; false once it is about to end.
class interpreter_entry {
 public:
  interpreter_entry();
  ~interpreter_entry();
  interpreter_entry(const interpreter_entry&) = delete;
  interpreter_entry& operator=(const interpreter_entry&) = delete;
  explicit operator bool() const noexcept { return entered_; }

 private:
  bool entered_;
  PyGILState_STATE state_{};
};

// From now on nobody enters; waits, for a bounded time, for those who are inside.
void close_interpreter();

// A Python object for the library's hands: copied, called and destroyed on any thread.
class shared_object {
 public:
  shared_object() = default;
  explicit shared_object(py::object o);
  [[nodiscard]] py::handle get() const noexcept { return held_.get(); }

 private:
  std::shared_ptr<PyObject> held_;
};

// When the interpreter ends, Python unwinds the threads that want its lock. That must not go
// through the library's frames, nor through destructors: such a thread waits here, and ends with
// the process.
[[noreturn]] void wait_for_the_end() noexcept;

// Without the interpreter's lock, as pybind11's gil_scoped_release, but for the end.
class without_lock {
 public:
  without_lock() : state_(PyEval_SaveThread()) {}
  ~without_lock();
  without_lock(const without_lock&) = delete;
  without_lock& operator=(const without_lock&) = delete;

 private:
  PyThreadState* state_;
};

// Runs f without the interpreter's lock: whatever waits, sends, or destroys what may wait.
template <class F>
decltype(auto) unlocked(F&& f) {
  const without_lock release;
  return f();
}

// Python runs signal handlers on its first thread alone, and only between its own instructions:
// what waits there waits in slices, and looks.
constexpr std::chrono::milliseconds slice{100};
bool on_signal_thread();
void check_signals();

// KeyboardInterrupt, SystemExit and the like, raised by a callback: they belong to whoever drives
// the endpoint on this thread, and come out there.
class interruptible {
 public:
  interruptible() noexcept;
  ~interruptible();
  interruptible(const interruptible&) = delete;
  interruptible& operator=(const interruptible&) = delete;
  // Throws what was raised meanwhile.
  void check();
  // Keeps `e` for the driver of this thread; false when nobody here can be told.
  static bool keep(const py::error_already_set& e);

 private:
  interruptible* outer_;
  std::unique_ptr<py::error_already_set> raised_;
};

}  // namespace ipczmq::python
