// SPDX-License-Identifier: MIT
// What every file of the module includes, read once.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <ipczmq/ipczmq.hpp>
