// SPDX-License-Identifier: MIT
// Precompiled for the unit tests; as with the core's, no file relies on it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <msgpack.hpp>
