// SPDX-License-Identifier: MIT
// What all endpoints of one JavaScript environment (a process's main thread, or a worker) share:
// how message bytes get in and out.
#pragma once

#include <ipczmq/args.hpp>
#include <ipczmq/buffer.hpp>

#include <napi.h>

#include <cstddef>
#include <span>
#include <vector>

namespace ipczmq_node {

// Packed arguments or a value on their way out: JavaScript's bytes, valid during the call, and
// copies of the large binaries.
struct outgoing {
  ipczmq::bytes_view bytes;
  std::vector<ipczmq::buffer> attachments;
};

class environment {
 public:
  // `scratch` takes small incoming payloads; decode(end, source) makes a value of one, `source`
  // being undefined for the scratch.
  void setup(const Napi::CallbackInfo& info);

  // Arguments of a verb from info[at] on: bytes, start, end, attachments (an array, or undefined).
  static outgoing take(const Napi::CallbackInfo& info, std::size_t at);

  // Puts incoming bytes where JavaScript can decode them; returns `source`, undefined for the
  // scratch.
  napi_value place(napi_env env, ipczmq::bytes_view bytes);
  // The value as JavaScript has it; what decode throws is pending then, and the result null.
  napi_value decode(napi_env env, const ipczmq::value_view& v);
  // The attachment at `index` of what is being decoded, as a Uint8Array over its memory.
  napi_value attachment(napi_env env, std::uint32_t index) const;

  // Sets what `attachment` refers to, and restores it.
  class attachments_scope {
   public:
    attachments_scope(environment& e, std::span<const ipczmq::buffer> now)
        : environment_(e), before_(e.attachments_) {
      e.attachments_ = now;
    }
    ~attachments_scope() { environment_.attachments_ = before_; }
    attachments_scope(const attachments_scope&) = delete;
    attachments_scope& operator=(const attachments_scope&) = delete;

   private:
    environment& environment_;
    std::span<const ipczmq::buffer> before_;
  };

  // Whether JavaScript can still run: not once a worker is being terminated.
  [[nodiscard]] bool alive(napi_env env) const;

 private:
  Napi::Reference<Napi::Uint8Array> scratch_;
  std::span<std::byte> scratch_bytes_;
  Napi::FunctionReference decode_;
  Napi::FunctionReference nothing_;
  std::span<const ipczmq::buffer> attachments_;
};

}  // namespace ipczmq_node
