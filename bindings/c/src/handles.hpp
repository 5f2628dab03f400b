// SPDX-License-Identifier: MIT
// What is behind the opaque handles.
#pragma once

#include "failure.hpp"

#include <ipczmq/ipczmq.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ipczmq::c {

// `user` of a callback, released with the last copy of the callback.
class user_data {
 public:
  user_data(void* user, ipczmq_release_fn release)
      : held_(user, release == nullptr ? [](void*) {} : release) {}
  [[nodiscard]] void* get() const noexcept { return held_.get(); }

 private:
  std::shared_ptr<void> held_;
};

// What a sending function was given.
struct payload {
  std::vector<std::byte> none;  // an empty array, where nothing was given
  bytes_view bytes;
  std::vector<buffer> buffers;

  payload(const void* data, size_t size, ipczmq_buffer* const* given, size_t count, bool is_array);
};

call_options with_deadline(int64_t deadline_ms);
std::chrono::milliseconds milliseconds_of(int64_t ms);

}  // namespace ipczmq::c

struct ipczmq_buffer {
  ipczmq::buffer bytes;
};

// A value of its own, or a view of one that an event keeps.
struct ipczmq_value {
  ipczmq::value held;
  ipczmq::value_view view;
  mutable std::vector<std::byte> whole;  // with the buffers copied in, once somebody asks

  explicit ipczmq_value(ipczmq::value v)
      : held(std::move(v)), view(held.bytes(), held.attachments()) {}
  explicit ipczmq_value(const ipczmq::args& a) : view(a.bytes(), a.attachments()) {}
};

struct ipczmq_lost {
  ipczmq::undelivered lost;
  // Unpacked, once somebody asks.
  mutable std::vector<ipczmq::undelivered_message> messages{};
  mutable std::vector<ipczmq_value> values{};
};

struct ipczmq_contents {
  ipczmq::web_contents contents;
};

struct ipczmq_call {
  ipczmq::call<ipczmq::value> call;
};

struct ipczmq_event {
  ipczmq::event event;
  ipczmq_value args;
  ipczmq_contents sender;
  std::string channel;
  bool of_handler = false;
  ipczmq::deferred<ipczmq::value> answer{};       // of a handler
  std::shared_ptr<std::exception_ptr> failure{};  // of a one-way listener that runs

  ipczmq_event(const ipczmq::event& e, const ipczmq::args& a)
      : event(e), args(a), sender{e.sender}, channel(e.channel) {}
};

struct ipczmq_endpoint {
  std::unique_ptr<ipczmq::ipc_main> main;
  std::unique_ptr<ipczmq::ipc_renderer> renderer;
  std::vector<std::string> bound{};

  [[nodiscard]] ipczmq::endpoint& any() const {
    if (main != nullptr) return *main;
    return *renderer;
  }
};

namespace ipczmq::c {

inline ipczmq::endpoint& endpoint_of(const ipczmq_endpoint* e) {
  return checked(e, "endpoint").any();
}
inline ipc_main& main_of(const ipczmq_endpoint* e) {
  if (checked(e, "endpoint").main == nullptr)
    throw error(errc::bad_arguments, "this endpoint is a renderer, and the function is main's");
  return *e->main;
}
inline ipc_renderer& renderer_of(const ipczmq_endpoint* e) {
  if (checked(e, "endpoint").renderer == nullptr)
    throw error(errc::bad_arguments, "this endpoint is main, and the function is a renderer's");
  return *e->renderer;
}
inline const ipczmq::web_contents& contents_of(const ipczmq_contents* c) {
  if (!checked(c, "contents").contents)
    throw error(errc::bad_arguments, "the event was not sent by a peer");
  return c->contents;
}

// One registration, for the endpoint or for one peer.
uint64_t add_listener(emitter& e, const char* channel, int flags, ipczmq_event_fn listener,
                      const user_data& user);
void add_handler(emitter& e, const char* channel, int flags, ipczmq_event_fn handler,
                 const user_data& user);

}  // namespace ipczmq::c
