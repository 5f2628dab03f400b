// SPDX-License-Identifier: MIT
// Everything.
#pragma once

#include <ipczmq/args.hpp>
#include <ipczmq/buffer.hpp>
#include <ipczmq/call.hpp>
#include <ipczmq/convert.hpp>
#include <ipczmq/deferred.hpp>
#include <ipczmq/emitter.hpp>
#include <ipczmq/endpoint.hpp>
#include <ipczmq/error.hpp>
#include <ipczmq/event.hpp>
#include <ipczmq/ipc_main.hpp>
#include <ipczmq/ipc_renderer.hpp>
#include <ipczmq/options.hpp>
#include <ipczmq/task.hpp>
#include <ipczmq/undelivered.hpp>
#include <ipczmq/version.hpp>
#include <ipczmq/web_contents.hpp>
