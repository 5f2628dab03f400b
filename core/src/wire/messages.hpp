// SPDX-License-Identifier: MIT
#pragma once

#include "wire/frame.hpp"

#include <string>

namespace ipczmq::wire {

// The part of decode() behind the header: fills `messages` and `unknown` of `f`, whose parts and
// header have been checked. Empty string, or what is malformed.
[[nodiscard]] std::string read_messages(frame& f, const limits& accepted);

}  // namespace ipczmq::wire
