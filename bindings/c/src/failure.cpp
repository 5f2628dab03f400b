// SPDX-License-Identifier: MIT
#include "failure.hpp"

#include <ipczmq/version.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace ipczmq::c {

namespace {

static_assert(static_cast<int>(errc::no_listener) == IPCZMQ_NO_LISTENER);
static_assert(static_cast<int>(errc::bad_arguments) == IPCZMQ_BAD_ARGUMENTS);
static_assert(static_cast<int>(errc::closed) == IPCZMQ_CLOSED);
static_assert(static_cast<int>(errc::bad_channel) == IPCZMQ_BAD_CHANNEL);
static_assert(static_cast<int>(errc::forbidden) == IPCZMQ_FORBIDDEN);
static_assert(static_cast<int>(errc::system) == IPCZMQ_SYSTEM);

struct failure_state {
  int code = IPCZMQ_OK;
  bool remote = false;
  std::string message;
  std::string name;
  std::string remote_message;
  std::vector<std::byte> data;
};

failure_state& last() noexcept {
  static thread_local failure_state state;
  return state;
}

failure_state describe(const std::exception_ptr& exception) {
  failure_state s;
  try {
    std::rethrow_exception(exception);
  } catch (const remote_error& e) {
    s = {e.code().value(), true, e.what(), e.name(), e.message(), e.data()};
  } catch (const error& e) {
    s.code = e.code().value();
    s.message = e.what();
  } catch (const std::exception& e) {
    s.code = IPCZMQ_SYSTEM;
    s.message = e.what();
  } catch (...) {
    s.code = IPCZMQ_SYSTEM;
    s.message = "an exception of an unknown type";
  }
  return s;
}

}  // namespace

int keep_failure() noexcept {
  try {
    last() = describe(std::current_exception());
  } catch (...) {
    last() = {};
    last().code = IPCZMQ_SYSTEM;  // no memory even for the text
  }
  return last().code;
}

int keep_failure(errc code, std::string_view message) noexcept {
  try {
    throw error(code, std::string(message));
  } catch (...) {
    return keep_failure();
  }
}

}  // namespace ipczmq::c

using ipczmq::c::last;

int ipczmq_error_code(void) { return last().code; }
const char* ipczmq_error_message(void) { return last().message.c_str(); }
const char* ipczmq_error_remote_name(void) { return last().remote ? last().name.c_str() : nullptr; }
const char* ipczmq_error_remote_message(void) {
  return last().remote ? last().remote_message.c_str() : nullptr;
}
const void* ipczmq_error_data(size_t* size) {
  if (size != nullptr) *size = last().data.size();
  return last().data.empty() ? nullptr : last().data.data();
}

const char* ipczmq_code_name(int code) {
  // The names are literals, so they end with NUL.
  return code == IPCZMQ_OK ? "ok" : ipczmq::errc_name(static_cast<ipczmq::errc>(code)).data();
}
const char* ipczmq_version(void) { return IPCZMQ_VERSION_STRING; }
int ipczmq_c_version(void) { return IPCZMQ_C_VERSION; }
