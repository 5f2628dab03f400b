// SPDX-License-Identifier: MIT
// From a verb to the open frame, and when that leaves.
#include "engine/endpoint.hpp"
#include "engine/pending_call.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {

// Room for header, channel and the rest of a message's head in the first part; without overflow,
// whatever the peer says.
std::size_t part_limit(const wire::limits& theirs) {
  return static_cast<std::size_t>(
             std::min<std::uint64_t>(theirs.frame_bytes, std::uint64_t{1} << 40)) -
         1024;
}

// A frame of so many bytes is not kept back for more: the other side works on them while we make
// the next.
constexpr std::size_t frame_filled = 60 * 1024;
// Nor are half of the calls in flight, so that each side has one half while the other works on the
// other; where that is fewer than a frame costs, so many.
constexpr std::size_t handful = 16;
// The frame of calls that answers belong to ends before this in most cases, and takes them along.
constexpr std::size_t answers_filled = 256;

constexpr std::string_view not_read =
    "the caller has not read the answers it was sent before; ask for less at a time";

wire::packed_view view(const detail::packed& p) { return {p.bytes, p.attachments, p.refs}; }

// Over all endpoints: who sends to several in turn floods each of them, however long it takes to
// come round.
thread_local time_point sent_by_this_thread;

std::string check_depth(const detail::packed& p, std::uint32_t depth) {
  // Each level is a byte at least.
  if (p.bytes.size() <= depth) return {};
  return wire::check_value(p.bytes, depth, p.attachments.size(), false);
}

}  // namespace

// It reads every byte, so it is asked before the lock is taken.
bool endpoint::is_deep(const detail::packed& p) {
  return !check_depth(p, wire::minima.depth).empty();
}

bool endpoint::fits_depth(const remote& to, const detail::packed& p) {
  return check_depth(p, to.session->their_limits().depth).empty();
}

std::size_t endpoint::size_of(const detail::packed& p) {
  std::size_t n = p.bytes.size();
  for (const buffer& b : p.attachments) n += b.size();
  return n;
}

bool endpoint::fits(const remote& to, const detail::packed& p) {
  if (p.attachments.empty() && p.bytes.size() <= part_limit(wire::minima)) return true;
  const auto& theirs = to.session->their_limits();
  const std::size_t limit = part_limit(theirs);
  bool all = p.bytes.size() <= limit && size_of(p) <= 4 * limit &&
             p.attachments.size() <= theirs.attachments;
  for (const buffer& b : p.attachments) all = all && b.size() <= limit;
  return all;
}

void endpoint::check_message(const remote& to, std::string_view channel, const detail::packed& p,
                             bool deep) const {
  if (!wire::valid_channel(channel))
    throw error(errc::bad_channel, channel.empty() ? std::string("the channel is empty")
                                   : channel.size() > 255
                                       ? "the channel is " + std::to_string(channel.size()) +
                                             " bytes long; 255 is the limit"
                                       : std::string("the channel is not UTF-8"));
  const auto& theirs = to.session->their_limits();
  if (!fits(to, p))
    throw error(errc::too_large, "the arguments for '" + std::string(channel) + "' are " +
                                     std::to_string(size_of(p)) + " bytes in " +
                                     std::to_string(p.attachments.size() + 1) +
                                     " parts; the peer accepts parts of " +
                                     std::to_string(part_limit(theirs)) +
                                     " (raise limits.part_bytes there, or send less)");
  if (!deep) return;
  if (const std::string wrong = check_depth(p, theirs.depth); !wrong.empty())
    throw error(errc::bad_arguments, "the arguments for '" + std::string(channel) + "': " + wrong);
}

void endpoint::send_event(const std::shared_ptr<remote>& to, std::string_view channel,
                          const detail::packed& p) {
  check_usable();
  const bool deep = is_deep(p);
  guard g(*this);
  check_reachable(*to);
  if (!make_room(to, p, false, never)) return;
  check_message(*to, channel, p, deep);
  to->session->event(channel, view(p));
  account(*to);
  if (settings_.tap) record(false, *to, wire::kind::event, 0, channel, p.bytes.size());
  mark_dirty(to);
  after_append(size_of(p));
}

std::shared_ptr<pending_call> endpoint::start_call(const std::shared_ptr<remote>& to, wire::kind k,
                                                   const call_options& o, std::string_view channel,
                                                   const detail::packed& p) {
  check_usable();
  auto call =
      std::make_shared<pending_call>(shared_from_this(), to, k == wire::kind::sync_call, channel);
  const auto within = o.deadline.value_or(settings_.call_deadline);
  const bool deep = is_deep(p);
  {
    guard g(*this);
    const bool timed = within.count() != 0;
    const auto deadline = timed ? session::later(clock::now(), within) : never;
    check_reachable(*to);
    make_room(to, p, true, deadline);
    check_message(*to, channel, p, deep);
    call->id = to->session->call(k, channel, view(p), deadline, call);
    account(*to);
    if (settings_.tap) record(false, *to, k, call->id, channel, p.bytes.size());
    if (timed) arm(to, clock::now());
    mark_dirty(to);
    // The caller of a synchronous call is about to wait, and that flushes. Who has calls in flight
    // already will wait for these first.
    if (k != wire::kind::sync_call) {
      const std::size_t open = to->session->calls_open();
      calls_in_flight_ = open > 1;
      after_append(size_of(p), std::max(handful, open / 2));
      calls_in_flight_ = false;
    }
  }
  if (o.stop.stop_possible()) call->watch(o.stop);
  return call;
}

void endpoint::answer(const std::shared_ptr<remote>& peer, const served_call& c,
                      const detail::packed& value) {
  if (!own_process()) return;
  remote& to = *peer;
  const bool deep = is_deep(value);
  guard g(*this);
  if (to.session == nullptr || to.generation != c.generation) return;
  if (!to.unread.room_for_answer(size_of(value))) {
    to.session->error_reply(c.id, errc_name(errc::overflow), "Error", not_read, {});
  } else if (fits(to, value) && (!deep || fits_depth(to, value))) {
    to.session->reply(c.id, view(value));
  } else {
    to.session->error_reply(c.id, errc_name(errc::too_large), "Error",
                            std::string("the answer is ") +
                                (fits(to, value) ? "nested deeper" : "larger") +
                                " than the caller accepts",
                            {});
  }
  if (settings_.tap) record(false, to, wire::kind::reply, c.id, c.channel, value.bytes.size());
  mark_dirty(peer);
  if (takes_answers(peer)) after_append(size_of(value), answers_filled);
}

bool endpoint::takes_answers(const std::shared_ptr<remote>& to) {
  // Answers do not wait for the window, so something has to end before they fill the memory.
  constexpr std::uint64_t times = 4;
  if (to->session->wire_stream().answer_bytes() <= times * settings_.session.queue_bytes)
    return true;
  give_up(to, "it asks and does not take the answers");
  return false;
}

void endpoint::answer_error(const std::shared_ptr<remote>& peer, const served_call& c,
                            std::string_view code, std::string_view name, std::string_view text,
                            bytes_view data) {
  if (!own_process()) return;
  remote& to = *peer;
  guard g(*this);
  if (to.session == nullptr || to.generation != c.generation) return;
  const std::size_t size = name.size() + text.size() + data.size();
  const bool unread = !to.unread.room_for_answer(size);
  if (unread || size > part_limit(to.session->their_limits())) {
    code = errc_name(unread ? errc::overflow : errc::too_large);
    name = "Error";
    text = unread ? not_read : "the error is larger than the caller accepts";
    data = {};
  }
  to.session->error_reply(c.id, code, name, text, data);
  if (settings_.tap) record(false, to, wire::kind::error_reply, c.id, c.channel, data.size());
  mark_dirty(peer);
  if (takes_answers(peer)) after_append(size, answers_filled);
}

void endpoint::mark_dirty(const std::shared_ptr<remote>& r) {
  if (!std::exchange(r->dirty, true)) dirty_.push_back(r);
}

// Hot on the heels of another message, behind other calls, in turn with other endpoints, or in a
// turn of dispatch that has more to say. The first answer to a message that came alone is quiet
// whatever went before.
bool endpoint::gathers(time_point now) {
  if (in_listener()) return !std::exchange(lone_message_, false);
  // A broadcast to many takes a while itself.
  const auto hot = std::chrono::microseconds(20 + dirty_.size());
  constexpr auto in_turn = std::chrono::milliseconds(1);
  const auto since = now - last_append_;
  return since < hot || calls_in_flight_ || (since < in_turn && now - sent_by_this_thread < hot);
}

void endpoint::after_append(std::size_t bytes, std::size_t calls_filled) {
  if (socket_ == nullptr) return;
  gathered_bytes_ += bytes;
  gathered_calls_ += calls_filled != 0 ? 1 : 0;
  // What fills a frame goes on this thread, however hot: it is there.
  const bool filled =
      gathered_bytes_ >= frame_filled || (calls_filled != 0 && gathered_calls_ >= calls_filled);
  if (told_ && !filled) return;
  const auto now = clock::now();
  if (!filled && gathers(now)) {
    sent_by_this_thread = now;
    if (!std::exchange(told_, true)) service_->tell_soon(*this);
    return;
  }
  flush_all(now);
  last_append_ = clock::now();  // what follows on a broadcast to many is hot, too
  sent_by_this_thread = last_append_;
  // Who polls is woken as the lock is released, if need be; a thread in a listener comes back by
  // itself. Otherwise input that came meanwhile, or will come, is for who waits next, or for the
  // service thread's tick; only if that watches the descriptor, it may have missed its edge.
  if (polling_ || looped_ || in_listener()) return;
  sent_ = false;
  if (!adopted.load(std::memory_order_relaxed)) {
    service_->watch();
  } else if (socket_->readable()) {
    service_->tell(*this);
  }
}

void endpoint::wake_driver() {
  wake_waiters();
  if (polling_) waker_.wake();
}

bool endpoint::has_peer() {
  if (socket_ == nullptr) return false;
  sent_ = true;  // as after a send: it may swallow the edge of input
  return socket_->writable();
}

void endpoint::send_parts(remote& r, const session::parts& p) {
  if (socket_ == nullptr) return;
  // Not sent is not lost: numbered frames are kept until they are acknowledged, the others are
  // repeated.
  sent_ = true;
  if (socket_->send(r.routing_id, p) != transport::send_result::sent) return;
  ++stats_.frames_sent;
  r.unread.sent(p);
}

}  // namespace ipczmq::engine
