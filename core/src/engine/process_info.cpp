// SPDX-License-Identifier: MIT
#include "engine/process_info.hpp"

#include "support/process.hpp"

#include <ipczmq/error.hpp>
#include <ipczmq/version.hpp>

#include <sys/random.h>
#include <unistd.h>

namespace ipczmq::engine {

wire::process_info this_process() {
  static const wire::process_info constant{0, support::host_name(), support::pid_space(),
                                           "ipczmq " IPCZMQ_VERSION_STRING};
  wire::process_info info = constant;
  info.pid = static_cast<std::uint64_t>(::getpid());  // another after fork()
  return info;
}

wire::secret random_secret() {
  wire::secret s{};
  if (::getrandom(s.data(), s.size(), 0) != static_cast<ssize_t>(s.size()))
    throw error(errc::system, "the kernel gives no random numbers");
  return s;
}

std::uint64_t random_call_id() {
  const wire::secret s = random_secret();
  std::uint64_t id = 1;
  for (std::size_t i = 0; i < 3; ++i) id = id << 8 | std::to_integer<std::uint64_t>(s[i]);
  return id << 6;  // 31 bits: five bytes on the wire
}

}  // namespace ipczmq::engine
