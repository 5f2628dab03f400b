// SPDX-License-Identifier: MIT
// How renderers come to main: connections, hello and welcome.
#include "engine/main_endpoint.hpp"
#include "engine/process_info.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {
// A line of the log about connections that were cut says how many there were in so long.
constexpr auto cut_log_interval = std::chrono::seconds(1);
// That a renderer was heard since it was asked holds for so long, and it is asked no more often
// than that. Hellos come every half second.
constexpr auto doubt_at_most = std::chrono::seconds(2);
constexpr auto doubt_interval = std::chrono::milliseconds(250);
}  // namespace

void main_endpoint::on_link(const transport::monitor_event& e, time_point now) {
  if (e.what == transport::link_event::cut) on_cut({e.count, e.detail}, now);
  if (e.fd < 0) return;
  if (e.what == transport::link_event::accepted) {
    on_cut(connections_.accepted(e.fd, now), now);
    schedule(connections_.next_due());
    return;
  }
  const std::shared_ptr<remote> r = lookup(connections_.disconnected(e.fd));
  if (r != nullptr && r->fd == e.fd && r->linked) {
    r->fd = -1;
    on_lost(r, "its connection was lost", now);
  }
}

void main_endpoint::on_cut(const connections::cuts& c, time_point now) {
  stats_.connections_cut += c.count;
  cut_unsaid_ += c.count;
  if (c.why.empty() || now < cut_said_ + cut_log_interval) return;
  const std::string what = cut_unsaid_ == 0 ? "no connection can be accepted"
                                            : std::to_string(cut_unsaid_) + " connection(s) cut";
  say(log_level::warning, what + ", those that are here go on: " + c.why);
  cut_unsaid_ = 0;
  cut_said_ = now;
}

time_point main_endpoint::on_time(time_point now) {
  if (connections_.next_due() > now) return connections_.next_due();
  // While main has not read all that came, a hello that is missed may be in there; but not for
  // ever.
  const bool behind = socket_->readable();
  on_cut(connections_.on_time(behind ? now - connections::hello_within : now), now);
  return std::max(connections_.next_due(), now + std::chrono::milliseconds(10));
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
  // What happened to connections before this came.
  read_monitor(now);
  // Cut, or gone; libzmq may have given its routing id to the next one of the same renderer.
  if (in.fd >= 0 && connections_.find(in.fd) == nullptr) return;
  wire::hello h;
  std::string code = "bad_frame";
  std::string why = wire::decode(m.payload, h);
  if (!why.empty() && !wire::meets_minima(h.limits)) code = "incompatible";
  if (why.empty()) {
    code = "forbidden";
    why = admissible(f);
  }
  if (why.empty() && peers_.size() >= main_settings_.connections_max &&
      roster_.by_identity(h.identity) == 0) {
    code = "refused";
    why = "there are " + std::to_string(peers_.size()) + " renderers already (connections_max)";
  }
  if (!why.empty()) {
    if (code == "bad_frame") ++stats_.frames_malformed;
    if (!connections_.may_refuse(in.fd)) return;
    refuse(in.routing_id, code, why);
    say(log_level::warning, "a renderer was refused: " + why);
    return;
  }
  if (h.resume) {
    const auto known = lookup(roster_.by_identity(h.identity));
    if (known == nullptr || h.resume->received > known->session->wire_stream().sent())
      h.resume.reset();
  }
  // Whoever held the name may have died a moment ago.
  if (const auto holder = lookup(roster_.by_identity(h.identity));
      holder != nullptr && !h.resume && holder->process.known() && !holder->process.alive())
    gone(holder, gone_reason::crashed, "its process has died");
  const session::admission a = roster_.on_hello(h, in.routing_id, random_secret);
  if (a.replaces != 0) {
    if (const auto old = lookup(a.replaces)) {
      if (old->linked && !a.itself) send_bye(*old, "killed");
      gone(old, old->linked && !a.itself ? gone_reason::killed : gone_reason::lost,
           a.itself ? "it has begun a new session" : "another renderer took its identity");
    }
  }
  std::shared_ptr<remote> r;
  switch (a.what) {
    case session::admission::what::late:
      return;
    case session::admission::what::refused:
      if (a.code == "duplicate_identity" && in.fd >= 0 &&
          in_doubt(lookup(roster_.by_identity(h.identity)), now))
        return;
      if (!connections_.may_refuse(in.fd)) return;
      refuse(in.routing_id, a.code, a.text);
      // It comes again by itself.
      say(a.code == "unknown_session" ? log_level::debug : log_level::warning,
          "renderer '" + h.identity + "' was refused: " + a.text);
      return;
    case session::admission::what::again:
      // The first welcome may have been lost with its connection.
      r = lookup(a.id);
      if (r->fd >= 0 && r->fd != in.fd) transport::socket::cut(r->fd);
      welcome(*r, h, false, now);
      if (!r->linked) come_back(r, 0, h.clock, now);
      break;
    case session::admission::what::fresh:
      r = admit(h, a.id, in, f, now);
      welcome(*r, h, false, now);
      push(r, notice{.what = notice::kind::created, .who = r});
      break;
    case session::admission::what::resumed:
      r = lookup(a.id);
      if (r->fd >= 0 && r->fd != in.fd) transport::socket::cut(r->fd);
      if (r->routing_id != in.routing_id) r->unread.forget();
      r->routing_id = in.routing_id;
      welcome(*r, h, true, now);
      come_back(r, h.resume->received, h.clock, now);
      break;
  }
  r->fd = in.fd;
  if (auto* const c = connections_.find(in.fd)) c->peer = r->id;
  mark_dirty(r);
  arm(r, now);
  look_whether_it_reads(r, now);
}

// A process of this machine that is there has its connection, too. Another's may be half-open, and
// this be the one that comes after it. So it is asked, and until it is heard, or counts as lost,
// who claims its name gets no answer, and says hello again.
bool main_endpoint::in_doubt(const std::shared_ptr<remote>& holder, time_point now) {
  if (holder->process.known()) return false;
  const auto since = now - holder->doubted;
  const bool asked = since < doubt_at_most;
  if (asked && holder->session->last_heard() > holder->doubted) return false;
  if (!asked)
    say(log_level::info, "another process claims to be renderer '" + holder->identity +
                             "': it gets in if that one does not answer any more");
  if (since >= doubt_interval) {
    holder->doubted = now;
    send_parts(*holder, holder->session->probe());
  }
  return true;
}

void main_endpoint::come_back(const std::shared_ptr<remote>& r, std::uint64_t received,
                              std::uint64_t clock, time_point now) {
  const bool was_linked = std::exchange(r->linked, true);
  r->resume_until = r->check_process = never;
  push(r, notice{.what = notice::kind::recovered,
                 .who = r,
                 .repeated = r->session->resume(received, clock, now),
                 .away = std::chrono::duration_cast<std::chrono::milliseconds>(
                     was_linked ? std::chrono::nanoseconds{0} : now - r->lost_at)});
}

void main_endpoint::look_whether_it_reads(const std::shared_ptr<remote>& r, time_point now) {
  if (r->unread.too_much()) {
    ++stats_.connections_cut;
    if (r->fd >= 0) transport::socket::cut(r->fd);
    gone(r, gone_reason::protocol_error,
         "it does not read what it is sent (" + std::to_string(r->unread.bytes()) + " bytes)");
  } else if (r->unread.proof_due() && r->linked) {
    std::uint64_t token = 0;
    const wire::secret random = random_secret();
    std::memcpy(&token, random.data(), sizeof token);
    token |= 1;
    control_.ping(wire::kind::ping, token, r->session->clock_at(now),
                  r->session->wire_stream().sent());
    send_parts(*r, control_.finish(r->session->wire_stream().control_header(0)));
    r->unread.ask(token);
  }
}

std::shared_ptr<remote> main_endpoint::admit(const wire::hello& h, std::uint64_t id,
                                             const transport::incoming& in, const wire::frame& f,
                                             time_point now) {
  auto r = std::make_shared<remote>(
      id, h.identity, weak_from_this(),
      settings_.make_table("web_contents " + std::to_string(id) + " ipc()"));
  session::config config = settings_.session;
  // Both sides fall silent together. If the renderer pings first, one ping does for both.
  config.ping_interval +=
      std::min(config.ping_interval / 4, (config.ping_timeout - config.ping_interval) / 2);
  config.first_call_id = random_call_id();
  const auto [it, added] = peers_.try_emplace(id, peer{r, session::session(config, now)});
  r->session = &it->second.session;
  r->session->establish(h.limits, h.clock, now);
  r->unread = unread(settings_.session.queue_bytes);
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

void main_endpoint::welcome(remote& r, const wire::hello& h, bool resumed, time_point now) {
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
  w.attempt = h.attempt;
  w.received = r.session->wire_stream().received();
  w.identity = settings_.identity;
  w.process = this_process();
  control_.handshake(wire::kind::welcome, wire::encode(w));
  send_parts(r, control_.finish({}));
}

}  // namespace ipczmq::engine
