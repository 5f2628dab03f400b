// SPDX-License-Identifier: MIT
// What was accepted before the limits of the peer were known, and is beyond them.
#include "session/session.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ipczmq::session {

namespace {

bool accepts(const wire::limits& l, const parts& p) {
  return p.size() - 1 <= l.attachments && total_bytes(p) / 4 <= l.frame_bytes &&
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
    s.messages = s.events = 0;  // what was counted still is, so that what follows keeps its number
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
          std::to_string(total_bytes(f.parts)) + " bytes in " + std::to_string(f.parts.size()) +
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

}  // namespace ipczmq::session
