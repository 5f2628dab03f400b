// SPDX-License-Identifier: MIT
// The kinds that this version knows (PROTOCOL.md §3).
#pragma once

#include "wire/frame.hpp"

#include <array>

namespace ipczmq::wire {

struct kind_entry {
  const char* name = nullptr;  // for error texts
  std::size_t elements = 1;    // at least, the kind included
};

inline constexpr auto known_kinds = [] {
  std::array<kind_entry, static_cast<std::size_t>(kind::bye) + 1> entries{};
  const auto add = [&](kind k, const char* name, std::size_t elements) {
    entries[static_cast<std::size_t>(k)] = {name, elements};
  };
  add(kind::event, "event", 3);
  add(kind::sync_call, "sync call", 5);
  add(kind::invoke, "invoke", 5);
  add(kind::reply, "reply", 3);
  add(kind::error_reply, "error reply", 6);
  add(kind::cancel, "cancel", 3);
  add(kind::subscribe, "subscribe", 2);
  add(kind::unsubscribe, "unsubscribe", 2);
  add(kind::hello, "hello", 2);
  add(kind::welcome, "welcome", 2);
  add(kind::refuse, "refuse", 3);
  add(kind::ping, "ping", 4);
  add(kind::pong, "pong", 4);
  add(kind::bye, "bye", 3);
  return entries;
}();

// Without a name when `number` is not a kind that we know.
[[nodiscard]] constexpr kind_entry entry_of(std::uint64_t number) noexcept {
  return number < known_kinds.size() ? known_kinds[number] : kind_entry{};
}

}  // namespace ipczmq::wire
