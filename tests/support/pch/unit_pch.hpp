// SPDX-License-Identifier: MIT
// Precompiled for the unit tests; as with the core's, no file relies on it.
#ifndef IPCZMQ_UNIT_PCH_HPP  // gcc warns of #pragma once in a header that it precompiles
#define IPCZMQ_UNIT_PCH_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <msgpack.hpp>

#endif
