// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/error.hpp>

#include <string>
#include <string_view>
#include <system_error>

namespace ipczmq::transport {

// "cannot bind ipc:///x: Permission denied". strerror() is not thread-safe; the category's message
// is.
[[nodiscard]] inline error errno_error(errc code, std::string_view doing, int number) {
  std::string text(doing);
  text += ": ";
  text += std::generic_category().message(number);
  return {code, std::move(text)};
}

}  // namespace ipczmq::transport
