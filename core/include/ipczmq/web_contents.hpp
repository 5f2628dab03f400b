// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/call.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ipczmq {

class emitter;
class event;
namespace engine {
class remote;
}
namespace detail {
void report_failure(const event& e, std::exception_ptr exception);
}

/// What is known of a peer.
struct peer_info {
  std::uint64_t pid = 0;  ///< 0 when unknown
  std::string host;
  std::string endpoint;  ///< the endpoint of main that it came by, as far as known: "ipc", "tcp" or
                         ///< "inproc" and more
  std::string library;   ///< "ipczmq 0.1.0"
  std::string authenticated_name;  ///< empty until keys exist
  bool connected = false;
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_queued = 0;      ///< sent but not yet dispatched there
  std::uint64_t messages_waiting = 0;  ///< received but not yet dispatched here
};

/// Main's handle of one renderer (and, in a renderer, `event.sender`: its handle of main). Cheap to
/// copy, thread-safe; comparable. It may outlive the renderer.
class IPCZMQ_API web_contents {
 public:
  web_contents() = default;
  explicit web_contents(std::shared_ptr<engine::remote> r) : remote_(std::move(r)) {}

  /// A small integer, never reused by this main; readable after the renderer has gone. 0 is main
  /// itself, and an empty handle.
  [[nodiscard]] std::uint64_t id() const noexcept;
  [[nodiscard]] const std::string& identity() const noexcept;
  [[nodiscard]] bool is_destroyed() const noexcept;
  explicit operator bool() const noexcept { return remote_ != nullptr; }
  friend bool operator==(const web_contents&, const web_contents&) = default;

  /// Sends an event. Throws error: peer_gone when the renderer has gone, overflow when its queue is
  /// full, bad_channel, bad_arguments, too_large.
  template <class... A>
  void send(std::string_view channel, const A&... a) const {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    send_packed(channel, *p);
  }
  /// The same with arguments that are msgpack already: one array; large binaries as `buffers`,
  /// referred to by ext type 31.
  void send_raw(std::string_view channel, bytes_view packed_args,
                std::span<const buffer> buffers = {}) const;

  /// Calls the renderer's handler. Never blocks; without a deadline in the options,
  /// `main_options::call_deadline` holds.
  template <class R = value, class... A>
  call<R> invoke(std::string_view channel, const A&... a) const {
    return invoke<R>(call_options{}, channel, a...);
  }
  template <class R = value, class... A>
  call<R> invoke(const call_options& o, std::string_view channel, const A&... a) const {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return call<R>(invoke_packed(o, channel, *p));
  }
  call<value> invoke_raw(const call_options& o, std::string_view channel, bytes_view packed_args,
                         std::span<const buffer> buffers = {}) const;

  /// Listeners and handlers for this peer alone. Messages go to its listeners first and then to the
  /// endpoint's; of two handlers this one is called.
  [[nodiscard]] emitter ipc() const;

  /// Ends the session: the renderer sees `closed`, calls to it fail with peer_gone.
  void close() const;
  [[nodiscard]] peer_info info() const;
  /// Whether a send would find room in the queue.
  [[nodiscard]] bool writable() const;

 private:
  friend void detail::report_failure(const event& e, std::exception_ptr exception);
  void send_packed(std::string_view channel, const detail::packed& p) const;
  [[nodiscard]] std::shared_ptr<detail::call_state> invoke_packed(const call_options& o,
                                                                  std::string_view channel,
                                                                  const detail::packed& p) const;

  std::shared_ptr<engine::remote> remote_;
};

}  // namespace ipczmq
