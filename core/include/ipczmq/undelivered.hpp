// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/args.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ipczmq {

/// What is known of a one-way message whose session is over.
enum class fate : std::uint8_t {
  unsent,    ///< it never left: it was not dispatched
  received,  ///< the other process had taken it, and has not said that its listeners returned
  unknown,   ///< it had left, and nobody knows whether it arrived
};
IPCZMQ_API std::string_view to_string(fate f) noexcept;

/// One such message, as it was sent: `send_raw(m.channel, m.bytes(), m.attachments())` sends it
/// again.
struct undelivered_message {
  ipczmq::fate fate{};
  std::string channel;
  value packed;  ///< its argument array

  [[nodiscard]] args arguments() const { return {packed.bytes(), packed.attachments()}; }
  [[nodiscard]] bytes_view bytes() const noexcept { return packed.bytes(); }
  [[nodiscard]] std::span<const buffer> attachments() const noexcept {
    return packed.attachments();
  }
};

namespace detail {
struct undelivered_frames;
}

/// The one-way messages that a session left behind when it ended: accepted, and not known to have
/// been dispatched. Calls are not among them, each has failed with an error of its own. Cheap to
/// copy; keeps the messages' bytes for as long as a copy lives.
class IPCZMQ_API undelivered {
 public:
  std::size_t unsent = 0;
  std::size_t received = 0;
  std::size_t unknown = 0;

  undelivered() = default;
  explicit undelivered(std::shared_ptr<const detail::undelivered_frames> frames);

  [[nodiscard]] std::size_t total() const noexcept { return unsent + received + unknown; }
  /// The messages themselves, in the order of sending. Unpacks them anew at every call.
  [[nodiscard]] std::vector<undelivered_message> messages() const;

 private:
  std::shared_ptr<const detail::undelivered_frames> frames_;
};

}  // namespace ipczmq
