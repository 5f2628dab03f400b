// SPDX-License-Identifier: MIT
// How renderers come to main: connections, hello and welcome.
#include "engine/main_endpoint.hpp"
#include "engine/process_info.hpp"

#include <unistd.h>

#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {
constexpr auto hello_within = std::chrono::seconds(3);
}

void main_endpoint::on_link(const transport::monitor_event& e, time_point now) {
  if (e.fd < 0) return;
  if (e.what == transport::link_event::accepted) {
    if (connections_.size() >= main_settings_.connections_max) {
      transport::socket::cut(e.fd);
      say(log_level::warning, "a connection was cut: there are " +
                                  std::to_string(connections_.size()) +
                                  " already (connections_max)");
    }
    // Its hello may have been read before this event.
    connection& c = connections_[e.fd];
    if (c.peer != 0 && lookup(c.peer) != nullptr && lookup(c.peer)->fd == e.fd && c.serial == 0) {
      c.serial = ++serial_;
      return;
    }
    c = {0, ++serial_, false};
    half_open_.push_back({now + hello_within, e.fd, c.serial});
    schedule(now + hello_within);
    return;
  }
  const auto it = connections_.find(e.fd);
  if (it == connections_.end()) return;
  const std::shared_ptr<remote> r = lookup(it->second.peer);
  connections_.erase(it);
  if (r != nullptr && r->fd == e.fd && r->linked) {
    r->fd = -1;
    on_lost(r, "its connection was lost", now);
  }
}

time_point main_endpoint::on_time(time_point now) {
  while (!half_open_.empty() && half_open_.front().until <= now) {
    const half_open h = half_open_.front();
    half_open_.pop_front();
    const auto it = connections_.find(h.fd);
    if (it != connections_.end() && it->second.serial == h.serial && it->second.peer == 0)
      transport::socket::cut(h.fd);
  }
  return half_open_.empty() ? never : half_open_.front().until;
}

// Empty, or why the process behind `f` may not come in.
std::string main_endpoint::admissible(const wire::frame& f) const {
  const auto who = transport::credentials(f.parts[0]);
  if (who.known && who.uid != ::geteuid())
    return "main serves user " + std::to_string(::geteuid()) + " on this socket, not user " +
           std::to_string(who.uid);
  return {};
}

void main_endpoint::on_hello(const wire::frame& f, const wire::message& m,
                             const transport::incoming& in, time_point now) {
  if (closing_) {
    refuse(in.routing_id, "unknown_session", "main is closing");
    return;
  }
  wire::hello h;
  std::string code = "bad_frame";
  std::string why = wire::decode(m.payload, h);
  if (!why.empty() && !wire::meets_minima(h.limits)) code = "incompatible";
  if (why.empty()) {
    code = "forbidden";
    why = admissible(f);
  }
  if (!why.empty()) {
    if (code == "bad_frame") ++stats_.frames_malformed;
    refuse(in.routing_id, code, why);
    say(log_level::warning, "a renderer was refused: " + why);
    return;
  }
  if (h.resume) {
    const auto known = lookup(roster_.by_identity(h.identity));
    if (known == nullptr || h.resume->received > known->session->wire_stream().sent())
      h.resume.reset();
  }
  // Whoever held the name may have died a moment ago: its disconnection was reported before this
  // connection came.
  read_monitor(now);
  if (const auto holder = lookup(roster_.by_identity(h.identity));
      holder != nullptr && !h.resume && holder->process.known() && !holder->process.alive())
    gone(holder, gone_reason::crashed, "its process has died");
  const session::admission a = roster_.on_hello(h, in.routing_id, random_secret);
  if (a.replaces != 0) {
    if (const auto old = lookup(a.replaces)) {
      if (old->linked) send_parts(*old, old->session->bye("killed"));
      gone(old, old->linked ? gone_reason::killed : gone_reason::lost,
           "another renderer took its identity");
    }
  }
  std::shared_ptr<remote> r;
  switch (a.what) {
    case session::admission::what::refused:
      refuse(in.routing_id, a.code, a.text);
      say(log_level::warning, "renderer '" + h.identity + "' was refused: " + a.text);
      return;
    case session::admission::what::again:
      // The first welcome may have been lost with its connection.
      r = lookup(a.id);
      welcome(*r, false, now);
      if (!r->linked) {
        r->linked = true;
        r->resume_until = r->check_process = never;
        r->session->resume(0, h.clock, now);
      }
      break;
    case session::admission::what::fresh:
      r = admit(h, a.id, in, f, now);
      welcome(*r, false, now);
      push(r, notice{.what = notice::kind::created, .who = r});
      break;
    case session::admission::what::resumed:
      r = lookup(a.id);
      if (r->fd >= 0 && r->fd != in.fd) transport::socket::cut(r->fd);
      r->routing_id = in.routing_id;
      r->linked = true;
      r->resume_until = r->check_process = never;
      welcome(*r, true, now);
      r->session->resume(h.resume->received, h.clock, now);
      break;
  }
  r->fd = in.fd;
  if (in.fd >= 0) connections_[in.fd].peer = r->id;
  mark_dirty(r);
  arm(r, now);
}

std::shared_ptr<remote> main_endpoint::admit(const wire::hello& h, std::uint64_t id,
                                             const transport::incoming& in, const wire::frame& f,
                                             time_point now) {
  auto r = std::make_shared<remote>(
      id, h.identity, weak_from_this(),
      settings_.make_table("web_contents " + std::to_string(id) + " ipc()"));
  session::config config = settings_.session;
  config.first_call_id = random_call_id();
  const auto [it, added] = peers_.try_emplace(id, peer{r, session::session(config, now)});
  r->session = &it->second.session;
  r->session->establish(h.limits, h.clock, now);
  r->routing_id = in.routing_id;
  r->process_info = h.process;
  const auto who = transport::credentials(f.parts[0]);
  r->transport = who.known ? "ipc" : in.fd < 0 ? "inproc" : "tcp";
  if (who.known) r->process_info.pid = who.pid;
  const wire::process_info self = this_process();
  // The pid of another machine, or of main itself, tells nothing about a crash.
  if (r->process_info.pid != self.pid &&
      (who.known || (!h.process.boot.empty() && h.process.boot == self.boot)))
    r->process = support::local_process(r->process_info.pid);
  return r;
}

void main_endpoint::welcome(remote& r, bool resumed, time_point now) {
  const session::roster::entry& e = *roster_.find(r.id);
  wire::welcome w;
  w.session = e.session;
  w.secret = e.secret;
  w.id = r.id;
  w.clock = r.session->clock_at(now);
  w.limits = settings_.session.limits;
  w.ping_interval = static_cast<std::uint64_t>(settings_.session.ping_interval.count());
  w.ping_timeout = static_cast<std::uint64_t>(settings_.session.ping_timeout.count());
  w.resume_for = static_cast<std::uint64_t>(main_settings_.resume_for.count());
  w.resumed = resumed;
  w.received = r.session->wire_stream().received();
  w.identity = settings_.identity;
  w.process = this_process();
  control_.handshake(wire::kind::welcome, wire::encode(w));
  send_parts(r, control_.finish({}));
}

}  // namespace ipczmq::engine
