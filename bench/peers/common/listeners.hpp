// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bench {

// What hand-written peers put before a payload.
struct header {
  std::uint64_t id = 0;
  std::uint32_t size = 0;
  char kind = 0;  // 'r'equest, 'e'vent, 'c'ount, 'f'lood for id ms, 'd'one
  char channel_size = 0;
  char channel[18] = {};

  header() = default;
  header(char k, std::uint64_t i, std::string_view c, std::size_t payload)
      : id(i),
        size(static_cast<std::uint32_t>(payload)),
        kind(k),
        channel_size(static_cast<char>(c.size())) {
    std::memcpy(channel, c.data(), c.size());
  }
  [[nodiscard]] std::string_view name() const {
    return {channel, static_cast<std::size_t>(channel_size)};
  }
};
static_assert(sizeof(header) == 32);

// Channel -> listener, as any program has it that does not want to write its dispatch by hand.
class listeners {
 public:
  using listener = std::function<void(std::string_view)>;

  void on(std::string channel, listener f) { table_.emplace(std::move(channel), std::move(f)); }
  void call(std::string_view channel, std::string_view payload) const {
    if (const auto found = table_.find(channel); found != table_.end()) found->second(payload);
  }

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::unordered_map<std::string, listener, hash, std::equal_to<>> table_;
};

// The listeners of every peer's client and server: they count.
struct counting_listeners : listeners {
  counting_listeners() {
    on("event", [this](std::string_view payload) {
      ++counted;
      bytes += payload.size();
    });
    on("echo", [this](std::string_view payload) { bytes += payload.size(); });
  }
  std::uint64_t counted = 0;
  std::size_t bytes = 0;
};

}  // namespace bench
