// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/endpoint.hpp>
#include <ipczmq/undelivered.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace ipczmq {

/// Why a renderer's session ended or its connection broke.
struct disconnect_details {
  errc code{};          ///< disconnected, main_restarted, closed, refused, duplicate_identity,
                        ///< incompatible, forbidden, bad_frame
  std::string message;  ///< for people
  std::size_t unacknowledged = 0;  ///< one-way messages to main that were accepted and, as far as
                                   ///< known, not dispatched there, and that are not sent any more:
                                   ///< `lost.total()`. 0 while the session may still be resumed
  undelivered lost{};              ///< these, by fate
  std::size_t repeated = 0;        ///< one-way messages that go to the next main although the last
                                   ///< one may have dispatched them (restart_policy::repeat)
};

/// One renderer, connected to main: Electron's ipcRenderer. See `endpoint` for threads and
/// `emitter` for the verbs.
class IPCZMQ_API ipc_renderer : public endpoint {
 public:
  using options = renderer_options;

  /// Connects in the background (see `connect_within`): what is sent before main answers waits for
  /// it. Throws error: bad_endpoint, forbidden; with `connect_within` also disconnected, refused,
  /// duplicate_identity, incompatible.
  explicit ipc_renderer(renderer_options o = {});
  explicit ipc_renderer(std::string_view where)
      : ipc_renderer(renderer_options{.endpoint = std::string(where)}) {}
  /// Drains for `linger`, then closes. Never throws, never hangs.
  ~ipc_renderer();

  /// Sends an event to main. Throws error: bad_channel, bad_arguments, too_large, overflow, closed,
  /// and what main refused this renderer with.
  template <class... A>
  void send(std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    send_packed(channel, *p);
  }
  void send_raw(std::string_view channel, bytes_view packed_args,
                std::span<const buffer> buffers = {});

  /// Sends, and waits for `event.return_value`. Other messages stay queued meanwhile and are
  /// dispatched afterwards, in order. Works inside a listener. Throws remote_error (no_listener,
  /// no_reply, or what the listener threw) or error (timed_out, disconnected, main_restarted,
  /// closed, …).
  template <class R = value, class... A>
  R send_sync(std::string_view channel, const A&... a) {
    return send_sync<R>(call_options{}, channel, a...);
  }
  template <class R = value, class... A>
  R send_sync(const call_options& o, std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return call<R>(call_packed(o, channel, *p, true)).get();
  }
  value send_sync_raw(const call_options& o, std::string_view channel, bytes_view packed_args,
                      std::span<const buffer> buffers = {});
  /// The same without the wait: for bindings, whose language wants to look after itself meanwhile.
  call<value> begin_sync_raw(const call_options& o, std::string_view channel,
                             bytes_view packed_args, std::span<const buffer> buffers = {});

  /// Calls main's handler. See `call`.
  template <class R = value, class... A>
  call<R> invoke(std::string_view channel, const A&... a) {
    return invoke<R>(call_options{}, channel, a...);
  }
  template <class R = value, class... A>
  call<R> invoke(const call_options& o, std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return call<R>(call_packed(o, channel, *p, false));
  }
  call<value> invoke_raw(const call_options& o, std::string_view channel, bytes_view packed_args,
                         std::span<const buffer> buffers = {});

  [[nodiscard]] bool is_connected() const;
  /// What is known of main; empty before the first welcome.
  [[nodiscard]] peer_info info() const;
  /// Whether a send would find room in the queue.
  [[nodiscard]] bool writable() const;

  using state_hook = std::function<void()>;
  using recovered_hook = std::function<void(const recovery_details&)>;
  using overflow_hook = std::function<void(std::size_t dropped)>;
  using disconnect_hook = std::function<void(const disconnect_details&)>;
  // One hook each, set anew by a second call; called on the dispatch thread.
  /// Main has welcomed this renderer: a new session.
  void on_connected(state_hook hook);
  /// The connection broke, or main was restarted. It goes on trying.
  void on_disconnected(disconnect_hook hook);
  /// The connection came back and the session goes on; nothing was lost.
  void on_recovered(state_hook hook);
  void on_recovered(recovered_hook hook);
  /// Messages were dropped by the overflow policy, so many since the last time.
  void on_overflow(overflow_hook hook);
  /// The queue to main, once full, is half empty again.
  void on_drain(state_hook hook);
  /// It is over: main closed or refused this renderer.
  void on_closed(disconnect_hook hook);

 private:
  struct parts;
  explicit ipc_renderer(const parts& p);
  void send_packed(std::string_view channel, const detail::packed& p);
  [[nodiscard]] std::shared_ptr<detail::call_state> call_packed(const call_options& o,
                                                                std::string_view channel,
                                                                const detail::packed& p, bool sync);
};

}  // namespace ipczmq
