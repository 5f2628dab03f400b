// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"

#include <algorithm>
#include <cstdint>

namespace ipczmq::engine {

// How much of what was handed to libzmq for a peer the peer has not proved to have read. libzmq
// keeps what is not read, without a bound (see DESIGN: its own drops in silence) and without a
// word. Acknowledgements prove nothing: they can be made up. The answer to a ping with an
// unguessable token does, for all that was sent before that ping. Without a limit, nothing is ever
// too much.
class unread {
 public:
  unread() = default;
  explicit unread(std::uint64_t queue_bytes)
      : proof_after_(std::max<std::uint64_t>(queue_bytes / 16, 1 << 20)),
        answers_max_(2 * queue_bytes),
        max_(3 * queue_bytes + (4 << 20)) {}

  void sent(const session::parts& p) noexcept {
    for (const buffer& b : p) total_ += b.size() + overhead;
  }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return total_ - proved_; }
  // Its connection ended, and with it went what libzmq kept for it.
  void forget() noexcept {
    proved_ = total_;
    token_ = 0;
  }

  // Enough has been sent for another proof.
  [[nodiscard]] bool proof_due() const noexcept {
    return token_ == 0 && max_ != 0 && bytes() >= proof_after_;
  }
  void ask(std::uint64_t token) noexcept {
    token_ = token;
    mark_ = total_;
  }
  void on_pong(std::uint64_t token) noexcept {
    if (token_ == 0 || token != token_) return;
    proved_ = std::max(proved_, mark_);
    token_ = 0;
  }

  // Answers beyond it are refused; beyond `too_much` the peer has to go.
  [[nodiscard]] bool room_for_answer(std::uint64_t size) const noexcept {
    return max_ == 0 || bytes() + size <= answers_max_ || bytes() < proof_after_;
  }
  [[nodiscard]] bool too_much() const noexcept { return max_ != 0 && bytes() > max_; }

 private:
  // What libzmq adds to a part, about.
  static constexpr std::uint64_t overhead = 128;

  std::uint64_t proof_after_ = 0;
  std::uint64_t answers_max_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t proved_ = 0;
  std::uint64_t mark_ = 0;
  std::uint64_t token_ = 0;  // of the ping that is under way; 0: none
};

}  // namespace ipczmq::engine
