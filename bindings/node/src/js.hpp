// SPDX-License-Identifier: MIT
// Between Node-API values and C++ ones; C++ exceptions to JavaScript errors.
#pragma once

#include <ipczmq/buffer.hpp>
#include <ipczmq/error.hpp>

#include <napi.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ipczmq_node {

// A channel as JavaScript hands it over, without an allocation: no legal one is longer.
class channel_name {
 public:
  channel_name(napi_env env, napi_value v);
  operator std::string_view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 1024> text_;
  std::size_t size_ = 0;
};

napi_value make_string(napi_env env, std::string_view text);
napi_value make_number(napi_env env, double v);
napi_value undefined(napi_env env);
std::uint32_t to_uint32(napi_env env, napi_value v);
std::uint64_t to_uint64(napi_env env, napi_value v);
// undefined and null are no duration.
std::optional<std::chrono::milliseconds> to_duration(const Napi::Value& v);

// `code` is the name of the errc; of a remote_error also remoteName, remoteMessage and data (what
// `read` makes of the thrower's bytes).
using data_reader = std::function<napi_value(ipczmq::bytes_view)>;
napi_value make_error(napi_env env, const std::exception_ptr& exception, const data_reader& read);

// Runs `f`; what it throws of C++ becomes a JavaScript exception.
template <class F>
auto guarded(napi_env env, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception&) {
    throw Napi::Error(env, make_error(env, std::current_exception(), {}));
  }
}

}  // namespace ipczmq_node
