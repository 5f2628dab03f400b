// SPDX-License-Identifier: MIT
// From exceptions to codes, and what each thread is told of its last failure.
#pragma once

#include <ipczmq.h>

#include <ipczmq/error.hpp>

#include <string_view>

namespace ipczmq::c {

// Keeps the exception that is being handled as this thread's failure, and returns its code.
int keep_failure() noexcept;
// The same for one that nobody threw.
int keep_failure(errc code, std::string_view message) noexcept;

// Runs f, which must not let an exception out to C.
template <class F>
int guarded(F&& f) noexcept {
  try {
    f();
    return IPCZMQ_OK;
  } catch (...) {
    return keep_failure();
  }
}

// Throws unless `handle` is there.
template <class T>
T& checked(T* handle, const char* what) {
  if (handle == nullptr)
    throw error(errc::bad_arguments, std::string("a NULL ") + what + " was given");
  return *handle;
}

// The channel that a verb was given.
inline std::string_view channel_of(const char* channel) {
  if (channel == nullptr) throw error(errc::bad_channel, "a NULL channel was given");
  return channel;
}

}  // namespace ipczmq::c
