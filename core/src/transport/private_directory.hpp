// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace ipczmq::transport {

// Makes `path` with mode 0700 unless it exists. Throws forbidden when it is not a directory,
// belongs to somebody else, or lets others in; bad_endpoint when its parent is missing.
void make_private_directory(const std::string& path);

// The same check of what exists; a missing one passes.
void check_private_directory(const std::string& path);

}  // namespace ipczmq::transport
