// SPDX-License-Identifier: MIT
// What a session makes of the frames that come in.
#include "session/session.hpp"

#include <string>
#include <utility>

namespace ipczmq::session {

void session::on_frame(const std::shared_ptr<const wire::frame>& f, time_point now, effects& out,
                       bool room) {
  last_heard_ = now;
  bool dispatchable = false;
  for (const wire::message& m : f->messages) {
    dispatchable = dispatchable || wire::is_dispatched(m.kind);
    if (wire::valid_direction(m.kind, config_.main_side)) continue;
    out.malformed =
        "a message of kind " + std::to_string(static_cast<int>(m.kind)) + " in the wrong direction";
    return;
  }
  if (bye_sent_) {
    on_last_words(*f, now, out);
    hand_over_released(out);
    return;
  }
  const verdict v = stream_.on_header(f->header, f->bytes, dispatchable, now, room);
  hand_over_released(out);
  switch (v) {
    case verdict::malformed:
      out.malformed = stream_.wrong();
      return;
    case verdict::duplicate:
    case verdict::gap:
      return;
    case verdict::take:
    case verdict::control:
      break;
  }
  watch_dispatch(now, out);
  unknown += f->unknown;
  out.deliver = dispatchable;
  for (const wire::message& m : f->messages) {
    if (!wire::is_dispatched(m.kind)) on_message(f, m, now, out);
    if (!wire::is_control(m.kind)) ++messages_received;
  }
  // One frame however many pings: few bytes must not make many.
  if (!control_.empty()) out.send.push_back(control_.finish(stream_.control_header(0)));
}

void session::hand_over_released(effects& out) {
  for (parts& p : stream_.released) out.released.push_back(std::move(p));
  stream_.released.clear();
}

// After our own bye only headers count, and what ends it.
void session::on_last_words(const wire::frame& f, time_point now, effects& out) {
  if (!stream_.heed(f.header, now)) {
    out.malformed = stream_.wrong();
    return;
  }
  for (const wire::message& m : f.messages) {
    if (m.kind == wire::kind::bye) {
      out.bye = std::string(m.text);
    } else if (m.kind == wire::kind::refuse) {
      out.refused_code = m.code;
      out.refused_text = m.text;
    }
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
      } else if (subscriptions_.size() < wire::subscriptions_max || subscribed_by_name(m.channel)) {
        subscriptions_.emplace(m.channel);
      } else {
        out.malformed = "subscribes to more than " + std::to_string(wire::subscriptions_max) +
                        " channels; it may subscribe to every channel instead";
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

}  // namespace ipczmq::session
