// SPDX-License-Identifier: MIT
#include "handles.hpp"

using namespace ipczmq::c;
using ipczmq::errc;
using ipczmq::error;

namespace {

void store(const std::optional<ipczmq::web_contents>& found, const std::string& who,
           ipczmq_contents** out) {
  checked(out, "place for the contents") = nullptr;
  if (!found) throw error(errc::peer_gone, "there is no renderer " + who);
  *out = new ipczmq_contents{*found};
}

}  // namespace

size_t ipczmq_contents_ids(const ipczmq_endpoint* main, uint64_t* ids, size_t capacity) {
  size_t n = 0;
  guarded([&] {
    for (const ipczmq::web_contents& w : main_of(main).web_contents()) {
      if (ids != nullptr && n < capacity) ids[n] = w.id();
      ++n;
    }
  });
  return n;
}

int ipczmq_contents_by_id(const ipczmq_endpoint* main, uint64_t id, ipczmq_contents** out) {
  return guarded([&] { store(main_of(main).from_id(id), std::to_string(id), out); });
}

int ipczmq_contents_by_identity(const ipczmq_endpoint* main, const char* identity,
                                ipczmq_contents** out) {
  return guarded([&] {
    const std::string name = &checked(identity, "identity");
    store(main_of(main).from_identity(name), "'" + name + "'", out);
  });
}

uint64_t ipczmq_contents_id(const ipczmq_contents* contents) {
  return contents == nullptr ? 0 : contents->contents.id();
}
const char* ipczmq_contents_identity(const ipczmq_contents* contents) {
  return contents == nullptr || !contents->contents ? "" : contents->contents.identity().c_str();
}
uint64_t ipczmq_contents_pid(const ipczmq_contents* contents) {
  uint64_t pid = 0;
  guarded([&] { pid = contents_of(contents).info().pid; });
  return pid;
}
int ipczmq_contents_is_destroyed(const ipczmq_contents* contents) {
  return contents == nullptr || contents->contents.is_destroyed();
}

int ipczmq_contents_send(const ipczmq_contents* contents, const char* channel, const void* args,
                         size_t size, ipczmq_buffer* const* buffers, size_t buffer_count) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    contents_of(contents).send_raw(channel_of(channel), p.bytes, p.buffers);
  });
}

int ipczmq_contents_invoke(const ipczmq_contents* contents, int64_t deadline_ms,
                           const char* channel, const void* args, size_t size,
                           ipczmq_buffer* const* buffers, size_t buffer_count, ipczmq_call** call) {
  return guarded([&] {
    const payload p(args, size, buffers, buffer_count, true);
    checked(call, "place for the call") = nullptr;
    *call = new ipczmq_call{contents_of(contents).invoke_raw(
        with_deadline(deadline_ms), channel_of(channel), p.bytes, p.buffers)};
  });
}

int ipczmq_contents_on(const ipczmq_contents* contents, const char* channel, int flags,
                       ipczmq_event_fn listener, void* user, ipczmq_release_fn release,
                       uint64_t* id) {
  return guarded([&] {
    const user_data data(user, release);
    auto ipc = contents_of(contents).ipc();
    const uint64_t made = add_listener(ipc, channel, flags, listener, data);
    if (id != nullptr) *id = made;
  });
}

int ipczmq_contents_off(const ipczmq_contents* contents, uint64_t id) {
  return guarded([&] { contents_of(contents).ipc().off(ipczmq::listener({}, id)); });
}

int ipczmq_contents_handle(const ipczmq_contents* contents, const char* channel, int flags,
                           ipczmq_event_fn handler, void* user, ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    auto ipc = contents_of(contents).ipc();
    add_handler(ipc, channel, flags, handler, data);
  });
}

int ipczmq_contents_close(const ipczmq_contents* contents) {
  return guarded([&] { contents_of(contents).close(); });
}

ipczmq_contents* ipczmq_contents_keep(const ipczmq_contents* contents) {
  ipczmq_contents* kept = nullptr;
  guarded([&] { kept = new ipczmq_contents(checked(contents, "contents")); });
  return kept;
}
void ipczmq_contents_free(ipczmq_contents* contents) { delete contents; }
