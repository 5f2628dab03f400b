// SPDX-License-Identifier: MIT
#pragma once

#define IPCZMQ_VERSION_MAJOR 0
#define IPCZMQ_VERSION_MINOR 1
#define IPCZMQ_VERSION_PATCH 0

/// One number that grows with every release, for `#if IPCZMQ_VERSION >= 100`.
#define IPCZMQ_VERSION \
  (IPCZMQ_VERSION_MAJOR * 10000 + IPCZMQ_VERSION_MINOR * 100 + IPCZMQ_VERSION_PATCH)

#define IPCZMQ_VERSION_STRING "0.1.0"

/// Marks what the shared library exports; everything else in it is hidden.
#if defined(__GNUC__)
#define IPCZMQ_API __attribute__((visibility("default")))
#else
#define IPCZMQ_API
#endif

namespace ipczmq {

/// The version of the library that runs, as IPCZMQ_VERSION is that of the headers.
IPCZMQ_API int library_version() noexcept;
IPCZMQ_API const char* library_version_string() noexcept;

namespace detail {

// Remembers what headers a part of the program was compiled with. If they do not fit the library,
// making an ipc_main or ipc_renderer throws error(incompatible).
IPCZMQ_API bool note_headers(int version, const char* text) noexcept;

// One a version, not one a program: a plugin may have been compiled with others.
template <int Version>
struct headers {
  static inline const bool noted = note_headers(Version, IPCZMQ_VERSION_STRING);
};
template struct headers<IPCZMQ_VERSION>;

}  // namespace detail

}  // namespace ipczmq
