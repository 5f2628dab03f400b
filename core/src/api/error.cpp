// SPDX-License-Identifier: MIT
#include <ipczmq/error.hpp>

#include <array>
#include <utility>

namespace ipczmq {

namespace {

struct entry {
  errc code;
  std::string_view name;
  std::string_view sentence;
};

// In the order of errc, which begins at 1.
constexpr std::array entries{
    entry{errc::no_listener, "no_listener", "Nobody listens on the channel of a synchronous call."},
    entry{errc::no_reply, "no_reply", "Everybody who could have answered is done, and nobody has."},
    entry{errc::no_handler, "no_handler", "No handler is registered for the channel of an invoke."},
    entry{errc::duplicate_handler, "duplicate_handler", "The channel has a handler already."},
    entry{errc::bad_arguments, "bad_arguments",
          "The arguments do not fit the listener, or cannot be packed."},
    entry{errc::timed_out, "timed_out", "The deadline passed."},
    entry{errc::cancelled, "cancelled", "The caller cancelled."},
    entry{errc::disconnected, "disconnected",
          "There is no connection, and waiting for one is not wanted."},
    entry{errc::main_restarted, "main_restarted",
          "Main is another process than the one that was asked."},
    entry{errc::peer_gone, "peer_gone", "The peer has left, crashed or been lost."},
    entry{errc::closed, "closed", "The endpoint is closed."},
    entry{errc::overflow, "overflow", "The queue to the peer is full."},
    entry{errc::too_large, "too_large", "A message is larger than the peer accepts."},
    entry{errc::bad_channel, "bad_channel",
          "A channel is empty, longer than 255 bytes, or not UTF-8."},
    entry{errc::refused, "refused", "Main refused this renderer."},
    entry{errc::duplicate_identity, "duplicate_identity",
          "Another live renderer has this identity."},
    entry{errc::incompatible, "incompatible", "The peers have no protocol version in common."},
    entry{errc::endpoint_in_use, "endpoint_in_use", "Somebody else serves the endpoint."},
    entry{errc::bad_endpoint, "bad_endpoint", "The endpoint cannot be understood or used."},
    entry{errc::forbidden, "forbidden", "Not allowed: another user, or TCP without keys."},
    entry{errc::forked, "forked", "The endpoint belongs to the parent process."},
    entry{errc::reentered, "reentered", "Driven from inside one of its own listeners."},
    entry{errc::bad_frame, "bad_frame", "The peer sent something that is not this protocol."},
    entry{errc::remote_failed, "remote_failed", "The listener or handler on the other side threw."},
    entry{errc::system, "system", "The operating system or ZeroMQ refused; the text says what."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (static_cast<std::size_t>(entries[i].code) != i + 1) return false;
  }
  return entries.back().code == errc::system;
}
static_assert(in_order());

// Null for a number that is no errc.
const entry* find(int code) noexcept {
  const auto i = static_cast<std::size_t>(code) - 1;
  return code > 0 && i < entries.size() ? &entries[i] : nullptr;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "ipczmq"; }
  [[nodiscard]] std::string message(int code) const override {
    const entry* e = find(code);
    return e != nullptr ? std::string(e->sentence) : "Unknown error " + std::to_string(code) + ".";
  }
};

// As JavaScript's Error.toString().
std::string name_and_message(const std::string& name, const std::string& message) {
  if (name.empty() || message.empty()) return name + message;
  return name + ": " + message;
}

}  // namespace

const std::error_category& error_category() noexcept {
  static const category the_category;
  return the_category;
}

std::string_view errc_name(errc e) noexcept {
  const entry* found = find(static_cast<int>(e));
  return found != nullptr ? found->name : "remote_failed";
}

errc errc_from_name(std::string_view name) noexcept {
  for (const entry& e : entries) {
    if (e.name == name) return e.code;
  }
  return errc::remote_failed;
}

error::error(errc code, std::string message)
    : std::system_error(code), message_(std::move(message)) {}
error::~error() = default;

remote_error::remote_error(std::string name, std::string message, std::vector<std::byte> data)
    : error(errc::remote_failed, name_and_message(name, message)),
      name_(std::move(name)),
      remote_message_(std::move(message)),
      data_(std::move(data)) {}

remote_error::remote_error(errc code, std::string what, std::string name, std::string message,
                           std::vector<std::byte> data)
    : error(code, std::move(what)),
      name_(std::move(name)),
      remote_message_(std::move(message)),
      data_(std::move(data)) {}

remote_error::~remote_error() = default;

}  // namespace ipczmq
