// SPDX-License-Identifier: MIT
#include "handles.hpp"

#include <algorithm>

namespace ipczmq::c {

// Longer than this is for ever, and must not overflow when it is added to the time of day.
constexpr int64_t for_ever_ms = int64_t{1000} * 60 * 60 * 24 * 365;

std::chrono::milliseconds milliseconds_of(int64_t ms) {
  return std::chrono::milliseconds(std::clamp(ms, int64_t{0}, for_ever_ms));
}

call_options with_deadline(int64_t deadline_ms) {
  call_options o;
  if (deadline_ms >= 0) o.deadline = milliseconds_of(deadline_ms);
  return o;
}

}  // namespace ipczmq::c

using namespace ipczmq::c;

int ipczmq_send(ipczmq_endpoint* renderer, const char* channel, const void* args, size_t size,
                ipczmq_buffer* const* buffers, size_t buffer_count) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    renderer_of(renderer).send_raw(channel_of(channel), p.bytes, p.buffers);
  });
}

int ipczmq_send_sync(ipczmq_endpoint* renderer, int64_t deadline_ms, const char* channel,
                     const void* args, size_t size, ipczmq_buffer* const* buffers,
                     size_t buffer_count, ipczmq_value** answer) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    checked(answer, "place for the answer") = nullptr;
    *answer = new ipczmq_value(renderer_of(renderer).send_sync_raw(
        with_deadline(deadline_ms), channel_of(channel), p.bytes, p.buffers));
  });
}

int ipczmq_invoke(ipczmq_endpoint* renderer, int64_t deadline_ms, const char* channel,
                  const void* args, size_t size, ipczmq_buffer* const* buffers, size_t buffer_count,
                  ipczmq_call** call) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    checked(call, "place for the call") = nullptr;
    *call = new ipczmq_call{renderer_of(renderer).invoke_raw(
        with_deadline(deadline_ms), channel_of(channel), p.bytes, p.buffers)};
  });
}

int ipczmq_broadcast(ipczmq_endpoint* main, const char* channel, const void* args, size_t size,
                     ipczmq_buffer* const* buffers, size_t buffer_count, size_t* reached) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    const size_t n = main_of(main).broadcast_raw(channel_of(channel), p.bytes, p.buffers);
    if (reached != nullptr) *reached = n;
  });
}

int ipczmq_publish(ipczmq_endpoint* main, const char* channel, const void* args, size_t size,
                   ipczmq_buffer* const* buffers, size_t buffer_count, size_t* reached) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    const size_t n = main_of(main).publish_raw(channel_of(channel), p.bytes, p.buffers);
    if (reached != nullptr) *reached = n;
  });
}

int ipczmq_call_get(ipczmq_call* call, int64_t wait_ms, ipczmq_value** answer) {
  return guarded([&] {
    const auto& c = checked(call, "call").call;
    checked(answer, "place for the answer") = nullptr;
    *answer = new ipczmq_value(wait_ms < 0 ? c.get() : c.get_for(milliseconds_of(wait_ms)));
  });
}

int ipczmq_call_ready(const ipczmq_call* call) {
  bool ready = false;
  guarded([&] { ready = checked(call, "call").call.ready(); });
  return ready;
}

int ipczmq_call_cancel(ipczmq_call* call) {
  return guarded([&] { checked(call, "call").call.cancel(); });
}

int ipczmq_call_then(ipczmq_call* call, ipczmq_call_fn then, void* user,
                     ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    checked(then, "callback");
    checked(call, "call").call.then([then, data](ipczmq::call<ipczmq::value> c) {
      ipczmq_call handed{std::move(c)};
      then(&handed, data.get());
    });
  });
}

void ipczmq_call_free(ipczmq_call* call) { delete call; }
