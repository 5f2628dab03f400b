// SPDX-License-Identifier: MIT
#include "engine/process_info.hpp"

#include "support/process.hpp"

#include <ipczmq/error.hpp>
#include <ipczmq/version.hpp>

#include <sys/random.h>
#include <unistd.h>

namespace ipczmq::engine {

wire::process_info this_process() {
  static const wire::process_info constant{0, support::host_name(), support::boot_id(),
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

}  // namespace ipczmq::engine
