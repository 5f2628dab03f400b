// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/error.hpp>

#include <cerrno>
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

// The same for what failed at a path of the user's, with what to do about it.
[[nodiscard]] inline error path_error(std::string_view doing, int number) {
  errc code = errc::bad_endpoint;
  std::string_view remedy = "correct the path";
  switch (number) {
    case EACCES:
    case EPERM:
    case ELOOP:
      code = errc::forbidden;
      remedy = "let this user write there";
      break;
    case EROFS:
      code = errc::forbidden;
      remedy = "that file system is read-only; mount it for writing";
      break;
    case ENOSPC:
    case EDQUOT:
      code = errc::system;
      remedy = "that file system has no room, or no inodes, left; free some";
      break;
    case EMFILE:
    case ENFILE:
      code = errc::system;
      remedy = "raise the limit of open files (ulimit -n)";
      break;
    case EADDRINUSE:
      code = errc::endpoint_in_use;
      remedy = "stop whoever serves it";
      break;
    default:
      break;
  }
  error e = errno_error(code, doing, number);
  return {code, std::string(e.what()) + "; " + std::string(remedy) +
                    ", or choose another endpoint with IPCZMQ_ENDPOINT"};
}

}  // namespace ipczmq::transport
