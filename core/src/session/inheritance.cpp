// SPDX-License-Identifier: MIT
// What a new session takes over from one that is over (PROTOCOL.md §4).
#include "session/filter.hpp"
#include "session/remains.hpp"
#include "session/session.hpp"

#include <utility>

namespace ipczmq::session {

namespace {

bool is_event(wire::kind k) { return k == wire::kind::event; }
// Replies answer calls of the session that is over: in the next one their ids are those of others.
bool is_no_reply(wire::kind k) { return k != wire::kind::reply && k != wire::kind::error_reply; }

}  // namespace

std::size_t stream::inherit(stream& old, bool again) {
  std::size_t moved = 0;
  std::size_t repeated = 0;
  const auto go_on = [this](sealed s) {
    backlog_bytes_ += s.bytes;
    backlog_.push_back(std::move(s));
  };
  const auto filter = [](sealed& s, keeps keep, bool shared) {
    const std::size_t before = s.parts[0].size();
    s.messages = keep_only(s.parts[0], keep, shared);
    s.bytes -= before - s.parts[0].size();
    return s.messages != 0;
  };
  // The calls of a numbered frame have failed; its answers, cancels and subscriptions are the old
  // session's.
  for (auto* numbered : {&old.taken_, &old.kept_}) {
    for (sealed& s : *numbered) {
      const bool left = s.seq <= old.sent_;
      if ((left && !again) || !filter(s, is_event, true)) continue;
      s.counted = s.events;
      s.phantoms = 0;
      moved += s.events;
      if (left) repeated += s.events;
      go_on(std::move(s));
    }
    numbered->clear();
  }
  if (!old.open_.builder.empty()) {
    sealed s = old.seal(old.open_);
    if (filter(s, is_no_reply, false)) go_on(std::move(s));
  }
  for (sealed& s : old.backlog_) go_on(std::move(s));
  old.backlog_.clear();
  if (!old.tail_.builder.empty()) {
    go_on(old.seal(old.tail_));
  } else {
    tail_.counted = tail_.phantoms = old.tail_.phantoms;
  }
  phantoms_ = old.phantoms_;
  // The places of the calls that wait stay what they were.
  placed_ = old.placed_;
  numbered_ = dispatched_there_ = old.numbered_ - moved;
  return repeated;
}

undelivered stream::take_undelivered(bool left_only) {
  auto all = std::make_shared<detail::undelivered_frames>();
  const auto tell = [&all](fate f, sealed& s) {
    if (s.events == 0) return;
    // Of what was sent libzmq may still be reading the header, and that is one already.
    if (f == fate::unsent) wire::write_header(s.parts[0].mutable_data(), {0, 1, 0, 0});
    all->pieces.push_back({f, s.events, std::move(s.parts)});
  };
  for (sealed& s : taken_) tell(fate::received, s);
  taken_.clear();
  for (; !kept_.empty() && kept_.front().seq <= sent_; kept_.pop_front())
    tell(fate::unknown, kept_.front());
  if (!left_only) {
    if (!open_.builder.empty()) kept_.push_back(seal(open_));
    for (sealed& s : kept_) tell(fate::unsent, s);
    for (sealed& s : backlog_) tell(fate::unsent, s);
    if (!tail_.builder.empty()) {
      sealed s = seal(tail_);
      tell(fate::unsent, s);
    }
    kept_.clear();
    backlog_.clear();
  }
  if (all->pieces.empty()) return {};
  return undelivered(std::move(all));
}

void session::fail_calls(errc code, const std::string& text, effects& out) {
  fail_sent_calls(~std::uint64_t{0}, code, text, out);
}

void session::fail_sent_calls(std::uint64_t numbered, errc code, const std::string& text,
                              effects& out) {
  std::vector<std::shared_ptr<call_sink>> over;
  calls_.take_sent(numbered, over);
  for (auto& call : over) out.completed.push_back({std::move(call), nullptr, nullptr, code, text});
}

undelivered session::end(errc code, const std::string& text, effects& out, session* heir,
                         bool again) {
  if (heir == nullptr) {
    fail_calls(code, text, out);
    return stream_.take_undelivered(false);
  }
  fail_sent_calls(stream_.numbered(), code, text, out);
  undelivered lost = again ? undelivered() : stream_.take_undelivered(true);
  out.repeated = heir->stream_.inherit(stream_, again);
  heir->calls_ = std::move(calls_);
  return lost;
}

}  // namespace ipczmq::session
