// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq.h>

#include <ipczmq/options.hpp>

// Those of both roles; which one counts is known when the endpoint is made.
struct ipczmq_options {
  ipczmq::main_options main{};
  ipczmq::renderer_options renderer{};
};
