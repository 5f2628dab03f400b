// SPDX-License-Identifier: MIT
// The names of channels.
#pragma once

#include <string>
#include <string_view>

namespace ipczmq::dispatch {

// Throws error(bad_channel), with channel and reason, unless it is 1 to 255 bytes of UTF-8.
void check_channel(std::string_view channel);

// For people: control characters and what is not UTF-8 as \xHH, long names cut short.
[[nodiscard]] std::string quoted(std::string_view channel);

}  // namespace ipczmq::dispatch
