// SPDX-License-Identifier: MIT
// How much freed memory malloc keeps, where that can be told (glibc).
#pragma once

#include <napi.h>

namespace ipczmq_node {

// JavaScript sends and frees large binaries by the dozen: what it sends is copied once, and what it
// receives lives until its garbage is collected. malloc would give such memory back to the kernel
// at once, and take it again page fault by page fault, which costs more than all else. Once for the
// process; not where the environment has set malloc's thresholds itself.
void keep_freed_memory();

// Gives back what is kept, on a thread of Node's pool.
Napi::Value trim_heap(const Napi::CallbackInfo& info);

}  // namespace ipczmq_node
