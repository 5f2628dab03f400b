// SPDX-License-Identifier: MIT
#pragma once

#include "wire/frame.hpp"

namespace ipczmq::session {

using keeps = bool (*)(wire::kind);

// Leaves only those messages of a frame's first part that `keep` wants, and returns how many these
// are. The part becomes a copy when it changes, and, with `shared`, in any case: libzmq may still
// be reading one that was sent.
std::size_t keep_only(buffer& part, keeps keep, bool shared);

}  // namespace ipczmq::session
