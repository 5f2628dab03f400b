// SPDX-License-Identifier: MIT
#pragma once

namespace ipczmq::support {

// Lets malloc keep what is freed at the end of a heap, up to 2 MiB, instead of giving it back to
// the kernel from 128 KiB on and taking it again page fault by page fault: libzmq allocates every
// frame that it receives. glibc learns it from a large block that is freed, "dynamically"
// (mallopt(3)), unless the application has set the thresholds itself. Once for the process.
void keep_freed_pages();

}  // namespace ipczmq::support
