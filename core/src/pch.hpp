// SPDX-License-Identifier: MIT
// Precompiled for the whole core: the headers that cost most. No file relies on it; each includes
// what it uses.
#ifndef IPCZMQ_PCH_HPP  // gcc warns of #pragma once in a header that it precompiles
#define IPCZMQ_PCH_HPP

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <msgpack.hpp>

#endif
