// SPDX-License-Identifier: MIT
#pragma once

#include "support/fifo.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"

#include <ipczmq/undelivered.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace ipczmq::session {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
inline constexpr time_point never = time_point::max();

// `t` + `d`, never when that lies beyond what the clock can say.
[[nodiscard]] constexpr time_point later(time_point t, std::chrono::milliseconds d) {
  return d >= std::chrono::duration_cast<std::chrono::milliseconds>(never - t) ? never : t + d;
}

// The parts of one frame, on the way to the transport.
using parts = std::vector<buffer>;
[[nodiscard]] inline std::size_t total_bytes(const parts& p) {
  std::size_t n = 0;
  for (const buffer& b : p) n += b.size();
  return n;
}

enum class lane : std::uint8_t {
  prompt,  // never waits for the window
  behind,  // waits behind the events and calls before it, but does not count itself: a cancel
  event,
  call,
};

// What the header of an incoming frame makes of it.
enum class verdict : std::uint8_t { take, control, duplicate, gap, malformed };

// The reliable stream of one session, both directions (PROTOCOL.md §5): numbers what goes out,
// keeps it until it is acknowledged (events until they are dispatched, so that they can be told of
// or sent again when the other side dies), takes what comes in, in order and once. Pure state.
class stream {
 public:
  // A frame is sealed beyond these; every peer accepts at least so much (PROTOCOL.md §7).
  static constexpr std::size_t frame_target = 64 * 1024;
  static constexpr std::size_t frame_messages = 1024;
  static constexpr std::size_t frame_attachments = 16;

  // `window_in`: how much we let the other side have undispatched; a quarter of it is acknowledged
  // at once.
  explicit stream(std::uint64_t window_in) : window_in_(window_in) {}

  // The builder for the next message, of about `bytes` (attachments included). Before establish()
  // everything waits, unnumbered.
  wire::frame_builder& place(lane l, std::size_t bytes, std::size_t attachments);

  // A session exists: numbering starts. `window_out` is how much may be undispatched on the other
  // side.
  void establish(std::uint64_t window_out) {
    established_ = true;
    window_out_ = window_out;
  }
  // The connection is gone: what comes waits unnumbered, so that another session can have it.
  void suspend() { linked_ = false; }
  // Back: forgets what the other side has, and hands out the rest again.
  void resume(std::uint64_t received_there);

  // Numbers what is open, and what the window lets go; hands out the frames to send.
  void flush(std::vector<parts>& out);
  // Whether flush() would hand out something: an acknowledgement may have opened the window.
  [[nodiscard]] bool has_to_send() const;
  // Said bye: nothing more is numbered.
  void finish() { finished_ = true; }

  // The acknowledgements and flags of an incoming frame, whatever becomes of it; false when
  // malformed, and then wrong() says why.
  bool heed(const wire::header& h, time_point now);
  // Reads the header of an incoming frame: acknowledgements, and whether to take it. `seq` becomes
  // received with `take`. Without `room` a frame to dispatch is left, as if it had not come, and so
  // are those behind it until take_again().
  verdict on_header(const wire::header& h, std::size_t bytes, bool dispatchable, time_point now,
                    bool room = true);
  // There is room again for what was left: it is asked for.
  void take_again();
  // A taken frame with events or calls has been dispatched; frames come in order.
  void dispatched(std::uint64_t seq, std::size_t bytes, time_point now);
  // Why heed() or on_header() called a frame malformed.
  [[nodiscard]] const char* wrong() const { return wrong_; }
  // Ping, pong or bye named the last frame that was sent; a gap is asked for when it has not come.
  void on_highest(std::uint64_t highest);

  // A frame with header alone when one is due or owed at once; false when none is.
  bool take_ack(time_point now, parts& out);
  void owe_ack_now() { ack_now_ = true; }
  [[nodiscard]] time_point ack_due() const;
  // The header of a control frame.
  [[nodiscard]] wire::header control_header(std::uint8_t flags) const {
    return {flags, 0, received_, dispatched_};
  }

  [[nodiscard]] bool established() const { return established_; }
  [[nodiscard]] bool linked() const { return linked_; }
  // The last frame that was handed out, again or not.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  // The next frame to hand out: not beyond sent() while frames are sent again.
  [[nodiscard]] std::uint64_t next_out() const { return next_out_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  // Bytes that events and calls occupy on their way, from being accepted to being dispatched there.
  [[nodiscard]] std::uint64_t queued_bytes() const {
    return undispatched_bytes_ + backlog_bytes_ + open_bytes();
  }
  [[nodiscard]] bool waiting_for_dispatch() const { return !window_.empty(); }
  [[nodiscard]] std::uint64_t peer_dispatched() const { return peer_dispatched_; }
  // Messages accepted and not acknowledged, and those of them that have never left.
  [[nodiscard]] std::size_t unacknowledged() const;
  [[nodiscard]] std::size_t unsent() const;
  // Messages that had left and are not acknowledged: resume() sends them again.
  [[nodiscard]] std::size_t in_flight() const;
  // Events and calls that were accepted and not dispatched there.
  [[nodiscard]] std::uint64_t undispatched() const {
    return placed_ - dispatched_there_ - phantoms_;
  }
  // Bytes of numbered frames without events and calls that are not acknowledged: what a peer makes
  // us keep that asks much and takes no answers.
  [[nodiscard]] std::uint64_t answer_bytes() const { return answer_bytes_; }
  // Bytes taken from the other side and not dispatched here.
  [[nodiscard]] std::uint64_t bytes_to_dispatch() const { return to_dispatch_bytes_; }
  // How many events and calls were placed so far, and how many of those are numbered: they keep
  // their order, so the n-th placed has left when n ≤ numbered().
  [[nodiscard]] std::uint64_t placed() const { return placed_; }
  [[nodiscard]] std::uint64_t numbered() const { return numbered_; }
  [[nodiscard]] bool idle() const {
    return kept_.empty() && backlog_.empty() && tail_.builder.empty() && open_.builder.empty();
  }

  // What has never left, moved into a stream that starts anew; without the replies. With `again`
  // also, before it, the events that had left and are not known to have been dispatched. Returns
  // how many those are.
  std::size_t inherit(stream& old, bool again);
  // Its events that are not known to have been dispatched, taken out; with `left_only` without
  // those that have never left.
  [[nodiscard]] undelivered take_undelivered(bool left_only);

  // Drops events that have not left, oldest first and in whole frames, until `bytes` of their bytes
  // or all are gone. Returns how many.
  std::size_t drop_oldest(std::uint64_t bytes);
  // Takes what waits unnumbered and is more than `theirs` out of its frames, which keep their
  // place. Returns what they held.
  [[nodiscard]] std::vector<parts> shed(const wire::limits& theirs);

  // Parts with attachments that are kept no longer. Their last owner may run a user's deleter:
  // destroy them where that is allowed.
  std::vector<parts> released;
  std::uint64_t resent = 0;      // frames
  std::uint64_t duplicates = 0;  // frames

 private:
  struct batch {
    wire::frame_builder builder;
    std::size_t counted = 0;  // events and calls in it, phantoms included
    std::size_t events = 0;
    std::size_t phantoms = 0;  // dropped events, which the places of later calls still count
  };
  struct sealed {
    std::uint64_t seq = 0;
    session::parts parts;
    std::size_t bytes = 0;
    std::size_t messages = 0;
    std::size_t counted = 0;
    std::size_t events = 0;
    std::size_t phantoms = 0;
    [[nodiscard]] bool in_window() const { return counted != phantoms; }
  };
  struct in_window {
    std::uint64_t seq;
    std::size_t bytes;
    std::size_t messages;
  };

  [[nodiscard]] std::size_t open_bytes() const {
    return (open_.counted != 0 ? open_.builder.size() : 0) +
           (tail_.builder.empty() ? 0 : tail_.builder.size());
  }
  [[nodiscard]] bool fits(std::size_t bytes) const {
    return undispatched_bytes_ == 0 || undispatched_bytes_ + bytes <= window_out_;
  }
  // Inline: they are asked for every message.
  [[nodiscard, gnu::always_inline]] inline bool must_wait(lane l, std::size_t bytes) const;
  // Whether `b` has to be sealed before it can take a message more.
  [[nodiscard, gnu::always_inline]] inline bool full(const batch& b, std::size_t bytes,
                                                     std::size_t attachments) const;
  [[nodiscard]] sealed seal(batch& b) const;
  void number(sealed s);
  void acknowledge(std::uint64_t received, std::uint64_t dispatched);
  void release(sealed& s);
  void advance_dispatched();
  void rewind();
  void hand_out(std::vector<parts>& out);
  bool on_gap(time_point now);
  void owe_ack(time_point now);

  const std::uint64_t window_in_;
  std::uint64_t window_out_ = 0;
  bool established_ = false;
  bool linked_ = true;
  bool finished_ = false;

  batch open_;  // the next frame
  batch tail_;  // behind the backlog
  support::fifo<sealed>
      backlog_;                  // accepted, not numbered: no session yet, or the window is closed
  support::fifo<sealed> kept_;   // numbered, not acknowledged
  support::fifo<sealed> taken_;  // acknowledged, with events that are not dispatched there
  support::fifo<in_window> window_;  // numbered, with events or calls, not dispatched there
  std::uint64_t backlog_bytes_ = 0;
  std::uint64_t undispatched_bytes_ = 0;
  std::uint64_t placed_ = 0;
  std::uint64_t numbered_ = 0;
  std::uint64_t dispatched_there_ = 0;  // events and calls
  std::uint64_t phantoms_ = 0;          // not numbered
  std::uint64_t answer_bytes_ = 0;
  std::uint64_t last_seq_ = 0;     // numbered
  std::uint64_t sent_ = 0;         // handed out
  std::uint64_t next_out_ = 1;     // to be handed out; not beyond sent_ while frames are sent again
  std::uint64_t again_bytes_ = 0;  // handed out again and not acknowledged
  unsigned gaps_ = 0;              // heeded since the other side has got on
  time_point gap_heeded_ = time_point::min();
  std::uint64_t peer_received_ = 0;
  std::uint64_t peer_dispatched_ = 0;

  std::uint64_t received_ = 0;
  std::uint64_t dispatched_ = 0;
  bool holding_ = false;  // frames were left for want of room
  const char* wrong_ = "";
  std::uint64_t highest_seen_ = 0;            // of the frames that the other side has sent
  support::fifo<std::uint64_t> to_dispatch_;  // taken, with events or calls
  std::uint64_t to_dispatch_bytes_ = 0;
  std::uint64_t unacked_bytes_ = 0;
  bool ack_now_ = false;
  bool gap_ = false;
  time_point ack_due_ = never;
  time_point gap_asked_ = time_point::min();
};

}  // namespace ipczmq::session
