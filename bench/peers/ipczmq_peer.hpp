// SPDX-License-Identifier: MIT
#pragma once

#include "common/program.hpp"

#include <ipczmq/ipczmq.hpp>

namespace bench {

void ipczmq_serve(const job& j);

}  // namespace bench
