// SPDX-License-Identifier: MIT
#include "environment.hpp"
#include "js.hpp"
#include "node_endpoint.hpp"

#include <ipczmq/version.hpp>

#include <cstddef>
#include <cstdlib>

namespace ipczmq_node {

namespace {

Napi::Value setup(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<environment>()->setup(info);
  return info.Env().Undefined();
}

Napi::Value attachment(const Napi::CallbackInfo& info) {
  const auto index = to_uint32(info.Env(), info[0]);
  return {info.Env(), info.Env().GetInstanceData<environment>()->attachment(info.Env(), index)};
}

// JavaScript sends and frees large binaries by the dozen: what it sends is copied once, and what it
// receives lives until its garbage is collected. malloc gives such memory back to the kernel at
// once, and takes it again page fault by page fault, unless it has learnt from a block of that size
// to keep twice as much ("dynamically", mallopt(3)). Once for the process.
bool keep_freed_memory() {
  constexpr std::size_t bytes = (std::size_t{32} << 20) - 65536;  // its most is 32 MiB
  void* volatile block = std::malloc(bytes);                      // not to be optimised away
  std::free(block);
  return true;
}

}  // namespace

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  [[maybe_unused]] static const bool kept = keep_freed_memory();
  env.SetInstanceData(new environment);
  exports.Set("Endpoint", node_endpoint::define(env));
  exports.Set("setup", Napi::Function::New<setup>(env));
  exports.Set("attachment", Napi::Function::New<attachment>(env));
  exports.Set("version", IPCZMQ_VERSION_STRING);
  return exports;
}

NODE_API_MODULE(ipczmq, init)

}  // namespace ipczmq_node
