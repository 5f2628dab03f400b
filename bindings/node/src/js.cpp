// SPDX-License-Identifier: MIT
#include "js.hpp"

#include <ipczmq/args.hpp>

namespace ipczmq_node {

channel_name::channel_name(napi_env env, napi_value v) {
  if (napi_get_value_string_utf8(env, v, text_.data(), text_.size(), &size_) != napi_ok)
    throw Napi::TypeError::New(env, "The channel must be a string");
}

napi_value make_string(napi_env env, std::string_view text) {
  napi_value v = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &v);
  return v;
}

napi_value make_number(napi_env env, double number) {
  napi_value v = nullptr;
  napi_create_double(env, number, &v);
  return v;
}

napi_value undefined(napi_env env) {
  napi_value v = nullptr;
  napi_get_undefined(env, &v);
  return v;
}

std::uint32_t to_uint32(napi_env env, napi_value v) {
  std::uint32_t n = 0;
  napi_get_value_uint32(env, v, &n);
  return n;
}

std::uint64_t to_uint64(napi_env env, napi_value v) {
  std::int64_t n = 0;
  napi_get_value_int64(env, v, &n);
  return static_cast<std::uint64_t>(n);
}

std::optional<std::chrono::milliseconds> to_duration(const Napi::Value& v) {
  if (v.IsUndefined() || v.IsNull()) return std::nullopt;
  return std::chrono::milliseconds(v.As<Napi::Number>().Int64Value());
}

napi_value make_error(napi_env env, const std::exception_ptr& exception, const data_reader& read) {
  try {
    std::rethrow_exception(exception);
  } catch (const ipczmq::remote_error& e) {
    auto error = Napi::Error::New(env, e.what()).Value();
    error.Set("code", std::string(ipczmq::errc_name(e.kind())));
    error.Set("remoteName", e.name());
    error.Set("remoteMessage", e.message());
    if (!e.data().empty() && read) error.Set("data", Napi::Value(env, read(e.data())));
    return error;
  } catch (const ipczmq::error& e) {
    auto error = Napi::Error::New(env, e.what()).Value();
    error.Set("code", std::string(ipczmq::errc_name(e.kind())));
    return error;
  } catch (const std::exception& e) {
    return Napi::Error::New(env, e.what()).Value();
  } catch (...) {
    return Napi::Error::New(env, "unknown failure in the native part").Value();
  }
}

}  // namespace ipczmq_node
