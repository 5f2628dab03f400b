// SPDX-License-Identifier: MIT
#pragma once

#include "wire/handshake.hpp"

namespace ipczmq::engine {

// Who we are, for hello and welcome.
[[nodiscard]] wire::process_info this_process();

// 16 bytes from the kernel's random source. Throws error(system).
[[nodiscard]] wire::secret random_secret();

}  // namespace ipczmq::engine
