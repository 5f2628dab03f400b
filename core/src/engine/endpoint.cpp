// SPDX-License-Identifier: MIT
#include "engine/endpoint.hpp"

#include "engine/pending_call.hpp"

#include <cstdio>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::time_point;

namespace {

// Calls of one peer that wait for their answers; beyond, they are refused.
constexpr std::size_t open_calls_max = 65536;

}  // namespace

endpoint::endpoint(settings s, std::shared_ptr<consumer> c)
    : settings_(std::move(s)),
      generation_(support::fork_generation()),
      service_(service::instance()),
      consumer_(std::move(c)) {
  descriptors_.add(waker_.fd(), waker_tag);
}

endpoint::~endpoint() = default;

endpoint::guard::~guard() {
  if (held_) unlock();
}

void endpoint::guard::unlock() {
  endpoint& e = endpoint_;
  held_ = false;
  e.look_after_send();
  if (e.loop_fd_) e.update_fd();
  if (e.deferred_.empty()) {
    e.mutex_.unlock();
    return;
  }
  deferred_work work = std::exchange(e.deferred_, {});
  e.mutex_.unlock();
  e.do_deferred(work);
}

void endpoint::guard::relock() {
  endpoint_.mutex_.lock();
  held_ = true;
}

void endpoint::do_deferred(deferred_work& work) const noexcept {
  for (const auto& call : work.stop) call->request_stop();
  for (const auto& [level, line] : work.log) write_log(level, line);
  if (work.tap.empty()) return;
  const lock one_at_a_time(tap_mutex_);
  for (auto& t : work.tap) {
    t.record.peer = t.peer;
    t.record.channel = t.channel;
    try {
      settings_.tap(t.record);
    } catch (...) {
      write_log(log_level::error, "the tap threw an exception");
    }
  }
}

void endpoint::write_log(log_level level, const std::string& line) const noexcept {
  if (settings_.log) {
    try {
      settings_.log(level, line);
      return;
    } catch (...) {
      // Nobody but stderr is left to tell.
    }
  }
  if (level >= log_level::warning) std::fprintf(stderr, "ipczmq: %s\n", line.c_str());
}

void endpoint::say(log_level level, std::string line) {
  deferred_.log.emplace_back(level, std::move(line));
}

void endpoint::log(log_level level, std::string line) {
  deferred_work w;
  w.log.emplace_back(level, std::move(line));
  do_deferred(w);
}

void endpoint::open_socket(std::unique_ptr<transport::socket> s) {
  // Closing the old one takes its descriptors out of the epoll set.
  socket_ = std::move(s);
  descriptors_.add(socket_->fd(), socket_tag);
  descriptors_.add(socket_->monitor_fd(), monitor_tag);
  socket_signalled_ = monitor_signalled_ = true;
}

void endpoint::check_process() const {
  if (!own_process())
    throw error(errc::forked,
                "this endpoint belongs to the parent process; make a new one after fork()");
}

void endpoint::check_usable() const {
  check_process();
  if (closed_.load(std::memory_order_relaxed)) throw error(errc::closed, "the endpoint is closed");
}

void endpoint::push(const std::shared_ptr<remote>& to, entry e) { inbox_.push(to, std::move(e)); }

void endpoint::record(bool incoming, const remote& r, wire::kind kind, std::uint64_t id,
                      std::string_view channel, std::size_t bytes) {
  static constexpr std::string_view names[] = {"",       "event",     "sync_call",
                                               "invoke", "reply",     "error_reply",
                                               "cancel", "subscribe", "unsubscribe"};
  const auto k = static_cast<std::size_t>(kind);
  if (k >= std::size(names)) return;
  deferred_work::tapped t;
  t.peer = r.identity;
  t.channel = channel;
  t.record.incoming = incoming;
  t.record.kind = names[k];
  t.record.bytes = bytes;
  t.record.id = id;
  t.record.time = clock::now();
  deferred_.tap.push_back(std::move(t));
}

void endpoint::apply(const std::shared_ptr<remote>& r, session::effects& fx,
                     const std::shared_ptr<const wire::frame>& f) {
  if (f != nullptr) taken_ += f->messages.size();
  if (settings_.tap && f != nullptr) {
    for (const auto& m : f->messages) record(true, *r, m.kind, m.id, m.channel, m.payload.size());
  }
  for (const auto& p : fx.send) send_parts(*r, p);
  for (auto& o : fx.completed) {
    auto call = std::static_pointer_cast<pending_call>(std::move(o.call));
    call->complete(o, o.code == errc::timed_out ? unreachable_hint() : std::string());
    for (auto& f : call->continuations) push(r, std::move(f));
    call->continuations.clear();
    deferred_.destroy.push_back(std::move(call));
  }
  for (const std::uint64_t id : fx.cancelled) {
    const auto it = r->serving.find(id);
    if (it == r->serving.end()) {
      // It waits in the inbox, or in the frame that is being dispatched.
      if ((r->inbox.ready || r->dispatching) && r->cancelled_early.size() < 65536)
        r->cancelled_early.insert(id);
    } else if (auto served = it->second.lock()) {
      deferred_.stop.push_back(std::move(served));
    }
  }
  if (!fx.released.empty())
    deferred_.destroy.push_back(
        std::make_shared<std::vector<session::parts>>(std::move(fx.released)));
  if (fx.deliver && f != nullptr) {
    inbox_bytes_ += f->bytes;
    push(r, delivery{f, r->generation});
  }
  if (r->inbox.parked) watch_answers(r);
  account(*r);
  for (auto& e : fx.unfit) {
    ++stats_.messages_lost;
    say(log_level::warning, "a message to '" + r->identity + "' is lost: " + e.text);
    push(r, notice{.what = notice::kind::undelivered,
                   .who = r,
                   .code = errc::too_large,
                   .text = std::move(e.text),
                   .channel = std::move(e.channel)});
  }
  if (fx.unresponsive) push(r, notice{.what = notice::kind::unresponsive, .who = r});
  if (fx.responsive) push(r, notice{.what = notice::kind::responsive, .who = r});
  if (r->full && r->session != nullptr && r->session->half_empty() && has_room(*r, 1)) {
    r->full = r->overflow_logged = false;
    push(r, notice{.what = notice::kind::drain, .who = r});
  }
  fx.clear();
}

void endpoint::stop_serving(const std::shared_ptr<remote>& r) {
  for (const auto& [id, call] : r->serving) {
    if (auto served = call.lock()) deferred_.stop.push_back(std::move(served));
  }
  r->serving.clear();
  inbox_.unpark(r);
}

std::shared_ptr<served_call> endpoint::open_call(const std::shared_ptr<remote>& from,
                                                 const wire::message& m) {
  guard g(*this);
  // The call of an earlier session must not be answered in this one.
  if (from->session == nullptr || from->generation != turn_.generation) return nullptr;
  if (from->cancelled_early.erase(m.id) != 0) return nullptr;
  auto call = std::make_shared<served_call>(from, from->generation, m);
  const bool expired = m.deadline != 0 && clock::now() >= from->session->local_deadline(m.deadline);
  if (expired || from->serving.size() >= open_calls_max) {
    if (expired) ++stats_.calls_expired;
    from->session->error_reply(
        m.id, errc_name(expired ? errc::timed_out : errc::overflow), "Error",
        expired ? "the deadline had passed on arrival"
                : std::to_string(open_calls_max) + " calls of this caller wait for their answers",
        {});
    mark_dirty(from);
    call->abandon();
    deferred_.destroy.push_back(std::move(call));
    return nullptr;
  }
  from->spare.insert_or_assign(from->serving, m.id, call);
  return call;
}

void endpoint::close_call(remote& from, std::uint64_t id) noexcept {
  if (!own_process()) return;
  guard g(*this);
  const auto it = from.serving.find(id);
  // One that lives is a later session's, of the same id.
  if (it != from.serving.end() && it->second.expired()) from.spare.erase(from.serving, it);
}

void endpoint::count_session(const session::session& s) {
  stats_.messages_sent += s.messages_sent;
  stats_.messages_received += s.messages_received;
  stats_.replies_late += s.replies_late;
  stats_.messages_unknown += s.unknown;
  stats_.frames_resent += s.wire_stream().resent;
  stats_.frames_duplicate += s.wire_stream().duplicates;
}

ipczmq::statistics endpoint::statistics() {
  check_process();
  guard g(*this);
  const ipczmq::statistics past = stats_;
  each([this](const std::shared_ptr<remote>& r)
           NO_THREAD_SAFETY_ANALYSIS { count_session(*r->session); });
  return std::exchange(stats_, past);
}

peer_info endpoint::info_of(const std::shared_ptr<remote>& r) {
  check_process();
  guard g(*this);
  peer_info i;
  i.pid = r->process_info.pid;
  i.host = r->process_info.host;
  i.library = r->process_info.library;
  i.endpoint = r->transport;
  if (r->session != nullptr) {
    i.connected = r->linked && r->session->wire_stream().established();
    i.messages_sent = r->session->messages_sent;
    i.messages_received = r->session->messages_received;
    i.bytes_queued = r->session->wire_stream().queued_bytes();
  }
  for (const entry& e : r->inbox.entries) {
    if (const auto* d = std::get_if<delivery>(&e)) i.messages_waiting += d->frame->messages.size();
  }
  return i;
}

bool endpoint::writable(const std::shared_ptr<remote>& r) {
  check_process();
  guard g(*this);
  return r->session != nullptr && has_room(*r, 1);
}

}  // namespace ipczmq::engine
