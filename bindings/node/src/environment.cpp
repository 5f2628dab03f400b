// SPDX-License-Identifier: MIT
#include "environment.hpp"

#include "js.hpp"

#include <cstring>
#include <memory>

namespace ipczmq_node {

namespace {

std::span<std::byte> bytes_of(napi_env env, napi_value v) {
  void* data = nullptr;
  std::size_t size = 0;
  if (napi_get_buffer_info(env, v, &data, &size) != napi_ok)
    throw Napi::TypeError::New(env, "wanted a Uint8Array");
  return {static_cast<std::byte*>(data), size};
}

// Typed arrays of up to 8 bytes an element are made over it.
bool aligned(const std::byte* p) noexcept { return reinterpret_cast<std::uintptr_t>(p) % 8 == 0; }

}  // namespace

void environment::setup(const Napi::CallbackInfo& info) {
  const auto scratch = info[0].As<Napi::Uint8Array>();
  scratch_ = Napi::Persistent(scratch);
  scratch_bytes_ = bytes_of(info.Env(), scratch);
  decode_ = Napi::Persistent(info[1].As<Napi::Function>());
  nothing_ = Napi::Persistent(Napi::Function::New(info.Env(), [](const Napi::CallbackInfo&) {}));
}

outgoing environment::take(const Napi::CallbackInfo& info, std::size_t at) {
  const napi_env env = info.Env();
  const auto all = bytes_of(env, info[at]);
  const std::size_t start = to_uint32(env, info[at + 1]);
  const std::size_t end = to_uint32(env, info[at + 2]);
  if (start > end || end > all.size()) throw Napi::RangeError::New(env, "start and end do not fit");
  outgoing out;
  out.bytes = all.subspan(start, end - start);
  if (info[at + 3].IsUndefined()) return out;
  const auto list = info[at + 3].As<Napi::Array>();
  out.attachments.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::HandleScope scope(env);
    // The one copy: JavaScript may go on writing to its own.
    out.attachments.push_back(ipczmq::buffer::copy(bytes_of(env, list[i])));
  }
  return out;
}

napi_value environment::place(napi_env env, ipczmq::bytes_view bytes) {
  if (bytes.size() <= scratch_bytes_.size()) {
    std::memcpy(scratch_bytes_.data(), bytes.data(), bytes.size());
    return undefined(env);
  }
  napi_value copy = nullptr;
  napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &copy);
  return copy;
}

napi_value environment::decode(napi_env env, const ipczmq::value_view& v) {
  const attachments_scope current(*this, v.attachments());
  napi_value source = place(env, v.bytes());
  napi_value argv[] = {make_number(env, static_cast<double>(v.bytes().size())), source};
  napi_value result = nullptr;
  napi_call_function(env, undefined(env), decode_.Value(), 2, argv, &result);
  return result;
}

napi_value environment::attachment(napi_env env, std::uint32_t index) const {
  if (index >= attachments_.size())
    throw Napi::RangeError::New(env, "a message refers to an attachment that it does not have");
  const ipczmq::buffer& b = attachments_[index];
  napi_value memory = nullptr;
  napi_value array = nullptr;
  if (aligned(b.data())) {
    auto held = std::make_unique<ipczmq::buffer>(b);
    const auto status = napi_create_external_arraybuffer(
        env, const_cast<std::byte*>(b.data()), b.size(),
        [](napi_env, void*, void* hint) { delete static_cast<ipczmq::buffer*>(hint); }, held.get(),
        &memory);
    if (status == napi_ok) (void)held.release();
  }
  if (memory == nullptr) {  // misaligned, or two references to the same attachment
    void* data = nullptr;
    napi_create_arraybuffer(env, b.size(), &data, &memory);
    std::memcpy(data, b.data(), b.size());
  }
  napi_create_typedarray(env, napi_uint8_array, b.size(), memory, 0, &array);
  return array;
}

bool environment::alive(napi_env env) const {
  const Napi::HandleScope scope(env);
  napi_value result = nullptr;
  return napi_call_function(env, undefined(env), nothing_.Value(), 0, nullptr, &result) == napi_ok;
}

}  // namespace ipczmq_node
