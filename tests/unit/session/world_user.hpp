// SPDX-License-Identifier: MIT
// One end of a session as its user sees it: what was sent, what came, what was told of the rest.
// Claims are checked as things happen; who breaks one is thrown.
#pragma once

#include "session/session.hpp"
#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/writer.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace session_world {

using namespace ipczmq;
using namespace std::chrono_literals;
using session::never;
using session::parts;
using session::time_point;
using wire::kind;
using frame_ptr = std::shared_ptr<const wire::frame>;

struct broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};
inline void claim(bool holds, const char* what) {
  if (!holds) throw broken(what);
}

// [number, padding]
inline std::vector<std::byte> numbered(std::uint32_t number, std::size_t padding) {
  std::vector<std::byte> bytes(16 + padding);
  std::byte* out = wire::put_fixarray(bytes.data(), 2);
  out = wire::put_uint(out, number);
  out = wire::put_str(out, std::string(padding, 'x'));
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}
inline std::uint64_t number_in(bytes_view payload) {
  wire::cursor in(payload);
  std::size_t count = 0;
  std::uint64_t number = 0;
  return in.read_array(count) && in.read_uint(number) ? number : 0;
}

struct numbered_call final : session::call_sink {
  explicit numbered_call(std::uint32_t n) : number(n) {}
  const std::uint32_t number;
};

// What all processes of one run have in common: every message has a number of its own, and every
// main secrets of its own.
struct ledger {
  std::uint32_t last = 0;
  std::uint32_t secrets = 0;
  std::set<std::uint64_t> dispatched;
};

class user {
 public:
  // One that talks to liars may get anything: then only the calls are checked.
  user(ledger& l, bool honest_peer) : ledger_(&l), honest_(honest_peer) {}

  bool busy = false;  // listeners do not return

  void event(session::session& s, std::size_t padding = 0) {
    events_.push_back(++ledger_->last);
    s.event("c", {numbered(ledger_->last, padding), {}, {}});
  }
  std::uint64_t call(session::session& s, time_point deadline = never, std::size_t padding = 0) {
    const std::uint32_t n = ++ledger_->last;
    outcomes_[n] = 0;
    return s.call(kind::invoke, "c", {numbered(n, padding), {}, {}}, deadline,
                  std::make_shared<numbered_call>(n));
  }
  // A call that its own user gives up.
  void cancel(session::session& s, std::uint64_t id) {
    if (const auto sink = s.cancel(id, "cancelled"))
      end_call(static_cast<const numbered_call&>(*sink).number);
  }

  // What a session has decided, but for what it sends. `generation` tells sessions apart.
  void take(session::effects& fx, const frame_ptr& f, std::uint64_t generation) {
    for (const session::outcome& o : fx.completed) {
      const std::uint32_t n = static_cast<const numbered_call&>(*o.call).number;
      end_call(n);
      if (!honest_ || o.answer == nullptr || o.answer->kind != kind::reply) continue;
      claim(number_in(o.answer->payload) == n, "a call gets the answer to itself");
      claim(ledger_->dispatched.contains(n), "what is answered was dispatched");
    }
    if (fx.deliver) inbox_.push_back({f, generation});
  }
  // Events of this user that may be lost, as it was told. Of its calls the outcome tells.
  void told_lost(std::size_t n) { told_lost_ += n; }

  // Lets the listeners run. Messages of a session that is over are neither counted nor answered.
  void dispatch(session::session* s, std::uint64_t generation, time_point now) {
    while (!busy && !inbox_.empty()) {
      const auto [f, from] = std::move(inbox_.front());
      inbox_.pop_front();
      const bool current = s != nullptr && from == generation;
      for (const wire::message& m : f->messages) {
        if (!wire::is_dispatched(m.kind)) continue;
        const std::uint64_t n = number_in(m.payload);
        note(n);
        if (current) ++dispatched_of_[generation];
        if (m.kind == kind::event || !current) continue;
        if (now >= s->local_deadline(m.deadline)) {
          s->error_reply(m.id, "timed_out", "Error", "", {});
        } else {
          s->reply(m.id, {numbered(static_cast<std::uint32_t>(n), 0), {}, {}});
        }
      }
      if (current) s->dispatched(f->header.seq, f->bytes, now);
    }
  }

  [[nodiscard]] std::size_t dispatched_of(std::uint64_t generation) const {
    const auto it = dispatched_of_.find(generation);
    return it == dispatched_of_.end() ? 0 : it->second;
  }
  [[nodiscard]] std::size_t waiting() const { return inbox_.size(); }
  [[nodiscard]] std::size_t accepted() const { return events_.size() + outcomes_.size(); }
  [[nodiscard]] std::size_t got() const { return got_; }
  [[nodiscard]] std::size_t lost() const { return told_lost_; }
  [[nodiscard]] std::size_t calls_open() const {
    std::size_t n = 0;
    for (const auto& [number, times] : outcomes_) n += times == 0 ? 1 : 0;
    return n;
  }

  // When all is quiet: nothing is missing that the user was not told of.
  void check_settled() const {
    std::size_t missing = 0;
    for (const std::uint32_t n : events_) missing += ledger_->dispatched.contains(n) ? 0 : 1;
    claim(missing <= told_lost_, "what was accepted arrives, or the sender is told of it");
    claim(calls_open() == 0, "every call has an outcome");
  }

 private:
  struct delivery {
    frame_ptr frame;
    std::uint64_t generation;
  };
  void end_call(std::uint32_t n) { claim(++outcomes_[n] == 1, "a call has one outcome"); }
  void note(std::uint64_t n) {
    ++got_;
    if (!honest_) return;
    claim(n > last_got_, "messages are dispatched in order, and once");
    claim(n <= ledger_->last, "what is dispatched was sent");
    claim(ledger_->dispatched.insert(n).second, "a message is dispatched once, wherever");
    last_got_ = n;
  }

  ledger* ledger_;
  bool honest_;
  std::deque<delivery> inbox_;
  std::vector<std::uint32_t> events_;
  std::map<std::uint32_t, int> outcomes_;
  std::map<std::uint64_t, std::size_t> dispatched_of_;
  std::size_t told_lost_ = 0;
  std::size_t got_ = 0;
  std::uint64_t last_got_ = 0;
};

// What of a session only grows.
class growth {
 public:
  void check(const session::session& s) {
    const session::stream& w = s.wire_stream();
    const std::vector<std::uint64_t> now = {
        w.sent(),     w.received(),    w.peer_dispatched(), w.placed(),     w.numbered(), w.resent,
        w.duplicates, s.messages_sent, s.messages_received, s.replies_late, s.unknown};
    for (std::size_t i = 0; i < before_.size(); ++i)
      claim(now[i] >= before_[i], "counters only grow");
    claim(w.peer_dispatched() <= w.sent(), "only what was sent is dispatched");
    claim(w.numbered() <= w.placed() && w.unsent() <= w.unacknowledged(), "parts of a whole");
    before_ = now;
  }

 private:
  std::vector<std::uint64_t> before_;
};

}  // namespace session_world
