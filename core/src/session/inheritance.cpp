// SPDX-License-Identifier: MIT
// What waits for a session: what one takes over from another that is over (PROTOCOL.md §4), and
// what the limits of its peer leave of that.
#include "session/session.hpp"
#include "wire/cursor.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ipczmq::session {

namespace {

// Moves behind one message of ours; false when it cannot be read, which would be our own fault.
bool skip_message(wire::cursor& in, wire::kind& k) {
  constexpr wire::value_rules any{.attachments = std::numeric_limits<std::size_t>::max()};
  std::size_t elements = 0;
  std::uint64_t number = 0;
  if (!in.read_array(elements) || !in.read_uint(number)) return false;
  for (std::size_t i = 1; i < elements; ++i) {
    if (in.skip(any) != wire::fault::none) return false;
  }
  k = static_cast<wire::kind>(number);
  return true;
}

// The first part of a frame without its replies, and how many of them there were: they answer calls
// of the session that is over, and in the next their ids are those of other calls.
std::size_t drop_replies(buffer& part) {
  wire::cursor in(part.bytes().subspan(wire::header_size));
  std::vector<std::byte> rest(part.data(), part.data() + wire::header_size);
  std::size_t dropped = 0;
  while (!in.at_end()) {
    const std::byte* start = in.position();
    wire::kind k{};
    if (!skip_message(in, k)) return 0;
    if (k == wire::kind::reply || k == wire::kind::error_reply) {
      ++dropped;
    } else {
      rest.insert(rest.end(), start, in.position());
    }
  }
  if (dropped != 0) part = buffer::copy(rest);
  return dropped;
}

std::uint64_t total(const parts& p) {
  std::uint64_t n = 0;
  for (const buffer& b : p) n += b.size();
  return n;
}

bool accepts(const wire::limits& l, const parts& p) {
  return p.size() - 1 <= l.attachments && total(p) / 4 <= l.frame_bytes &&
         std::all_of(p.begin(), p.end(),
                     [&](const buffer& b) { return b.size() <= l.frame_bytes; });
}

}  // namespace

std::vector<parts> stream::shed(const wire::limits& theirs) {
  if (!tail_.builder.empty()) {
    backlog_.push_back(seal(tail_));
    backlog_bytes_ += backlog_.back().bytes;
  }
  std::vector<parts> taken;
  for (sealed& s : backlog_) {
    if (accepts(theirs, s.parts)) continue;
    taken.push_back(std::exchange(s.parts, parts(1, buffer(wire::header_size))));
    wire::write_header(s.parts[0].mutable_data(), {});
    backlog_bytes_ -= s.bytes - wire::header_size;
    s.bytes = wire::header_size;
    s.messages = 0;  // what was counted still is, so that what follows keeps its number
  }
  return taken;
}

void session::shed_unfit(effects& out) {
  constexpr auto any = std::numeric_limits<std::uint32_t>::max();
  for (parts& p : stream_.shed(theirs_)) {
    // A message beyond the minima of all peers is alone in its frame. Numbered, to be decoded.
    wire::frame f;
    f.parts = std::move(p);
    wire::write_header(f.parts[0].mutable_data(), {0, 1, 0, 0});
    static_cast<void>(wire::decode(f, {std::uint64_t{1} << 62, any, any, any, any}));
    for (const wire::message& m : f.messages) {
      const std::string text =
          "what was sent on '" + std::string(m.channel) + "' before the other side was there has " +
          std::to_string(total(f.parts)) + " bytes in " + std::to_string(f.parts.size()) +
          " part(s); it accepts parts of " + std::to_string(theirs_.frame_bytes) + ", " +
          std::to_string(theirs_.attachments) +
          " of them attachments (raise its limits, or send less)";
      if (m.kind == wire::kind::event) {
        out.unfit.push_back({std::string(m.channel), text});
      } else if (auto call = calls_.take(m.id)) {
        out.completed.push_back({std::move(call), nullptr, nullptr, errc::too_large, text});
      }
    }
    out.released.push_back(std::move(f.parts));
  }
}

void stream::inherit_unsent(stream& old) {
  if (!old.tail_.builder.empty()) old.backlog_.push_back(old.seal(old.tail_));
  if (!old.open_.builder.empty()) {
    sealed s = old.seal(old.open_);
    const std::size_t before = s.parts[0].size();
    s.messages -= drop_replies(s.parts[0]);
    s.bytes -= before - s.parts[0].size();
    if (s.messages != 0) old.backlog_.push_front(std::move(s));
  }
  backlog_ = std::exchange(old.backlog_, {});
  backlog_bytes_ = 0;
  for (const sealed& s : backlog_) backlog_bytes_ += s.bytes;
  placed_ = old.placed_;
  numbered_ = dispatched_there_ = old.numbered_;
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

std::size_t session::end(errc code, const std::string& text, effects& out, session* heir) {
  // What the peer has taken and not dispatched is lost with it, too.
  const std::size_t lost = stream_.undispatched(heir != nullptr);
  if (heir == nullptr) {
    fail_calls(code, text, out);
    return lost;
  }
  fail_sent_calls(stream_.numbered(), code, text, out);
  heir->stream_.inherit_unsent(stream_);
  heir->calls_ = std::move(calls_);
  return lost;
}

}  // namespace ipczmq::session
