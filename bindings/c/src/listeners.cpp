// SPDX-License-Identifier: MIT
#include "handles.hpp"

namespace ipczmq::c {

namespace {

constexpr int flags_known = IPCZMQ_LISTEN_ONCE | IPCZMQ_LISTEN_PREPEND;

void check(const void* callback, int flags, int known) {
  if (callback == nullptr) throw error(errc::bad_arguments, "a NULL callback was given");
  if ((flags & ~known) != 0) throw error(errc::bad_arguments, "unknown flags were given");
}

}  // namespace

uint64_t add_listener(emitter& e, const char* channel, int flags, ipczmq_event_fn listener,
                      const user_data& user) {
  check(reinterpret_cast<const void*>(listener), flags, channel == nullptr ? 0 : flags_known);
  auto call = [listener, user](ipczmq::event& event, ipczmq::args args) {
    ipczmq_event handed(event, args);
    if (!event.is_call()) handed.failure = std::make_shared<std::exception_ptr>();
    listener(&handed, user.get());
    if (handed.failure != nullptr && *handed.failure != nullptr)
      std::rethrow_exception(*handed.failure);
  };
  if (channel == nullptr) return e.on_any(std::move(call)).id();
  const bool once = (flags & IPCZMQ_LISTEN_ONCE) != 0;
  if ((flags & IPCZMQ_LISTEN_PREPEND) != 0)
    return once ? e.prepend_once_listener(channel, std::move(call)).id()
                : e.prepend_listener(channel, std::move(call)).id();
  return once ? e.once(channel, std::move(call)).id() : e.on(channel, std::move(call)).id();
}

void add_handler(emitter& e, const char* channel, int flags, ipczmq_event_fn handler,
                 const user_data& user) {
  check(reinterpret_cast<const void*>(handler), flags, IPCZMQ_LISTEN_ONCE);
  auto call = [handler, user](ipczmq::event& event, ipczmq::args args) {
    ipczmq_event handed(event, args);
    handed.of_handler = true;
    handler(&handed, user.get());
    return handed.answer;
  };
  if ((flags & IPCZMQ_LISTEN_ONCE) != 0) {
    e.handle_once(channel_of(channel), std::move(call));
  } else {
    e.handle(channel_of(channel), std::move(call));
  }
}

}  // namespace ipczmq::c

using namespace ipczmq::c;

int ipczmq_on(ipczmq_endpoint* endpoint, const char* channel, int flags, ipczmq_event_fn listener,
              void* user, ipczmq_release_fn release, uint64_t* id) {
  return guarded([&] {
    const user_data data(user, release);
    const uint64_t made = add_listener(endpoint_of(endpoint), channel, flags, listener, data);
    if (id != nullptr) *id = made;
  });
}

int ipczmq_off(ipczmq_endpoint* endpoint, uint64_t id) {
  return guarded([&] { endpoint_of(endpoint).off(ipczmq::listener({}, id)); });
}

int ipczmq_remove_all_listeners(ipczmq_endpoint* endpoint, const char* channel) {
  return guarded([&] {
    if (channel == nullptr) {
      endpoint_of(endpoint).remove_all_listeners();
    } else {
      endpoint_of(endpoint).remove_all_listeners(channel);
    }
  });
}

size_t ipczmq_listener_count(const ipczmq_endpoint* endpoint, const char* channel) {
  size_t n = 0;
  guarded([&] { n = endpoint_of(endpoint).listener_count(channel_of(channel)); });
  return n;
}

int ipczmq_handle(ipczmq_endpoint* endpoint, const char* channel, int flags,
                  ipczmq_event_fn handler, void* user, ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    add_handler(endpoint_of(endpoint), channel, flags, handler, data);
  });
}

int ipczmq_remove_handler(ipczmq_endpoint* endpoint, const char* channel) {
  return guarded([&] { endpoint_of(endpoint).remove_handler(channel_of(channel)); });
}
