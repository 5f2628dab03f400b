// SPDX-License-Identifier: MIT
#include "session/stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ipczmq::session {

namespace {

constexpr auto ack_delay = std::chrono::milliseconds(20);
constexpr auto gap_interval = std::chrono::milliseconds(20);
// What is acknowledged is memory that the sender can use again while it is warm.
constexpr std::uint64_t ack_bytes_max = 512 << 10;
// Of what is sent again, so much is under way at a time: whoever asks again and again must not fill
// our memory.
constexpr std::uint64_t again_bytes_max = 4 << 20;
// A gap that does not close is heeded ever more slowly, and in the end it is held against the peer.
constexpr auto gap_pause_max = std::chrono::milliseconds(1000);
constexpr unsigned gaps_max = 16;

}  // namespace

bool stream::must_wait(lane l, std::size_t bytes) const {
  if (!established_ || finished_) return true;
  if (l == lane::prompt) return false;
  if (!linked_) return true;
  if (!backlog_.empty() || !tail_.builder.empty()) return true;  // events keep their order
  if (l == lane::behind) return false;
  // Alone it may be larger than the window. What is open already counts with all its bytes, replies
  // included, as soon as an event joins it.
  if (undispatched_bytes_ == 0 && open_.builder.empty()) return false;
  return undispatched_bytes_ + open_.builder.size() + wire::header_size + bytes > window_out_;
}

bool stream::full(const batch& b, std::size_t bytes, std::size_t attachments) const {
  if (b.builder.empty()) return false;
  const std::size_t size = b.builder.size() + bytes;
  return size > frame_target || b.builder.messages() >= frame_messages ||
         b.builder.attachments() + attachments > frame_attachments ||
         // A reply must not push the event that it joins over the window.
         (&b == &open_ && b.counted != 0 && undispatched_bytes_ + size > window_out_);
}

wire::frame_builder& stream::place(lane l, std::size_t bytes, std::size_t attachments) {
  const bool waits = must_wait(l, bytes);
  batch& b = waits ? tail_ : open_;
  if (full(b, bytes, attachments)) {
    sealed s = seal(b);
    if (waits) {
      backlog_bytes_ += s.bytes;
      backlog_.push_back(std::move(s));
    } else {
      number(std::move(s));
    }
  }
  if (l == lane::event || l == lane::call) {
    ++b.counted;
    ++placed_;
    if (l == lane::event) ++b.events;
  }
  return b.builder;
}

stream::sealed stream::seal(batch& b) const {
  sealed s;
  s.messages = b.builder.messages();
  s.counted = b.counted;
  s.events = b.events;
  s.phantoms = b.phantoms;
  s.parts = b.builder.finish({});
  s.bytes = total_bytes(s.parts);
  b.counted = b.events = b.phantoms = 0;
  return s;
}

void stream::number(sealed s) {
  s.seq = ++last_seq_;
  wire::write_header(s.parts[0].mutable_data(), {0, s.seq, received_, dispatched_});
  ack_due_ = never;
  ack_now_ = false;
  unacked_bytes_ = 0;
  numbered_ += s.counted;
  dispatched_there_ += s.phantoms;
  phantoms_ -= s.phantoms;
  if (s.in_window()) {
    undispatched_bytes_ += s.bytes;
    window_.push_back({s.seq, s.bytes, s.counted - s.phantoms});
  } else {
    answer_bytes_ += s.bytes;
  }
  kept_.push_back(std::move(s));
}

void stream::flush(std::vector<parts>& out) {
  if (!linked_) return;
  if (established_ && !finished_) {
    if (!open_.builder.empty()) number(seal(open_));
    while (!backlog_.empty() && fits(backlog_.front().bytes)) {
      sealed s = std::move(backlog_.front());
      backlog_.pop_front();
      backlog_bytes_ -= s.bytes;
      number(std::move(s));
    }
    if (backlog_.empty() && !tail_.builder.empty() && fits(tail_.builder.size()))
      number(seal(tail_));
  }
  hand_out(out);
}

bool stream::has_to_send() const {
  if (!linked_) return false;
  if (next_out_ <= sent_) {
    const sealed& s = kept_[next_out_ - kept_.front().seq];
    return again_bytes_ == 0 || again_bytes_ + s.bytes <= again_bytes_max;
  }
  if (next_out_ <= last_seq_) return true;
  if (!established_ || finished_) return false;
  if (!open_.builder.empty()) return true;
  if (!backlog_.empty()) return fits(backlog_.front().bytes);
  return !tail_.builder.empty() && fits(tail_.builder.size());
}

void stream::hand_out(std::vector<parts>& out) {
  for (; next_out_ <= last_seq_; ++next_out_) {
    sealed& s = kept_[next_out_ - kept_.front().seq];
    if (s.seq > sent_) {
      sent_ = s.seq;
      out.push_back(s.parts);
      continue;
    }
    if (again_bytes_ != 0 && again_bytes_ + s.bytes > again_bytes_max) return;
    again_bytes_ += s.bytes;
    // A copy of the first part: libzmq may still be reading the one that was sent.
    parts again = s.parts;
    again[0] = buffer::copy(s.parts[0].bytes());
    wire::write_header(again[0].mutable_data(), {wire::flag_resent, s.seq, received_, dispatched_});
    out.push_back(std::move(again));
    ++resent;
  }
}

void stream::resume(std::uint64_t received_there) {
  linked_ = true;
  acknowledge(received_there, peer_dispatched_);
  rewind();
  gaps_ = 0;
  // Hello and welcome do not say what has been dispatched, and the acknowledgement that did may be
  // lost.
  ack_now_ = true;
}

// What is kept goes out again, from its beginning.
void stream::rewind() {
  next_out_ = kept_.empty() ? last_seq_ + 1 : kept_.front().seq;
  again_bytes_ = 0;
}

void stream::acknowledge(std::uint64_t received, std::uint64_t dispatched) {
  if (received > peer_received_) {
    peer_received_ = received;
    next_out_ = std::max(next_out_, received + 1);
    gaps_ = 0;
    const std::uint64_t done = std::max(dispatched, peer_dispatched_);
    while (!kept_.empty() && kept_.front().seq <= received) {
      sealed& s = kept_.front();
      again_bytes_ -= std::min<std::uint64_t>(again_bytes_, s.bytes);
      if (!s.in_window()) answer_bytes_ -= s.bytes;
      if (s.events != 0 && s.seq > done) {
        taken_.push_back(std::move(s));
      } else {
        release(s);
      }
      kept_.pop_front();
    }
  }
  if (dispatched > peer_dispatched_) {
    peer_dispatched_ = dispatched;
    for (; !taken_.empty() && taken_.front().seq <= dispatched; taken_.pop_front())
      release(taken_.front());
    while (!window_.empty() && window_.front().seq <= dispatched) {
      undispatched_bytes_ -= window_.front().bytes;
      dispatched_there_ += window_.front().messages;
      window_.pop_front();
    }
  }
}

void stream::release(sealed& s) {
  if (s.parts.size() > 1) released.push_back(std::move(s.parts));
}

bool stream::heed(const wire::header& h, time_point now) {
  wrong_ = "acknowledges frames that were never sent";
  if (h.received > sent_ || h.dispatched > h.received) return false;
  acknowledge(h.received, h.dispatched);
  if ((h.flags & wire::flag_ack_now) != 0) ack_now_ = true;
  return (h.flags & wire::flag_gap) == 0 || !linked_ || on_gap(now);
}

bool stream::on_gap(time_point now) {
  if (kept_.empty()) return true;
  const auto pause = std::min(gap_pause_max, gap_interval * (1 << std::min(gaps_, 10U)) / 2);
  if (gaps_ != 0 && now - pause < gap_heeded_) return true;
  wrong_ = "asks again and again for the same frames";
  gap_heeded_ = now;
  rewind();
  return ++gaps_ <= gaps_max;
}

verdict stream::on_header(const wire::header& h, std::size_t bytes, bool dispatchable,
                          time_point now, bool room) {
  if (!heed(h, now)) return verdict::malformed;
  if (h.seq == 0) return verdict::control;
  if (h.seq <= received_) {
    ++duplicates;
    owe_ack(now);
    return verdict::duplicate;
  }
  if (h.seq > received_ + 1) {
    on_highest(h.seq);
    return verdict::gap;
  }
  // Twice, because what is under way with an acknowledgement of ours is counted differently at the
  // two ends.
  if (dispatchable && !to_dispatch_.empty() && (to_dispatch_bytes_ + bytes) / 2 > window_in_) {
    wrong_ = "sends more than the window allows";
    return verdict::malformed;
  }
  if (holding_ || (dispatchable && !room)) {
    holding_ = true;
    on_highest(h.seq);
    return verdict::gap;
  }
  received_ = h.seq;
  if (received_ >= highest_seen_) gap_ = false;
  if (dispatchable) {
    to_dispatch_.push_back(h.seq);
    to_dispatch_bytes_ += bytes;
  }
  advance_dispatched();
  unacked_bytes_ += bytes;
  if (unacked_bytes_ >= std::min(window_in_ / 4, ack_bytes_max)) ack_now_ = true;
  owe_ack(now);
  return verdict::take;
}

void stream::take_again() {
  if (!std::exchange(holding_, false)) return;
  on_highest(highest_seen_);
}

void stream::dispatched(std::uint64_t seq, std::size_t bytes, time_point now) {
  while (!to_dispatch_.empty() && to_dispatch_.front() <= seq) to_dispatch_.pop_front();
  to_dispatch_bytes_ -= bytes;
  advance_dispatched();
  owe_ack(now);
}

// A frame with nothing to dispatch counts as soon as all before it do.
void stream::advance_dispatched() {
  dispatched_ = to_dispatch_.empty() ? received_ : to_dispatch_.front() - 1;
}

void stream::owe_ack(time_point now) { ack_due_ = std::min(ack_due_, now + ack_delay); }

void stream::on_highest(std::uint64_t highest) {
  highest_seen_ = std::max(highest_seen_, highest);
  if (highest > received_) gap_ = true;
}

time_point stream::ack_due() const {
  if (ack_now_) return time_point::min();
  return gap_ && !holding_ ? std::min(ack_due_, gap_asked_ + gap_interval) : ack_due_;
}

bool stream::take_ack(time_point now, parts& out) {
  if (!established_ || !linked_) return false;
  std::uint8_t flags = 0;
  if (gap_ && !holding_ && now - gap_interval >= gap_asked_) {
    flags = wire::flag_gap;
    gap_asked_ = now;
  } else if (!ack_now_ && ack_due_ > now) {
    return false;
  }
  if (flags != 0) gap_ = false;
  ack_now_ = false;
  ack_due_ = never;
  unacked_bytes_ = 0;
  out.assign(1, buffer(wire::header_size));
  wire::write_header(out[0].mutable_data(), control_header(flags));
  return true;
}

std::size_t stream::unsent() const {
  std::size_t n = tail_.builder.messages() + open_.builder.messages();
  for (const sealed& s : backlog_) n += s.messages;
  return n;
}

std::size_t stream::in_flight() const {
  std::size_t n = 0;
  for (const sealed& s : kept_) n += s.seq <= sent_ ? s.messages : 0;
  return n;
}

std::size_t stream::unacknowledged() const {
  std::size_t n = unsent();
  for (const sealed& s : kept_) n += s.messages;
  return n;
}

}  // namespace ipczmq::session
