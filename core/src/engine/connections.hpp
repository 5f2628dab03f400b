// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

namespace ipczmq::engine {

// Main's connections by their descriptors, from accept to disconnect, and which of them are to be
// cut: those beyond `connections_max`, and those that say no hello. (Those that would use up the
// descriptors are cut by transport's gate.) Pure state.
class connections {
 public:
  // In place of a peer whose session has gone while its connection is still there.
  static constexpr std::uint64_t gone_peer = ~std::uint64_t{0};
  static constexpr std::chrono::seconds hello_within{3};

  struct limits {
    std::size_t connections = 100000;
    // Connections without a hello; beyond, the oldest of them ends.
    std::size_t half_open = 16384;
  };
  struct connection {
    std::uint64_t peer = 0;    // 0: no hello yet
    std::uint64_t serial = 0;  // of this use of the descriptor
    bool refused = false;      // it has been refused, and told so
    int strays = 0;            // frames of no session
  };

  struct cuts {
    std::size_t count = 0;
    std::string why{};
  };

  connections(limits l, std::function<void(int fd)> cut) : limits_(l), cut_(std::move(cut)) {}

  // A connection came; what had to be cut for it, itself or another.
  cuts accepted(int fd, session::time_point now);
  // It is gone; the peer that it was of, or 0.
  std::uint64_t disconnected(int fd);
  // Cuts those whose hello is due.
  cuts on_time(session::time_point now);
  // When to call on_time() again.
  [[nodiscard]] session::time_point next_due() const {
    return half_open_.empty() ? session::never : half_open_.front().until;
  }
  // Null when none was reported, or its end was.
  [[nodiscard]] connection* find(int fd) {
    const auto it = by_fd_.find(fd);
    return it == by_fd_.end() ? nullptr : &it->second;
  }
  // Whether to answer a frame with a refusal. It is told, and logged, once; who goes on is cut.
  bool may_refuse(int fd);
  // Whether to answer a frame that belongs to no session; who goes on for long is cut.
  bool may_stray(int fd);
  // The session of `peer` is over.
  void forget(int fd, std::uint64_t peer);
  [[nodiscard]] std::size_t size() const { return by_fd_.size(); }

 private:
  struct half_open {
    session::time_point until;
    int fd;
    std::uint64_t serial;
  };
  // Whether it was still there, and without a hello.
  bool end_first_half_open();

  const limits limits_;
  const std::function<void(int fd)> cut_;
  std::unordered_map<int, connection> by_fd_;
  std::deque<half_open> half_open_;
  std::uint64_t serial_ = 0;
};

}  // namespace ipczmq::engine
