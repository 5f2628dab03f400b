// SPDX-License-Identifier: MIT
#include "engine/main_endpoint.hpp"

#include "engine/process_info.hpp"
#include "transport/gate.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {
constexpr auto process_check_interval = std::chrono::milliseconds(50);
}  // namespace

namespace {

// libzmq gives a tcp port or an inproc name back a moment after its socket was closed: a main that
// replaces another in the same process would find it taken.
std::string bind_patiently(transport::socket& s, const transport::address& a) {
  constexpr int tries = 5;
  for (int i = 1;; ++i) {
    try {
      return s.bind(a);
    } catch (const error& e) {
      if (e.kind() != errc::endpoint_in_use || a.scheme == transport::scheme::ipc || i == tries)
        throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
    }
  }
}

// Those without a hello leave half of the descriptors to those with one. No fewer, because all the
// renderers of a main that was restarted come at once.
connections::limits bounds(std::size_t connections_max) {
  connections::limits l{.connections = connections_max};
  const int all = transport::gate::descriptors_max(transport::context::descriptors());
  l.half_open = std::min(l.half_open, static_cast<std::size_t>(all) / 2);
  return l;
}

}  // namespace

main_endpoint::main_endpoint(settings s, main_settings m, std::shared_ptr<consumer> c)
    : endpoint(std::move(s), std::move(c)),
      main_settings_(m),
      roster_(m.replace_duplicates),
      connections_(bounds(m.connections_max), transport::socket::cut) {}

void main_endpoint::open(const std::vector<transport::address>& where) {
  {
    guard g(*this);
    transport::socket_options o;
    o.part_bytes_max = settings_.session.limits.frame_bytes;
    o.handshake_within = 2 * connections::hello_within;  // that one counts, and is counted
    open_socket(std::make_unique<transport::socket>(service_->context, transport::role::router, o));
    monitor_fd_ = socket_->monitor_fd();
    for (const transport::address& a : where) {
      if (!a.loopback)
        say(log_level::warning,
            "serving " + a.text +
                " without keys, as `insecure` allows: whoever reaches the port may talk");
      bound_.push_back(bind_patiently(*socket_, a));
    }
  }
  service_->attach(*this);
  service_->tell(*this);
}

std::vector<std::string> main_endpoint::endpoints() {
  check_process();
  guard g(*this);
  return bound_;
}

std::shared_ptr<remote> main_endpoint::lookup(std::uint64_t id) {
  const auto it = peers_.find(id);
  return it == peers_.end() ? nullptr : it->second.handle;
}

std::vector<std::shared_ptr<remote>> main_endpoint::remotes() {
  check_process();
  guard g(*this);
  std::vector<std::shared_ptr<remote>> all;
  for (const auto& [id, p] : peers_) all.push_back(p.handle);
  return all;
}

std::shared_ptr<remote> main_endpoint::find(std::uint64_t id) {
  check_process();
  guard g(*this);
  return lookup(id);
}

std::shared_ptr<remote> main_endpoint::find(std::string_view identity) {
  check_process();
  guard g(*this);
  return lookup(roster_.by_identity(identity));
}

void main_endpoint::check_reachable(const remote& to) {
  if (closing_) throw error(errc::closed, "main is closed");
  if (to.session == nullptr)
    throw error(errc::peer_gone,
                "renderer " + std::to_string(to.id) + " ('" + to.identity + "') has gone");
}

std::string main_endpoint::name_of(const remote& r) const {
  return "renderer '" + r.identity + "'";
}

void main_endpoint::give_up(const std::shared_ptr<remote>& to, const std::string& why) {
  flush_all(clock::now());
  if (to->session == nullptr) return;
  if (to->linked) send_bye(*to, "overflow");
  gone(to, gone_reason::overflow, why);
  wake_driver();
}

std::size_t main_endpoint::broadcast(std::string_view channel, const detail::packed& p,
                                     bool subscribers_only) {
  check_usable();
  const bool deep = is_deep(p);
  guard g(*this);
  if (closing_) throw error(errc::closed, "main is closed");
  if (!wire::valid_channel(channel))
    throw error(errc::bad_channel, "the channel is empty, over 255 bytes long, or not UTF-8");
  std::size_t reached = 0;
  std::size_t too_large = 0;
  const std::size_t bytes = size_of(p);
  for (auto it = peers_.begin(); it != peers_.end();) {
    // It may be given up here.
    const std::shared_ptr<remote> to = it->second.handle;
    session::session& s = (it++)->second.session;
    if (subscribers_only && !s.subscribed(channel)) continue;
    if (!fits(*to, p) || (deep && !fits_depth(*to, p))) {
      ++too_large;
      continue;
    }
    if (!has_room(*to, bytes) && !yield_room(to, bytes)) {
      if (to->session != nullptr) {
        count_dropped(to, 1);
        send_parts(*to, s.probe());
      }
      continue;
    }
    s.event(channel, {p.bytes, p.attachments, p.refs});
    account(*to);
    if (settings_.tap) record(false, *to, wire::kind::event, 0, channel, p.bytes.size());
    mark_dirty(to);
    ++reached;
  }
  if (too_large != 0) {
    stats_.messages_lost += too_large;
    say(log_level::warning, "'" + std::string(channel) + "' did not go to " +
                                std::to_string(too_large) +
                                " renderer(s) that do not accept messages so large or deep");
  }
  if (reached != 0) after_append(size_of(p));
  return reached;
}

void main_endpoint::on_incoming(transport::incoming& in, time_point now) {
  std::shared_ptr<wire::frame> f = service_->frames->take();
  std::swap(f->parts, in.parts);
  take_frame(f, in, now);
  // Over inproc its attachments are the sender's own.
  if (f->parts.size() > 1) deferred_.destroy.push_back(std::move(f));
}

void main_endpoint::take_frame(const std::shared_ptr<wire::frame>& f, const transport::incoming& in,
                               time_point now) {
  const std::shared_ptr<remote> r = lookup(roster_.by_routing_id(in.routing_id));
  const std::string wrong =
      in.oversized ? "more parts or bytes than agreed" : wire::decode(*f, settings_.session.limits);
  if (!wrong.empty()) {
    on_malformed(r, in, f->parts, wrong);
    return;
  }
  for (const auto& m : f->messages) {
    if (r == nullptr && !wire::valid_direction(m.kind, true)) {
      on_malformed(r, in, f->parts, "a message that only main sends");
      return;
    }
    if (m.kind == wire::kind::hello) {
      on_hello(*f, m, in, now);
      return;
    }
  }
  if (r != nullptr) {
    on_session_frame(r, f, now);
    return;
  }
  const bool last_word =
      f->header.seq == 0 && std::all_of(f->messages.begin(), f->messages.end(), [](const auto& m) {
        return m.kind == wire::kind::refuse || m.kind == wire::kind::bye;
      });
  if (!last_word && connections_.may_stray(in.fd))
    refuse(in.routing_id, "unknown_session",
           "main does not know this session; it was restarted, or has given it up");
}

void main_endpoint::on_malformed(const std::shared_ptr<remote>& r, const transport::incoming& in,
                                 std::span<const buffer> f, const std::string& wrong) {
  ++stats_.frames_malformed;
  // A descriptor may have been another connection's a moment ago.
  read_monitor(session::clock::now());
  if (wire::begins_with_refuse(f)) return;  // two that refuse each other would never end
  if (!connections_.may_refuse(in.fd)) return;
  refuse(in.routing_id, "bad_frame", wrong);
  if (r != nullptr) {
    gone(r, gone_reason::protocol_error, wrong);
  } else {
    say(log_level::warning, "a peer without a session sent a malformed frame: " + wrong);
  }
}

void main_endpoint::refuse(const std::string& routing_id, std::string_view code,
                           std::string_view text) {
  control_.refuse(code, text);
  const session::parts p = control_.finish({});
  if (socket_->send(routing_id, p) == transport::send_result::sent) ++stats_.frames_sent;
}

void main_endpoint::on_session_frame(const std::shared_ptr<remote>& r,
                                     const std::shared_ptr<const wire::frame>& f, time_point now) {
  session::effects fx;
  session::session& s = *r->session;
  for (const auto& m : f->messages)
    if (m.kind == wire::kind::pong) r->unread.on_pong(m.token);
  s.on_frame(f, now, fx, may_take(r, *f));
  const std::string malformed = std::exchange(fx.malformed, {});
  const auto bye = std::exchange(fx.bye, std::nullopt);
  const std::string refused = fx.refused_code;
  apply(r, fx, f);
  if (!malformed.empty()) {
    ++stats_.frames_malformed;
    refuse(r->routing_id, "bad_frame", malformed);
    gone(r, gone_reason::protocol_error, malformed);
  } else if (bye) {
    if (!s.bye_sent()) send_bye(*r, "closed");
    gone(r, gone_reason::clean_exit, "it closed");
  } else if (!refused.empty()) {
    gone(r, gone_reason::protocol_error, "it refused what main sent");
  } else {
    // What is sent again goes with the next flush: who asks for it without end sets no pace.
    const session::stream& out = s.wire_stream();
    if (out.next_out() > out.sent() && out.has_to_send()) mark_dirty(r);
    arm(r, now);
    look_whether_it_reads(r, now);
  }
}

void main_endpoint::on_lost(const std::shared_ptr<remote>& r, const std::string& text,
                            time_point now) {
  r->linked = false;
  r->lost_at = now;
  r->unread.forget();
  if (r->process.known() && !r->process.alive()) {
    gone(r, gone_reason::crashed, "its process has died");
  } else if (main_settings_.resume_for.count() == 0 || closing_) {
    gone(r, gone_reason::lost, text);
  } else {
    roster_.set_linked(r->id, false);
    r->session->suspend();
    r->resume_until = session::later(now, main_settings_.resume_for);
    // The connection of a process that is killed closes a moment before the process is gone.
    if (r->process.known()) r->check_process = now + process_check_interval;
    arm(r, now);
  }
}

void main_endpoint::gone(const std::shared_ptr<remote>& r, gone_reason reason,
                         const std::string& text) {
  const auto it = peers_.find(r->id);
  if (it == peers_.end()) return;
  session::effects fx;
  undelivered lost = r->session->end(
      errc::peer_gone, "renderer '" + r->identity + "' has gone: " + text, fx, nullptr);
  apply(r, fx, nullptr);
  count_session(*r->session);
  stats_.messages_lost += lost.total();
  stop_serving(r);
  roster_.remove(r->id);
  connections_.forget(r->fd, r->id);
  r->session = nullptr;
  account(*r);
  r->linked = false;
  r->destroyed = true;
  // What it still holds may be users': buffers, and their deleters.
  deferred_.destroy.push_back(std::make_shared<peer>(std::move(it->second)));
  peers_.erase(it);
  const bool expelled = reason == gone_reason::protocol_error;
  if (lost.total() != 0 || expelled)
    say(reason == gone_reason::clean_exit ? log_level::info : log_level::warning,
        "renderer '" + r->identity + (expelled ? "' was expelled (" : "' has gone (") + text + ")" +
            (lost.total() == 0
                 ? ""
                 : " with " + std::to_string(lost.total()) + " message(s) to it not acknowledged"));
  push(r, notice{.what = notice::kind::gone,
                 .who = r,
                 .reason = reason,
                 .text = text,
                 .lost = std::move(lost)});
  push(r, notice{.what = notice::kind::destroyed, .who = r});
}

void main_endpoint::kill(const std::shared_ptr<remote>& r) {
  check_usable();
  guard g(*this);
  if (r->session == nullptr) return;
  flush_all(clock::now());
  send_bye(*r, "killed");
  gone(r, gone_reason::killed, "main closed it");
  wake_driver();
}

void main_endpoint::tick_remote(const std::shared_ptr<remote>& r, time_point now) {
  if (r->check_process <= now) {
    r->check_process = r->linked ? never : now + process_check_interval;
    if (!r->linked && !r->process.alive()) {
      gone(r, gone_reason::crashed, "its process has died");
      return;
    }
  }
  if (!r->linked && now >= r->resume_until) {
    gone(r, gone_reason::lost, "it did not come back in time");
    return;
  }
  session::effects fx;
  r->session->tick(now, fx);
  const bool lost = std::exchange(fx.lost, false);
  apply(r, fx, nullptr);
  if (lost && r->linked) {
    // Half-open: the connection must not come back to life behind a session that has been given up.
    if (r->fd >= 0) transport::socket::cut(r->fd);
    on_lost(r,
            "nothing was heard of it for " +
                std::to_string(settings_.session.ping_timeout.count()) + " ms",
            now);
  }
}

time_point main_endpoint::due_of(const remote& r) {
  if (!r.linked) return std::min({r.resume_until, r.check_process, r.session->next_deadline()});
  return r.session->next_due();
}

void main_endpoint::flush_remote(const std::shared_ptr<remote>& r, time_point now) {
  if (r->session == nullptr) return;
  session::effects fx;
  r->session->flush(now, fx);
  apply(r, fx, nullptr);
  arm_flushed(r, now);
}

void main_endpoint::each(const std::function<void(const std::shared_ptr<remote>&)>& f) {
  for (const auto& [id, p] : peers_) f(p.handle);
}

void main_endpoint::say_bye(time_point) {
  for (auto& [id, p] : peers_) {
    if (p.handle->linked) send_bye(*p.handle, "closed");
  }
}

bool main_endpoint::bye_answered() {
  // One whose connection is gone will not answer.
  return std::none_of(peers_.begin(), peers_.end(),
                      [](const auto& p) { return p.second.handle->linked; });
}

void main_endpoint::end_all() {
  while (!peers_.empty()) {
    const std::shared_ptr<remote> r = peers_.begin()->second.handle;
    session::effects fx;
    r->session->end(errc::closed, "main was closed", fx, nullptr);
    apply(r, fx, nullptr);
    stop_serving(r);
    r->session = nullptr;
    account(*r);
    r->destroyed = true;
    retired_.push_back(r);
    count_session(peers_.begin()->second.session);
    deferred_.destroy.push_back(std::make_shared<peer>(std::move(peers_.begin()->second)));
    peers_.erase(peers_.begin());
  }
}

}  // namespace ipczmq::engine
