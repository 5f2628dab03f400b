// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/endpoint.hpp>
#include <ipczmq/undelivered.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq {

/// Why a renderer has gone.
enum class gone_reason : std::uint8_t {
  clean_exit,      ///< it closed
  crashed,         ///< its process died without a word
  lost,            ///< its connection was lost, or it fell silent, and did not come back in time
  killed,          ///< main closed it (web_contents::close, or its identity was taken over)
  protocol_error,  ///< it sent something that is not the protocol
  overflow,        ///< it did not keep up (overflow_policy::disconnect), or took no answers
};
struct gone_details {
  gone_reason reason{};
  std::string message;             ///< for people
  std::size_t unacknowledged = 0;  ///< one-way messages to it that were accepted and, as far as
                                   ///< known, not dispatched there: `lost.total()`
  undelivered lost{};              ///< these, by fate
};
IPCZMQ_API std::string_view to_string(
    gone_reason r) noexcept;  ///< Electron's spelling: "clean-exit", "crashed", …

/// The one main, to which renderers connect: Electron's ipcMain. See `endpoint` for threads and
/// `emitter` for the verbs.
class IPCZMQ_API ipc_main : public endpoint {
 public:
  using options = main_options;

  /// Binds. Throws error: endpoint_in_use, bad_endpoint, forbidden.
  explicit ipc_main(main_options o = {});
  explicit ipc_main(std::string_view where)
      : ipc_main(main_options{.endpoints = {std::string(where)}}) {}
  /// Drains for `linger`, then closes. Never throws, never hangs.
  ~ipc_main();

  /// Where it is bound, with the ports that were chosen.
  [[nodiscard]] std::vector<std::string> endpoints() const;

  /// Sends an event to every renderer; returns how many. A renderer whose queue is full does not
  /// get it: counted, logged.
  template <class... A>
  std::size_t broadcast(std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return broadcast_packed(channel, *p, false);
  }
  /// Sends an event to exactly the renderers that have a listener for the channel (or an `on_any`);
  /// returns how many.
  template <class... A>
  std::size_t publish(std::string_view channel, const A&... a) {
    detail::pack_lease p;
    detail::pack_args(*p, a...);
    return broadcast_packed(channel, *p, true);
  }
  std::size_t broadcast_raw(std::string_view channel, bytes_view packed_args,
                            std::span<const buffer> buffers = {});
  std::size_t publish_raw(std::string_view channel, bytes_view packed_args,
                          std::span<const buffer> buffers = {});

  /// The renderers that are there, by id.
  [[nodiscard]] std::vector<ipczmq::web_contents> web_contents() const;
  [[nodiscard]] std::optional<ipczmq::web_contents> from_id(std::uint64_t id) const;
  [[nodiscard]] std::optional<ipczmq::web_contents> from_identity(std::string_view identity) const;

  using contents_hook = std::function<void(ipczmq::web_contents)>;
  using gone_hook = std::function<void(ipczmq::web_contents, const gone_details&)>;
  using recovered_hook = std::function<void(ipczmq::web_contents, const recovery_details&)>;
  using overflow_hook = std::function<void(ipczmq::web_contents, std::size_t dropped)>;
  // One hook each, set anew by a second call; called on the dispatch thread, in order with the
  // renderer's messages.
  /// A renderer was welcomed; before its first message.
  void on_web_contents_created(contents_hook hook);
  /// After the last of its messages; `destroyed` follows.
  void on_render_process_gone(gone_hook hook);
  void on_destroyed(contents_hook hook);
  /// Its listeners have not got on for `unresponsive_after` while messages wait, or have got on
  /// again.
  void on_unresponsive(contents_hook hook);
  void on_responsive(contents_hook hook);
  /// It came back after its connection was lost, and its session goes on.
  void on_recovered(recovered_hook hook);
  /// Messages to it were dropped by the overflow policy, so many since the last time.
  void on_overflow(overflow_hook hook);
  /// Its queue, once full, is half empty again.
  void on_drain(contents_hook hook);

 private:
  struct parts;
  explicit ipc_main(const parts& p);
  std::size_t broadcast_packed(std::string_view channel, const detail::packed& p,
                               bool subscribers_only);
};

}  // namespace ipczmq
