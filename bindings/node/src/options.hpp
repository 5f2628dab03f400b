// SPDX-License-Identifier: MIT
// Options as JavaScript writes them: camelCase, times in milliseconds.
#pragma once

#include <ipczmq/options.hpp>

#include <napi.h>

namespace ipczmq_node {

// The log callback is set by the endpoint: it may come from any thread.
ipczmq::main_options main_options_of(const Napi::Object& o);
ipczmq::renderer_options renderer_options_of(const Napi::Object& o);

}  // namespace ipczmq_node
