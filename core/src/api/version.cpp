// SPDX-License-Identifier: MIT
#include <ipczmq/version.hpp>

#include "api/setup.hpp"

#include <ipczmq/error.hpp>

#include <atomic>
#include <string>

namespace ipczmq {

namespace {

// The text of the first headers that do not fit. A literal of whoever was compiled with them, which
// may be unloaded; what it says is copied before.
struct misfit {
  char text[32] = {};
  std::atomic<bool> seen{false};
};
constinit misfit other;

// Before 1.0 every minor version may change what is compiled into programs; a library newer than
// the headers by its patch alone has all that they know of.
constexpr bool fits(int headers) {
  return headers / 100 == IPCZMQ_VERSION / 100 && headers <= IPCZMQ_VERSION;
}

}  // namespace

int library_version() noexcept { return IPCZMQ_VERSION; }
const char* library_version_string() noexcept { return IPCZMQ_VERSION_STRING; }

bool detail::note_headers(int version, const char* text) noexcept {
  if (fits(version)) return true;
  if (!other.seen.load()) {
    for (std::size_t i = 0; i + 1 < sizeof other.text && text[i] != 0; ++i) other.text[i] = text[i];
    other.seen = true;
  }
  return false;
}

void api::check_headers() {
  if (!other.seen.load()) return;
  throw error(errc::incompatible,
              std::string("a part of this program was compiled with the headers of ipczmq ") +
                  other.text +
                  ", but the library that it runs with is " IPCZMQ_VERSION_STRING
                  ": compile it again, or install the library of its version");
}

}  // namespace ipczmq
