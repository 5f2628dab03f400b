// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/detail/stop_slot.hpp>
#include <ipczmq/version.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// Gets one line at a time, without a newline, from any thread; it must not call the endpoint.
/// Default: warnings and errors to stderr.
using log_callback = std::function<void(log_level, std::string_view)>;

/// What a tap sees of one message. The views are valid during the call only.
struct tap_record {
  bool incoming = false;
  std::string_view peer;  ///< identity
  std::string_view kind;  ///< "event", "sync_call", "invoke", "reply", "error_reply", "cancel", …
  std::string_view channel;  ///< empty where the kind has none
  std::size_t bytes = 0;     ///< of arguments or value, without attachments
  std::uint64_t id = 0;      ///< correlation id of calls and their replies
  std::chrono::steady_clock::time_point time;
};
/// Sees every message in and out, never its arguments. Called from any thread, one call at a time
/// and without a lock of the endpoint, soon after the message passed. Null by default, and then it
/// costs nothing.
using tap_callback = std::function<void(const tap_record&)>;

/// When a second live renderer comes with an identity that is taken.
enum class duplicate_policy : std::uint8_t {
  refuse,   ///< the second gets error(duplicate_identity)
  replace,  ///< the first is told and closed
};

/// What a send does that finds the queue to its peer full (`queue_bytes`, `queue_messages`, main's
/// `total_queue_bytes`). Nothing is dropped in silence: `statistics().messages_dropped` counts,
/// `on_overflow` tells, and so does one line in the log for each time that the queue fills.
enum class overflow_policy : std::uint8_t {
  block,        ///< waits until there is room, at most `block_for` or until the call's deadline;
                ///< in a listener, which must not wait for its own peer, as `fail`
  fail,         ///< throws error(overflow); `writable()` and `on_drain` tell when there is room
  drop_oldest,  ///< makes room by dropping events that have not left yet, oldest first and up to
                ///< 64 KiB of them at a time; half of the queue is kept on this side for that.
                ///< Where there are none, as `drop_newest`
  drop_newest,  ///< drops the event that is sent; a call throws error(overflow)
  disconnect,   ///< gives the peer up: main ends the renderer's session (`gone_reason::overflow`;
                ///< it may come back with a new one), a renderer closes. The send throws
                ///< error(overflow)
};

/// What happens to one-way messages that had left for a main that was then restarted or lost, and
/// that it may or may not have dispatched.
enum class restart_policy : std::uint8_t {
  report,  ///< handed back: `disconnect_details::lost`
  repeat,  ///< sent to the next main, before all that waits: dispatched at least once, perhaps
           ///< twice
};

/// The names of the policies, each at the place of its value: for configuration, and what is in
/// other languages.
inline constexpr std::array<std::string_view, 2> duplicate_policy_names{"refuse", "replace"};
inline constexpr std::array<std::string_view, 5> overflow_policy_names{
    "block", "fail", "drop_oldest", "drop_newest", "disconnect"};
inline constexpr std::array<std::string_view, 2> restart_policy_names{"report", "repeat"};

/// Limits on what a peer may send, negotiated at the start of a session. Beyond them its session is
/// closed.
struct limits {
  std::size_t part_bytes = std::size_t{64}
                           << 20;   ///< of one message, or of one large `buffer` in it
  std::uint32_t messages = 65536;   ///< in one frame
  std::uint32_t attachments = 256;  ///< large buffers in one frame
  std::uint32_t depth = 64;         ///< nesting of arrays and maps in arguments
};

struct main_options {
  /// Where to bind: "ipc://path", "tcp://127.0.0.1:5000", "tcp://127.0.0.1:*" (any free port),
  /// "inproc://name". Several at once are fine. Empty: IPCZMQ_ENDPOINT when set, else a socket of
  /// the user's own in XDG_RUNTIME_DIR (or /tmp/ipczmq-<uid>).
  std::vector<std::string> endpoints{};
  std::string identity = "main";
  /// Allows TCP beyond loopback without keys: everybody who reaches the port may talk. Keys come
  /// with a later version.
  bool insecure = false;
  duplicate_policy duplicates = duplicate_policy::refuse;
  std::chrono::milliseconds ping_interval{1000};
  /// A renderer that has not been heard for so long is lost.
  std::chrono::milliseconds ping_timeout{5000};
  /// A renderer whose listeners have not got on for so long, while messages wait, is
  /// `unresponsive`.
  std::chrono::milliseconds unresponsive_after{10000};
  /// How long a session outlives its connection. 0: it ends with it.
  std::chrono::milliseconds resume_for{15000};
  /// How long the destructor and close() wait for what was sent to be acknowledged.
  std::chrono::milliseconds linger{1000};
  /// Deadline of `web_contents.invoke` without one of its own.
  std::chrono::milliseconds call_deadline{30000};
  ipczmq::limits limits{};
  /// Undispatched bytes that may be under way to one renderer, or come from it.
  std::size_t queue_bytes = std::size_t{128} << 20;
  /// Undispatched events and calls that may be under way to one renderer.
  std::size_t queue_messages = 1'000'000;
  /// Undispatched bytes under way to all renderers together. Half of them go to whoever comes
  /// first, half are divided equally, so that one flood leaves room for the others.
  std::size_t total_queue_bytes = std::size_t{1} << 30;
  /// Bytes received from all renderers together and not dispatched, divided likewise. Beyond, no
  /// more is taken: it stays with the renderers until there is room.
  std::size_t total_inbox_bytes = std::size_t{1} << 30;
  /// What a send beyond these bounds does.
  overflow_policy overflow = overflow_policy::fail;
  /// How long `overflow_policy::block` waits; 0: for as long as it takes.
  std::chrono::milliseconds block_for{0};
  /// Connections at a time; beyond, new ones are cut. So are those that would take descriptors from
  /// the process's reserve: an eighth, at least 1065, at most half of what the hard limit of open
  /// files allows (to which the limit is raised).
  std::size_t connections_max = 100000;
  log_callback log{};
  tap_callback tap{};
};

struct renderer_options {
  /// Where main is. Empty: as in `main_options`.
  std::string endpoint{};
  /// Its name, 1 to 200 bytes. Empty: "<program>.<pid>.<n>".
  std::string identity{};
  /// See main_options.
  bool insecure = false;
  /// Unset: the constructor returns at once, and what is sent waits for main. Set: the constructor
  /// waits so long for main's welcome and else throws error(disconnected).
  std::optional<std::chrono::milliseconds> connect_within{};
  /// Deadline of calls without one of their own; 0 is none.
  std::chrono::milliseconds call_deadline{0};
  std::chrono::milliseconds linger{1000};
  ipczmq::limits limits{};
  /// Undispatched bytes that may be under way to main.
  std::size_t queue_bytes = std::size_t{64} << 20;
  /// Undispatched events and calls that may be under way to main.
  std::size_t queue_messages = 1'000'000;
  /// What a send beyond these bounds does.
  overflow_policy overflow = overflow_policy::block;
  /// How long `overflow_policy::block` waits; 0: for as long as it takes.
  std::chrono::milliseconds block_for{0};
  /// What becomes of one-way messages that a lost main may have dispatched.
  restart_policy after_restart = restart_policy::report;
  log_callback log{};
  tap_callback tap{};
};

/// Options of one call, given first: `invoke<int>({.deadline = 2s}, "sum", 1, 2)`.
struct call_options {
  /// The call fails with error(timed_out) after so long. Unset: the endpoint's `call_deadline`. 0:
  /// none.
  std::optional<std::chrono::milliseconds> deadline{};
  /// Cancels the call when stop is requested.
  detail::stop_slot stop{};  // a std::stop_token
};

/// What `drain` reached.
struct drain_result {
  bool complete = false;  ///< everything accepted has been acknowledged
  /// Messages that have not: events, calls and answers, and what the library sends by itself in
  /// order with them (cancels, subscriptions); and those lost meanwhile with a session that ended
  /// (`on_disconnected`, `on_render_process_gone` say which).
  std::size_t unacknowledged = 0;
  explicit operator bool() const noexcept { return complete; }
};

/// A listener or handler threw, or a message could not be delivered to it. Given to `on_error`.
struct failure {
  std::string channel;
  std::string peer;  ///< identity of the other side
  std::string what;  ///< one line for people
  std::exception_ptr exception;
};
using error_hook = std::function<void(const failure&)>;

}  // namespace ipczmq
