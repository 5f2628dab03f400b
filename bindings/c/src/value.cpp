// SPDX-License-Identifier: MIT
#include "handles.hpp"

namespace ipczmq::c {

namespace {
constexpr std::byte nil{0xc0};
}

payload::payload(const void* data, size_t size, ipczmq_buffer* const* given, size_t count,
                 bool is_array) {
  if (size == 0) {
    none.push_back(is_array ? std::byte{0x90} : nil);
    bytes = none;
  } else {
    bytes = {
        static_cast<const std::byte*>(
            data == nullptr ? throw error(errc::bad_arguments, "NULL was given for bytes") : data),
        size};
  }
  buffers.reserve(count);
  for (size_t i = 0; i < count; ++i)
    buffers.push_back(
        checked(checked(given, "array of buffers") ? given[i] : nullptr, "buffer").bytes);
}

}  // namespace ipczmq::c

using namespace ipczmq::c;

const void* ipczmq_value_data(const ipczmq_value* value, size_t* size) {
  if (value == nullptr) return nullptr;
  if (value->view.attachments().empty()) return ipczmq_value_raw(value, size);
  if (value->whole.empty() &&
      guarded([&] { value->whole = ipczmq::pack(value->view); }) != IPCZMQ_OK)
    return nullptr;
  if (size != nullptr) *size = value->whole.size();
  return value->whole.data();
}

const void* ipczmq_value_raw(const ipczmq_value* value, size_t* size) {
  if (value == nullptr) return nullptr;
  const ipczmq::bytes_view bytes = value->view.bytes();
  if (size != nullptr) *size = bytes.empty() ? 1 : bytes.size();
  return bytes.empty() ? &nil : bytes.data();
}

size_t ipczmq_value_buffer_count(const ipczmq_value* value) {
  return value == nullptr ? 0 : value->view.attachments().size();
}

ipczmq_buffer* ipczmq_value_buffer(const ipczmq_value* value, size_t index) {
  if (index >= ipczmq_value_buffer_count(value)) return nullptr;
  ipczmq_buffer* made = nullptr;
  guarded([&] { made = new ipczmq_buffer{value->view.attachments()[index]}; });
  return made;
}

void ipczmq_value_free(ipczmq_value* value) { delete value; }

ipczmq_buffer* ipczmq_buffer_new(const void* data, size_t size, void* user,
                                 ipczmq_release_fn release) {
  ipczmq_buffer* made = nullptr;
  guarded([&] {
    // Held by a pointer that is never null, so that `release` runs for a NULL `user` too.
    auto held = std::make_shared<user_data>(user, release);
    made = new ipczmq_buffer{ipczmq::buffer(std::move(held), data, size)};
  });
  return made;
}

ipczmq_buffer* ipczmq_buffer_copy(const void* data, size_t size) {
  ipczmq_buffer* made = nullptr;
  guarded([&] { made = new ipczmq_buffer{ipczmq::buffer::copy(data, size)}; });
  return made;
}

const void* ipczmq_buffer_data(const ipczmq_buffer* buffer, size_t* size) {
  if (size != nullptr) *size = buffer == nullptr ? 0 : buffer->bytes.size();
  return buffer == nullptr ? nullptr : buffer->bytes.data();
}

void ipczmq_buffer_free(ipczmq_buffer* buffer) { delete buffer; }
