// SPDX-License-Identifier: MIT
// An emitter without an endpoint: its messages come from `emit`.
#pragma once

#include "dispatch/listeners.hpp"

#include <ipczmq/emitter.hpp>

#include <memory>

namespace ipczmq::test {

struct local_emitter : emitter {
  local_emitter()
      : emitter(std::make_shared<dispatch::listeners>(dispatch::listeners::callbacks{})) {}
};

}  // namespace ipczmq::test
