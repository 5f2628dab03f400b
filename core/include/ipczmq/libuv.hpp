// SPDX-License-Identifier: MIT
// Dispatching an endpoint in a libuv loop. Needs libuv; ipczmq itself does not.
#pragma once

#include <ipczmq/endpoint.hpp>
#include <ipczmq/error.hpp>

#include <uv.h>

#include <string>
#include <utility>

namespace ipczmq {

/// Dispatches one endpoint in a libuv loop: its listeners, handlers and continuations run there, on
/// the loop's thread. Sleeps until there is something to do. Several in one loop are fine. As all
/// of libuv, it belongs to the loop's thread: make and destroy it there. Either may be destroyed
/// first, the adapter or its endpoint, also inside a listener. It keeps uv_run() going until it is
/// stopped or the endpoint is closed. What keeps it from dispatching (another thread does) goes to
/// the endpoint's log.
class libuv_adapter {
 public:
  /// Throws error(closed), or error(system) when libuv refuses.
  libuv_adapter(uv_loop_t* loop, endpoint& e) : watch_(new watch{loop_handle(e), {}}) {
    watch_->uv.data = watch_;
    int failed = uv_poll_init(loop, &watch_->uv, watch_->handle.fd());
    if (failed != 0) {
      delete watch_;
    } else if ((failed = uv_poll_start(&watch_->uv, UV_READABLE, &libuv_adapter::readable)) != 0) {
      stop();
    }
    if (failed != 0)
      throw error(errc::system,
                  std::string("libuv cannot watch the endpoint: ") + uv_strerror(failed));
  }
  ~libuv_adapter() { stop(); }
  libuv_adapter(libuv_adapter&& o) noexcept : watch_(std::exchange(o.watch_, nullptr)) {}
  libuv_adapter& operator=(libuv_adapter&&) = delete;

  /// Does not dispatch any more. The loop has to go on once (uv_run) to let go of the memory.
  void stop() noexcept {
    if (watch* w = std::exchange(watch_, nullptr)) close(w);
  }

 private:
  struct watch {
    loop_handle handle;
    uv_poll_t uv;
  };

  static void close(watch* w) noexcept {
    auto* h = reinterpret_cast<uv_handle_t*>(&w->uv);
    if (uv_is_closing(h) == 0)
      uv_close(h, [](uv_handle_t* c) { delete static_cast<watch*>(c->data); });
  }
  static void readable(uv_poll_t* p, int, int) {
    auto* w = static_cast<watch*>(p->data);
    // A listener may stop the adapter: its memory stays until the loop has gone on.
    if (!w->handle.try_poll() && uv_is_closing(reinterpret_cast<uv_handle_t*>(p)) == 0)
      uv_poll_stop(p);
  }

  watch* watch_;
};

}  // namespace ipczmq
