// SPDX-License-Identifier: MIT
#pragma once

#include "wire/handshake.hpp"

namespace ipczmq::engine {

// Who we are, for hello and welcome.
[[nodiscard]] wire::process_info this_process();

// 16 bytes from the kernel's random source. Throws error(system).
[[nodiscard]] wire::secret random_secret();

// Where the ids of a session's calls begin.
[[nodiscard]] std::uint64_t random_call_id();

}  // namespace ipczmq::engine
