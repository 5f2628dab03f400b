// SPDX-License-Identifier: MIT
#include "environment.hpp"
#include "heap.hpp"
#include "js.hpp"
#include "node_endpoint.hpp"

#include <ipczmq/version.hpp>

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

}  // namespace

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  keep_freed_memory();
  env.SetInstanceData(new environment);
  exports.Set("Endpoint", node_endpoint::define(env));
  exports.Set("setup", Napi::Function::New<setup>(env));
  exports.Set("attachment", Napi::Function::New<attachment>(env));
  exports.Set("trimHeap", Napi::Function::New<trim_heap>(env));
  exports.Set("version", IPCZMQ_VERSION_STRING);
  return exports;
}

NODE_API_MODULE(ipczmq, init)

}  // namespace ipczmq_node
