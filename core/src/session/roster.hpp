// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace ipczmq::session {

// What main does with a hello.
struct admission {
  // `late`: a newer hello of that renderer has come already, this one is to be ignored.
  enum class what : std::uint8_t { fresh, again, resumed, refused, late };
  admission::what what{};
  std::uint64_t id = 0;        // the renderer's number
  std::uint64_t replaces = 0;  // another renderer that has to go first; 0 for none
  bool itself = false;         // that one was the same renderer, which has begun anew
  std::string code;            // refused
  std::string text;
};

// Main's table of renderers: who is known by which routing id, identity and session secret. Pure
// state.
class roster {
 public:
  struct entry {
    std::uint64_t id = 0;
    std::string identity;
    std::string routing_id;
    wire::secret session{};
    wire::secret secret{};
    bool linked = true;  // false: its connection is gone, it may resume
    std::optional<wire::secret> instance;
    std::uint64_t attempt = 0;  // its newest hello
  };
  explicit roster(bool replace_duplicates) : replace_(replace_duplicates) {}

  // Decides; on `fresh` and `resumed` the table already holds the result. `random` makes the
  // secrets of a new session.
  admission on_hello(const wire::hello& h, std::string_view routing_id,
                     const std::function<wire::secret()>& random);
  void remove(std::uint64_t id);
  void set_linked(std::uint64_t id, bool linked);

  // 0 when unknown.
  [[nodiscard]] std::uint64_t by_routing_id(std::string_view routing_id) const;
  [[nodiscard]] std::uint64_t by_identity(std::string_view identity) const;
  [[nodiscard]] const entry* find(std::uint64_t id) const;

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      return std::hash<std::string_view>{}(s);
    }
  };
  using index = std::unordered_map<std::string, std::uint64_t, hash, std::equal_to<>>;
  admission refuse(std::string code, std::string text) const;

  [[nodiscard]] bool is_spent(std::string_view routing_id) const;
  void spend(std::string_view routing_id);

  const bool replace_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, entry> entries_;
  index routing_;
  index identities_;
  // The newest of the routing ids whose session is over, as hashes: a wrong hit costs its renderer
  // a new routing id.
  std::unordered_set<std::size_t> spent_;
  std::deque<std::size_t> spent_in_order_;
};

}  // namespace ipczmq::session
