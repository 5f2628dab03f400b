// SPDX-License-Identifier: MIT
#include "interpreter.hpp"

#include <cxxabi.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace ipczmq::python {

namespace {

std::atomic<bool> ending{false};
std::atomic<int> inside{0};
thread_local interruptible* driving = nullptr;

}  // namespace

interpreter_entry::interpreter_entry() : entered_(false) {
  ++inside;
  if (ending) {
    --inside;
    return;
  }
  try {
    state_ = PyGILState_Ensure();
  } catch (abi::__forced_unwind&) {
    wait_for_the_end();
  }
  entered_ = true;
}

interpreter_entry::~interpreter_entry() {
  if (!entered_) return;
  PyGILState_Release(state_);
  --inside;
}

void wait_for_the_end() noexcept {
  for (;;) ::pause();
}

without_lock::~without_lock() {
  try {
    PyEval_RestoreThread(state_);
  } catch (abi::__forced_unwind&) {
    wait_for_the_end();
  }
}

void close_interpreter() {
  ending = true;
  unlocked([] {
    for (int i = 0; i < 1000 && inside != 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
}

shared_object::shared_object(py::object o)
    : held_(o.release().ptr(), [](PyObject* p) {
        // What is left when the interpreter has ended goes with the process.
        if (const interpreter_entry entry; entry) Py_XDECREF(p);
      }) {}

bool on_signal_thread() {
  static const auto first =
      py::module_::import("threading").attr("main_thread")().attr("ident").cast<unsigned long>();
  return PyThread_get_thread_ident() == first;
}

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

interruptible::interruptible() noexcept : outer_(std::exchange(driving, this)) {}
interruptible::~interruptible() { driving = outer_; }

void interruptible::check() {
  if (raised_ == nullptr) return;
  const std::unique_ptr<py::error_already_set> e = std::move(raised_);
  throw py::error_already_set(*e);
}

bool interruptible::keep(const py::error_already_set& e) {
  if (driving == nullptr || e.matches(PyExc_Exception)) return false;
  if (driving->raised_ == nullptr) driving->raised_ = std::make_unique<py::error_already_set>(e);
  return true;
}

}  // namespace ipczmq::python
