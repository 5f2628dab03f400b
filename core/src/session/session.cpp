// SPDX-License-Identifier: MIT
#include "session/session.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::session {

namespace {

using std::chrono::milliseconds;

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
  deliver = lost = subscriptions_changed = unresponsive = responsive = false;
  bye.reset();
  malformed.clear();
  refused_code.clear();
  refused_text.clear();
}

session::session(const config& c, time_point now)
    : config_(c),
      stream_(c.limits.window),
      calls_(c.first_call_id),
      last_heard_(now),
      last_ping_(now),
      dispatch_moved_(now) {}

void session::event(std::string_view channel, const wire::packed_view& args) {
  stream_.place(lane::dispatched, weight(channel, args), args.attachments.size())
      .event(channel, args);
  ++messages_sent;
}

std::uint64_t session::call(wire::kind k, std::string_view channel, const wire::packed_view& args,
                            time_point deadline, std::shared_ptr<call_sink> sink) {
  auto& builder = stream_.place(lane::dispatched, weight(channel, args), args.attachments.size());
  const std::uint64_t id = calls_.add(std::move(sink), deadline, stream_.placed());
  // 0 means none on the wire, and a deadline that has passed already still has to be one.
  const std::uint64_t on_wire =
      deadline == never ? 0 : std::max<std::uint64_t>(1, clock_at(deadline));
  builder.call(k, id, on_wire, channel, args);
  ++messages_sent;
  return id;
}

void session::reply(std::uint64_t id, const wire::packed_view& value) {
  stream_.place(lane::prompt, weight({}, value), value.attachments.size()).reply(id, value);
  ++messages_sent;
}

void session::error_reply(std::uint64_t id, std::string_view code, std::string_view name,
                          std::string_view text, bytes_view data) {
  const std::size_t bytes = 64 + name.size() + text.size() + data.size();
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
  const lane l = place <= stream_.numbered() ? lane::prompt : lane::dispatched;
  stream_.place(l, 64, 0).cancel(id, reason);
}

void session::subscription(wire::kind k, std::string_view channel) {
  stream_.place(lane::prompt, 16 + channel.size(), 0).subscription(k, channel);
}

void session::establish(const wire::limits& theirs, std::uint64_t their_clock, time_point now) {
  theirs_ = theirs;
  stream_.establish(theirs.window);
  note_clock(their_clock, now);
  last_heard_ = last_ping_ = dispatch_moved_ = now;
}

void session::resume(std::uint64_t received_there, std::uint64_t their_clock, time_point now) {
  stream_.resume(received_there);
  note_clock(their_clock, now);
  last_heard_ = last_ping_ = dispatch_moved_ = now;
}

void session::set_ping(milliseconds interval, milliseconds timeout) {
  config_.ping_interval = interval;
  config_.ping_timeout = timeout;
}

std::uint64_t session::clock_at(time_point t) const {
  const auto ms = std::chrono::ceil<milliseconds>(t - config_.epoch).count();
  return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

void session::note_clock(std::uint64_t theirs, time_point now) {
  const auto ours = std::chrono::floor<milliseconds>(now - config_.epoch).count();
  const auto offset = static_cast<std::int64_t>(ours) - static_cast<std::int64_t>(theirs);
  offset_ms_ = offset_known_ ? std::min(offset_ms_, offset) : offset;
  offset_known_ = true;
}

time_point session::local_deadline(std::uint64_t theirs) const {
  // Beyond a century it is none, and would overflow.
  constexpr std::uint64_t century_ms = 3'155'760'000'000;
  if (theirs == 0 || theirs > century_ms) return never;
  return config_.epoch + milliseconds(static_cast<std::int64_t>(theirs) + offset_ms_);
}

void session::on_frame(const std::shared_ptr<const wire::frame>& f, time_point now, effects& out) {
  last_heard_ = now;
  const bool dispatchable = std::any_of(f->messages.begin(), f->messages.end(),
                                        [](const auto& m) { return wire::is_dispatched(m.kind); });
  switch (stream_.on_header(f->header, f->bytes, dispatchable, now)) {
    case verdict::malformed:
      out.malformed = stream_.window_in_broken() ? "sends more than the window allows"
                                                 : "acknowledges frames that were never sent";
      return;
    case verdict::duplicate:
    case verdict::gap:
      return;
    case verdict::take:
    case verdict::control:
      break;
  }
  for (parts& p : stream_.released) out.released.push_back(std::move(p));
  stream_.released.clear();
  unknown += f->unknown;
  out.deliver = dispatchable;
  for (const wire::message& m : f->messages) {
    if (!wire::is_dispatched(m.kind)) on_message(f, m, now, out);
    if (!wire::is_control(m.kind)) ++messages_received;
  }
}

void session::on_message(const std::shared_ptr<const wire::frame>& f, const wire::message& m,
                         time_point now, effects& out) {
  switch (m.kind) {
    case wire::kind::reply:
    case wire::kind::error_reply:
      on_answer(f, m, out);
      break;
    case wire::kind::cancel:
      out.cancelled.push_back(m.id);
      break;
    case wire::kind::subscribe:
      if (m.every_channel) {
        every_channel_ = true;
      } else {
        subscriptions_.emplace(m.channel);
      }
      out.subscriptions_changed = true;
      break;
    case wire::kind::unsubscribe:
      if (m.every_channel) {
        every_channel_ = false;
      } else if (const auto it = subscriptions_.find(m.channel); it != subscriptions_.end()) {
        subscriptions_.erase(it);
      }
      out.subscriptions_changed = true;
      break;
    case wire::kind::ping:
      note_clock(m.clock, now);
      stream_.on_highest(m.highest);
      control_.ping(wire::kind::pong, m.token, clock_at(now), stream_.sent());
      out.send.push_back(control_.finish(stream_.control_header(0)));
      break;
    case wire::kind::pong:
      note_clock(m.clock, now);
      stream_.on_highest(m.highest);
      break;
    case wire::kind::bye:
      stream_.on_highest(m.highest);
      // With frames missing it is not over: they are asked for, and the bye comes again.
      if (m.highest <= stream_.received()) out.bye = std::string(m.text);
      break;
    case wire::kind::refuse:
      out.refused_code = m.code;
      out.refused_text = m.text;
      break;
    default:
      break;  // hello and welcome are the handshake's
  }
}

void session::on_answer(const std::shared_ptr<const wire::frame>& f, const wire::message& m,
                        effects& out) {
  auto call = calls_.take(m.id);
  if (call == nullptr) {
    ++replies_late;
    return;
  }
  outcome o;
  o.call = std::move(call);
  o.frame = f;
  o.answer = &m;
  out.completed.push_back(std::move(o));
}

void session::tick(time_point now, effects& out) {
  std::uint64_t id = 0;
  std::uint64_t place = 0;
  std::shared_ptr<call_sink> call;
  while (calls_.take_expired(now, id, place, call)) {
    place_cancel(id, place, "timed_out");
    out.completed.push_back(
        {std::move(call), nullptr, nullptr, errc::timed_out, "the deadline passed"});
  }
  if (stream_.established() && now - last_heard_ >= config_.ping_timeout) {
    out.lost = true;
    return;
  }
  if (stream_.established() && now - std::max(last_heard_, last_ping_) >= config_.ping_interval) {
    last_ping_ = now;
    control_.ping(wire::kind::ping, ++ping_token_, clock_at(now), stream_.sent());
    out.send.push_back(control_.finish(stream_.control_header(0)));
  }
  watch_dispatch(now, out);
}

void session::watch_dispatch(time_point now, effects& out) {
  if (stream_.peer_dispatched() != watched_dispatched_ || !stream_.waiting_for_dispatch()) {
    watched_dispatched_ = stream_.peer_dispatched();
    dispatch_moved_ = now;
    if (std::exchange(unresponsive_, false)) out.responsive = true;
  } else if (!unresponsive_ && now - dispatch_moved_ >= config_.unresponsive_after) {
    unresponsive_ = true;
    out.unresponsive = true;
  }
}

void session::flush(time_point now, effects& out) {
  stream_.flush(out.send);
  parts ack;
  if (stream_.take_ack(now, ack)) out.send.push_back(std::move(ack));
}

time_point session::next_due() const {
  time_point due = std::min(calls_.next_deadline(), stream_.ack_due());
  if (stream_.established()) {
    due = std::min(due, std::max(last_heard_, last_ping_) + config_.ping_interval);
    due = std::min(due, last_heard_ + config_.ping_timeout);
  }
  return due;
}

parts session::bye(std::string_view reason) {
  bye_sent_ = true;
  control_.bye(reason, stream_.sent());
  return control_.finish(stream_.control_header(0));
}

parts session::probe() {
  parts p(1, buffer(wire::header_size));
  wire::write_header(p[0].mutable_data(), stream_.control_header(wire::flag_ack_now));
  return p;
}

void session::fail_calls(errc code, const std::string& text, effects& out) {
  std::vector<std::shared_ptr<call_sink>> all;
  calls_.take_sent(~std::uint64_t{0}, all);
  for (auto& call : all) out.completed.push_back({std::move(call), nullptr, nullptr, code, text});
}

std::size_t session::end(errc code, const std::string& text, effects& out, session* heir) {
  std::vector<std::shared_ptr<call_sink>> over;
  // What the peer has taken and not dispatched is lost with it, too.
  std::size_t lost = stream_.unacknowledged() + stream_.undispatched();
  if (heir != nullptr) {
    lost -= stream_.unsent();
    calls_.take_sent(stream_.numbered(), over);
    heir->stream_.inherit_unsent(stream_);
    heir->calls_ = std::move(calls_);
  } else {
    fail_calls(code, text, out);
  }
  for (auto& call : over) out.completed.push_back({std::move(call), nullptr, nullptr, code, text});
  return lost;
}

}  // namespace ipczmq::session
