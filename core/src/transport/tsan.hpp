// SPDX-License-Identifier: MIT
#pragma once

// ThreadSanitizer cannot see the synchronisation inside a libzmq that is not built with it, so the
// places where bytes go into libzmq and come out again say it themselves. Nothing in other builds.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IPCZMQ_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define IPCZMQ_TSAN 1
#endif

#if defined(IPCZMQ_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace ipczmq::transport {

// What this thread did so far happens before what follows a take_over() of the same address.
inline void hand_over([[maybe_unused]] const void* address) noexcept {
#if defined(IPCZMQ_TSAN)
  __tsan_release(const_cast<void*>(address));
#endif
}

inline void take_over([[maybe_unused]] const void* address) noexcept {
#if defined(IPCZMQ_TSAN)
  __tsan_acquire(const_cast<void*>(address));
#endif
}

}  // namespace ipczmq::transport
