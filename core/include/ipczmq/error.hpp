// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/version.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace ipczmq {

/// What went wrong. `e.code() == errc::no_listener` reads as written; the category's name is
/// "ipczmq".
enum class errc {
  no_listener = 1,     ///< Nobody listens on the channel of a synchronous call.
  no_reply,            ///< Everybody who could have answered is done, and nobody has.
  no_handler,          ///< No handler is registered for the channel of an invoke.
  duplicate_handler,   ///< The channel has a handler already.
  bad_arguments,       ///< The arguments do not fit the listener, or cannot be packed.
  timed_out,           ///< The deadline passed.
  cancelled,           ///< The caller cancelled.
  disconnected,        ///< There is no connection, and waiting for one is not wanted.
  main_restarted,      ///< Main is another process than the one that was asked.
  peer_gone,           ///< The peer has left, crashed or been lost.
  closed,              ///< The endpoint is closed.
  overflow,            ///< The queue to the peer is full.
  too_large,           ///< A message is larger than the peer accepts.
  bad_channel,         ///< A channel is empty, longer than 255 bytes, or not UTF-8.
  refused,             ///< Main refused this renderer.
  duplicate_identity,  ///< Another live renderer has this identity.
  incompatible,        ///< The peers have no protocol version in common.
  endpoint_in_use,     ///< Somebody else serves the endpoint.
  bad_endpoint,        ///< The endpoint cannot be understood or used.
  forbidden,           ///< Not allowed: another user, or TCP without keys.
  forked,              ///< The endpoint belongs to the parent process.
  reentered,           ///< Driven from inside one of its own listeners.
  bad_frame,           ///< The peer sent something that is not this protocol.
  remote_failed,       ///< The listener or handler on the other side threw.
  system,              ///< The operating system or ZeroMQ refused; the text says what.
};

IPCZMQ_API const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), error_category()};
}

/// The name of an error as it goes over the wire, such as "no_listener".
IPCZMQ_API std::string_view errc_name(errc e) noexcept;
/// The error of that name; `remote_failed` for an unknown one.
IPCZMQ_API errc errc_from_name(std::string_view name) noexcept;

/// Everything that ipczmq throws. `what()` is the message alone: channel, peer, endpoint, cause and
/// next step.
class IPCZMQ_API error : public std::system_error {
 public:
  error(errc code, std::string message);
  error(const error&) noexcept = default;
  error& operator=(const error&) noexcept = default;
  ~error() override;
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  /// The same as `code()`, for a switch.
  [[nodiscard]] errc kind() const noexcept { return static_cast<errc>(code().value()); }

 private:
  std::string message_;
};

/// An error that came from the other side, or that is meant for it.
///
/// Caught by a caller: what the listener or handler threw there. `code()` is `remote_failed` for
/// its own exceptions, or the framework's error (`no_handler`, `bad_arguments`, …). `what()` is
/// Electron's text: "Error invoking remote method 'sum': Error: too big". Thrown by a listener or
/// handler: `remote_error("RangeError", "too big", packed)` travels whole.
class IPCZMQ_API remote_error : public error {
 public:
  /// For throwing: name, message, and optionally one packed msgpack value (see `pack` in
  /// convert.hpp).
  remote_error(std::string name, std::string message, std::vector<std::byte> data = {});
  remote_error(errc code, std::string what, std::string name, std::string message,
               std::vector<std::byte> data);
  remote_error(const remote_error&) = default;
  remote_error& operator=(const remote_error&) = default;
  ~remote_error() override;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& message() const noexcept { return remote_message_; }
  /// What the thrower attached: one msgpack value, or empty. `unpack<T>(e.data())` converts it.
  [[nodiscard]] const std::vector<std::byte>& data() const noexcept { return data_; }

 private:
  std::string name_;
  std::string remote_message_;
  std::vector<std::byte> data_;
};

}  // namespace ipczmq

template <>
struct std::is_error_code_enum<ipczmq::errc> : std::true_type {};
