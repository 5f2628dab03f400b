// SPDX-License-Identifier: MIT
#pragma once

#include "session/calls.hpp"
#include "session/stream.hpp"
#include "wire/handshake.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq::session {

struct config {
  bool main_side = false;  // we are main, the peer is a renderer
  wire::limits limits;     // what we accept
  std::chrono::milliseconds ping_interval{1000};
  std::chrono::milliseconds ping_timeout{5000};
  std::chrono::milliseconds unresponsive_after{10000};
  std::uint64_t queue_bytes = 64u << 20;
  std::uint64_t queue_messages = 1'000'000;
  // Of the peer's window; less, when enough shall wait on this side to be dropped.
  std::uint64_t window_use_max = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t first_call_id = 1;
  std::chrono::milliseconds hello_interval{500};  // of a renderer
  bool repeat_to_next_main = false;               // events that the last one may have dispatched
  // Inproc loses no hello as long as both sockets live, and does not connect again: it is said once
  // over each, and over the next when on_link_down() says that the other is gone.
  bool hello_once = false;
  time_point epoch;  // where the session clock begins: the endpoint's start, so that a deadline
                     // outlives a session
};

// What the engine has to do. Reused from call to call: clear() keeps the memory.
struct effects {
  std::vector<parts> send;               // frames for this peer, in order
  std::vector<outcome> completed;        // calls that are over
  std::vector<std::uint64_t> cancelled;  // incoming calls whose caller has given up
  std::vector<parts> released;           // to be destroyed outside of any lock
  bool deliver = false;                  // the frame holds events or calls for the inbox
  bool lost = false;                     // nothing heard for ping_timeout
  bool subscriptions_changed = false;
  struct unfit_event {
    std::string channel;
    std::string text;
  };
  std::vector<unfit_event> unfit;  // accepted before the peer's limits were known, and beyond them
  bool unresponsive = false;       // has become so
  bool responsive = false;         // has become so again
  std::size_t repeated = 0;        // events that the heir of a session sends again
  std::optional<std::string> bye;  // the peer ended the session; its reason
  std::string malformed;           // not empty: close the session and say this
  std::string refused_code;        // the peer refused or closed the session with this
  std::string refused_text;
  void clear();
};

// Everything about one peer while its session lives: the stream, the calls both ways, liveness, its
// clock. Pure state: no I/O, no threads, never calls user code.
class session {
 public:
  session(const config& c, time_point now);

  // Sending. Sizes, channels and state were checked by the caller; nothing leaves before flush().
  void event(std::string_view channel, const wire::packed_view& args);
  std::uint64_t call(wire::kind k, std::string_view channel, const wire::packed_view& args,
                     time_point deadline, std::shared_ptr<call_sink> sink);
  void reply(std::uint64_t id, const wire::packed_view& value);
  void error_reply(std::uint64_t id, std::string_view code, std::string_view name,
                   std::string_view text, bytes_view data);
  // Takes the call out and tells the peer. Null when it is over already.
  std::shared_ptr<call_sink> cancel(std::uint64_t id, std::string_view reason);
  void subscription(wire::kind k, std::string_view channel);

  // Handshake done: numbering starts. `offset_clock` is the peer's clock in its hello or welcome.
  void establish(const wire::limits& theirs, std::uint64_t their_clock, time_point now);
  // What was accepted before the welcome and is more than the peer takes ends here.
  void shed_unfit(effects& out);
  void suspend() { stream_.suspend(); }
  // The connection is back. Returns how many messages are sent again.
  std::size_t resume(std::uint64_t received_there, std::uint64_t their_clock, time_point now);

  // A checked frame came in for this session. Without `room` its events and calls are left, and the
  // peer is asked for them after take_again().
  void on_frame(const std::shared_ptr<const wire::frame>& f, time_point now, effects& out,
                bool room = true);
  // See stream::drop_oldest.
  std::size_t drop_oldest(std::uint64_t bytes, effects& out);
  void take_again() { stream_.take_again(); }
  // An inbox entry is done.
  void dispatched(std::uint64_t seq, std::size_t bytes, time_point now) {
    stream_.dispatched(seq, bytes, now);
  }
  // Deadlines, pings, acknowledgements; call when next_due() has passed.
  void tick(time_point now, effects& out);
  void flush(time_point now, effects& out);
  [[nodiscard]] time_point next_due() const;
  // The part of it that holds without a connection, too.
  [[nodiscard]] time_point next_deadline() const { return calls_.next_deadline(); }

  // One control frame. After it nothing new is sent, little is heeded, and tick() repeats it.
  [[nodiscard]] parts bye(std::string_view reason);
  // The answer to the peer's bye.
  [[nodiscard]] parts bye_answer() { return bye_frame("closed"); }
  [[nodiscard]] bool bye_sent() const { return bye_sent_; }
  [[nodiscard]] parts probe();  // a header that asks for an acknowledgement

  // All calls that wait for an answer are over.
  void fail_calls(errc code, const std::string& text, effects& out);
  // Ends it: all calls, or only those whose message has left (the rest goes on in `heir`), complete
  // with `code`. Returns the events that were accepted and not dispatched, as far as known, without
  // those that `heir` inherits: what has never left, and, with `again`, all of them.
  undelivered end(errc code, const std::string& text, effects& out, session* heir,
                  bool again = false);

  // Milliseconds since this session's clock began, as the wire has it.
  [[nodiscard]] std::uint64_t clock_at(time_point t) const;
  // A deadline of the peer's clock on ours; never for 0.
  [[nodiscard]] time_point local_deadline(std::uint64_t theirs) const;

  // Whether the queue has room for a message; one alone always fits.
  [[nodiscard]] bool room(std::size_t bytes) const {
    return stream_.undispatched() == 0 || (stream_.queued_bytes() + bytes <= config_.queue_bytes &&
                                           stream_.undispatched() < config_.queue_messages);
  }
  [[nodiscard]] bool half_empty() const {
    return stream_.queued_bytes() <= config_.queue_bytes / 2 &&
           stream_.undispatched() <= config_.queue_messages / 2;
  }
  [[nodiscard]] bool subscribed(std::string_view channel) const {
    return every_channel_ || subscribed_by_name(channel);
  }
  [[nodiscard]] const wire::limits& their_limits() const { return theirs_; }
  [[nodiscard]] stream& wire_stream() { return stream_; }
  [[nodiscard]] const stream& wire_stream() const { return stream_; }
  [[nodiscard]] time_point last_heard() const { return last_heard_; }
  [[nodiscard]] std::size_t calls_open() const { return calls_.size(); }
  void set_ping(std::chrono::milliseconds interval, std::chrono::milliseconds timeout);

  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t replies_late = 0;
  std::uint64_t unknown = 0;

 private:
  [[nodiscard]] bool subscribed_by_name(std::string_view channel) const {
    return subscriptions_.find(channel) != subscriptions_.end();
  }
  void on_message(const std::shared_ptr<const wire::frame>& f, const wire::message& m,
                  time_point now, effects& out);
  void hand_over_released(effects& out);
  void on_last_words(const wire::frame& f, time_point now, effects& out);
  void on_answer(const std::shared_ptr<const wire::frame>& f, const wire::message& m, effects& out);
  void fail_sent_calls(std::uint64_t numbered, errc code, const std::string& text, effects& out);
  void place_cancel(std::uint64_t id, std::uint64_t place, std::string_view reason);
  [[nodiscard]] std::uint64_t wire_deadline(time_point t) const;
  void note_clock(std::uint64_t theirs, time_point now);
  [[nodiscard]] parts bye_frame(std::string_view reason);
  void repeat_bye(time_point now, effects& out);
  void watch_dispatch(time_point now, effects& out);
  [[nodiscard]] bool talking() const { return stream_.established() && stream_.linked(); }

  config config_;
  stream stream_;
  calls calls_;
  wire::limits theirs_;
  wire::frame_builder control_;
  std::set<std::string, std::less<>> subscriptions_;
  bool every_channel_ = false;

  std::int64_t offset_ms_ = 0;  // our clock minus theirs, the smallest seen
  bool offset_known_ = false;
  time_point last_heard_;
  time_point last_ping_;
  std::uint64_t ping_token_ = 0;
  bool watching_ = false;  // something waits to be dispatched there, since dispatch_moved_
  std::uint64_t watched_dispatched_ = 0;
  time_point dispatch_moved_;
  bool unresponsive_ = false;
  bool bye_sent_ = false;
  std::string bye_reason_;
  time_point bye_due_ = time_point::min();  // to be said again
};

}  // namespace ipczmq::session
