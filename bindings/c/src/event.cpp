// SPDX-License-Identifier: MIT
#include "handles.hpp"

using namespace ipczmq::c;

const char* ipczmq_event_channel(const ipczmq_event* event) {
  return event == nullptr ? "" : event->channel.c_str();
}
const ipczmq_value* ipczmq_event_args(const ipczmq_event* event) {
  return event == nullptr ? nullptr : &event->args;
}
const ipczmq_contents* ipczmq_event_sender(const ipczmq_event* event) {
  return event == nullptr ? nullptr : &event->sender;
}
int ipczmq_event_is_call(const ipczmq_event* event) {
  return event != nullptr && event->event.is_call();
}
int ipczmq_event_cancelled(const ipczmq_event* event) {
  return event != nullptr && event->event.cancelled();
}

int ipczmq_event_return(const ipczmq_event* event, const void* value, size_t size,
                        ipczmq_buffer* const* buffers, size_t buffer_count) {
  return guarded([&] {
    const ipczmq_event& e = checked(event, "event");
    const payload p(value, size, buffers, buffer_count, false);
    if (e.of_handler) {
      e.answer.resolve(ipczmq::value_view(p.bytes, p.buffers));
    } else {
      e.event.return_value.set_raw(p.bytes, p.buffers);
    }
  });
}

int ipczmq_event_fail(const ipczmq_event* event, const char* name, const char* message,
                      const void* data, size_t size) {
  return guarded([&] {
    const ipczmq_event& e = checked(event, "event");
    std::vector<std::byte> attached;
    if (data != nullptr && size != 0) {
      const auto* bytes = static_cast<const std::byte*>(data);
      (void)ipczmq::detail::check_raw({bytes, size}, {}, false);
      attached.assign(bytes, bytes + size);
    }
    const auto thrown = std::make_exception_ptr(ipczmq::remote_error(
        name == nullptr ? "Error" : name, message == nullptr ? "" : message, std::move(attached)));
    if (e.event.is_call()) {
      e.event.fail(thrown);
    } else if (e.failure != nullptr) {
      *e.failure = thrown;
    }
  });
}

int ipczmq_event_reply(const ipczmq_event* event, const char* channel, const void* args,
                       size_t size, ipczmq_buffer* const* buffers, size_t buffer_count) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    contents_of(&checked(event, "event").sender).send_raw(channel_of(channel), p.bytes, p.buffers);
  });
}

ipczmq_event* ipczmq_event_keep(const ipczmq_event* event) {
  ipczmq_event* kept = nullptr;
  guarded([&] {
    kept = new ipczmq_event(checked(event, "event"));
    kept->failure = nullptr;
  });
  return kept;
}
void ipczmq_event_free(ipczmq_event* event) { delete event; }
