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
