// SPDX-License-Identifier: MIT
// What a session does by the clock: deadlines, pings, the mapping of the peer's clock, saying bye.
#include "session/session.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::session {

using std::chrono::milliseconds;

namespace {
// A deadline beyond it is none, and a clock beyond it no clock: they would overflow.
constexpr std::uint64_t century_ms = 3'155'760'000'000;
constexpr auto bye_interval = milliseconds(250);
}  // namespace

void session::set_ping(milliseconds interval, milliseconds timeout) {
  config_.ping_interval = interval;
  config_.ping_timeout = timeout;
}

std::uint64_t session::clock_at(time_point t) const {
  const auto ms = std::chrono::floor<milliseconds>(t - config_.epoch).count();
  return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

std::uint64_t session::wire_deadline(time_point t) const {
  if (t == never) return 0;
  // One that has passed already still has to be one.
  const auto ms = std::chrono::ceil<milliseconds>(t - config_.epoch).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, ms));
}

void session::note_clock(std::uint64_t theirs, time_point now) {
  if (theirs > century_ms) return;
  const auto ours = std::chrono::floor<milliseconds>(now - config_.epoch).count();
  const auto offset = static_cast<std::int64_t>(ours) - static_cast<std::int64_t>(theirs);
  offset_ms_ = offset_known_ ? std::min(offset_ms_, offset) : offset;
  offset_known_ = true;
}

time_point session::local_deadline(std::uint64_t theirs) const {
  if (theirs == 0 || theirs > century_ms) return never;
  return config_.epoch + milliseconds(static_cast<std::int64_t>(theirs) + offset_ms_);
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
  // Without a connection nobody can be heard, and a ping from a routing id that main does not know
  // yet would end the session that is to be resumed.
  if (!talking()) return;
  if (now - last_heard_ >= config_.ping_timeout) {
    out.lost = true;
    return;
  }
  if (bye_sent_) {
    repeat_bye(now, out);
    return;
  }
  if (now - std::max(last_heard_, last_ping_) >= config_.ping_interval) {
    last_ping_ = now;
    control_.ping(wire::kind::ping, ++ping_token_, clock_at(now), stream_.sent());
    out.send.push_back(control_.finish(stream_.control_header(0)));
  }
  watch_dispatch(now, out);
}

void session::watch_dispatch(time_point now, effects& out) {
  const bool waits = stream_.waiting_for_dispatch();
  if (!waits || !watching_ || stream_.peer_dispatched() != watched_dispatched_) {
    watching_ = waits;
    watched_dispatched_ = stream_.peer_dispatched();
    dispatch_moved_ = now;
    if (std::exchange(unresponsive_, false)) out.responsive = true;
  } else if (!unresponsive_ && now - dispatch_moved_ >= config_.unresponsive_after) {
    unresponsive_ = true;
    out.unresponsive = true;
  }
}

time_point session::next_due() const {
  time_point due = calls_.next_deadline();
  if (!talking()) return due;
  if (bye_sent_) return std::min({due, stream_.ack_due(), bye_due_});
  due = std::min({due, stream_.ack_due(), last_heard_ + config_.ping_timeout,
                  std::max(last_heard_, last_ping_) + config_.ping_interval});
  if (watching_ && !unresponsive_)
    due = std::min(due, dispatch_moved_ + config_.unresponsive_after);
  return due;
}

parts session::bye(std::string_view reason) {
  bye_sent_ = true;
  bye_reason_ = reason;
  stream_.finish();
  return bye_frame(bye_reason_);
}

parts session::bye_frame(std::string_view reason) {
  control_.bye(reason, stream_.sent());
  return control_.finish(stream_.control_header(0));
}

void session::repeat_bye(time_point now, effects& out) {
  if (now < bye_due_) return;
  // The first tick after bye() only starts the clock.
  if (bye_due_ != time_point::min()) out.send.push_back(bye_frame(bye_reason_));
  bye_due_ = now + bye_interval;
}

parts session::probe() {
  parts p(1, buffer(wire::header_size));
  wire::write_header(p[0].mutable_data(), stream_.control_header(wire::flag_ack_now));
  return p;
}

}  // namespace ipczmq::session
