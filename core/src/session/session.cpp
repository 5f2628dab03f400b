// SPDX-License-Identifier: MIT
#include "session/session.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::session {

namespace {

std::size_t weight(std::string_view channel, const wire::packed_view& p) {
  std::size_t n = 32 + channel.size() + p.bytes.size();
  for (const buffer& b : p.attachments) n += b.size();
  return n;
}

}  // namespace

void effects::clear() {
  send.clear();
  completed.clear();
  cancelled.clear();
  released.clear();
  unfit.clear();
  deliver = lost = subscriptions_changed = unresponsive = responsive = false;
  bye.reset();
  malformed.clear();
  refused_code.clear();
  refused_text.clear();
  repeated = 0;
}

session::session(const config& c, time_point now)
    : config_(c),
      stream_(c.limits.window),
      calls_(c.first_call_id),
      last_heard_(now),
      last_ping_(now),
      dispatch_moved_(now) {
  // Until the peer's are known, it is taken to accept what we do, if that is more than the default.
  theirs_.frame_bytes = std::max(theirs_.frame_bytes, c.limits.frame_bytes);
  theirs_.attachments = std::max(theirs_.attachments, c.limits.attachments);
}

void session::event(std::string_view channel, const wire::packed_view& args) {
  stream_.place(lane::event, weight(channel, args), args.attachments.size()).event(channel, args);
  ++messages_sent;
}

std::uint64_t session::call(wire::kind k, std::string_view channel, const wire::packed_view& args,
                            time_point deadline, std::shared_ptr<call_sink> sink) {
  auto& builder = stream_.place(lane::call, weight(channel, args), args.attachments.size());
  const std::uint64_t id = calls_.add(std::move(sink), deadline, stream_.placed());
  builder.call(k, id, wire_deadline(deadline), channel, args);
  ++messages_sent;
  return id;
}

void session::reply(std::uint64_t id, const wire::packed_view& value) {
  stream_.place(lane::prompt, weight({}, value), value.attachments.size()).reply(id, value);
  ++messages_sent;
}

void session::error_reply(std::uint64_t id, std::string_view code, std::string_view name,
                          std::string_view text, bytes_view data) {
  const std::size_t bytes = 64 + code.size() + name.size() + text.size() + data.size();
  stream_.place(lane::prompt, bytes, 0).error_reply(id, code, name, text, data);
  ++messages_sent;
}

std::shared_ptr<call_sink> session::cancel(std::uint64_t id, std::string_view reason) {
  std::uint64_t place = 0;
  auto sink = calls_.take(id, &place);
  if (sink != nullptr) place_cancel(id, place, reason);
  return sink;
}

void session::place_cancel(std::uint64_t id, std::uint64_t place, std::string_view reason) {
  // It must not overtake its own call: behind it, when that still waits.
  const lane l = place <= stream_.numbered() ? lane::prompt : lane::behind;
  stream_.place(l, 32 + reason.size(), 0).cancel(id, reason);
}

void session::subscription(wire::kind k, std::string_view channel) {
  stream_.place(lane::prompt, 16 + channel.size(), 0).subscription(k, channel);
}

void session::establish(const wire::limits& theirs, std::uint64_t their_clock, time_point now) {
  theirs_ = theirs;
  stream_.establish(std::min(theirs.window, config_.window_use_max));
  note_clock(their_clock, now);
  last_heard_ = last_ping_ = dispatch_moved_ = now;
}

std::size_t session::resume(std::uint64_t received_there, std::uint64_t their_clock,
                            time_point now) {
  stream_.resume(received_there);
  note_clock(their_clock, now);
  last_heard_ = last_ping_ = dispatch_moved_ = now;
  return stream_.in_flight();
}

void session::flush(time_point now, effects& out) {
  stream_.flush(out.send);
  watch_dispatch(now, out);
  parts ack;
  if (stream_.take_ack(now, ack)) out.send.push_back(std::move(ack));
}

}  // namespace ipczmq::session
