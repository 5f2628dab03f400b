// SPDX-License-Identifier: MIT
// The main of a world: what engine/main_endpoint does with roster and sessions, without sockets.
#pragma once

#include "session/roster.hpp"
#include "world_network.hpp"

#include <map>
#include <optional>
#include <string>

namespace session_world {

class main_side {
 public:
  struct options {
    std::chrono::milliseconds resume_for{15000};
    std::uint64_t window = 64u << 20;
    time_point epoch;
    bool honest = true;  // the renderer "r"
  };
  // A renderer that is known. Its user outlives it, with the messages that were sent to it.
  struct peer {
    explicit peer(session::session s) : session(std::move(s)) {}
    std::uint64_t id = 0;
    std::string identity;
    std::string routing_id;
    std::uint64_t connection = 0;  // the number of the one it said hello on
    session::session session;
    user* owner = nullptr;
    bool linked = true;
    time_point resume_until = never;
    growth grows;
    std::size_t dispatched_there_at_start = 0;
  };

  main_side(const options& o, network& n, ledger& l)
      : options_(o), network_(n), ledger_(l), honest_(l, o.honest), other_(l, false) {}

  [[nodiscard]] peer* find(std::string_view identity) {
    const auto it = peers_.find(roster_.by_identity(identity));
    return it == peers_.end() ? nullptr : &it->second;
  }
  // Of the honest renderer, "r", whichever session it has.
  [[nodiscard]] user& to_honest() { return honest_; }
  [[nodiscard]] user& to_others() { return other_; }
  [[nodiscard]] std::size_t sessions() const { return peers_.size(); }
  [[nodiscard]] const session::roster& roster() const { return roster_; }

  void on_incoming(const connection& from, parts p, time_point now) {
    const bool refuses = wire::begins_with_refuse(p);
    std::string wrong;
    const frame_ptr f = read(std::move(p), {}, wrong);
    peer* r = by_routing_id(from.routing_id);
    if (f == nullptr) {
      if (refuses) return;
      refuse(from.routing_id, "bad_frame");
      if (r != nullptr) gone(*r);
      return;
    }
    for (const auto& m : f->messages) {
      if (r == nullptr && !wire::valid_direction(m.kind, true)) {
        refuse(from.routing_id, "bad_frame");
        return;
      }
      if (m.kind == kind::hello) {
        on_hello(m, from, now);
        return;
      }
    }
    if (r != nullptr) {
      on_session_frame(*r, f, now);
      return;
    }
    bool last_word = f->header.seq == 0;
    for (const auto& m : f->messages)
      last_word = last_word && (m.kind == kind::refuse || m.kind == kind::bye);
    if (!last_word) refuse(from.routing_id, "unknown_session");
  }

  // The connection is reported to be gone.
  void on_disconnected(std::uint64_t connection, time_point now) {
    for (auto& [id, r] : peers_) {
      if (r.connection != connection || !r.linked) continue;
      lost(r, now);
      return;
    }
  }

  [[nodiscard]] time_point next_due() const {
    time_point due = never;
    for (const auto& [id, r] : peers_)
      due = std::min(due, r.linked ? r.session.next_due()
                                   : std::min(r.resume_until, r.session.next_deadline()));
    return due;
  }
  void tick(time_point now) {
    for (auto it = peers_.begin(); it != peers_.end();) {
      peer& r = (it++)->second;  // it may go
      if (!r.linked && now >= r.resume_until) {
        gone(r);
        continue;
      }
      session::effects fx;
      r.session.tick(now, fx);
      const bool is_lost = fx.lost;
      apply(r, fx, nullptr);
      if (is_lost && r.linked) lost(r, now);
    }
  }
  // Listeners run, and what they and others sent goes out.
  void settle(time_point now) {
    for (user* u : {&honest_, &other_}) {
      peer* r = nullptr;
      for (auto& [id, p] : peers_) r = p.owner == u ? &p : r;
      u->dispatch(r == nullptr ? nullptr : &r->session, r == nullptr ? 0 : r->id, now);
    }
    for (auto& [id, r] : peers_) {
      session::effects fx;
      r.session.flush(now, fx);
      apply(r, fx, nullptr);
      r.grows.check(r.session);
    }
  }

 private:
  const options options_;
  network& network_;
  ledger& ledger_;
  user honest_;
  user other_;
  session::roster roster_{false};
  std::map<std::uint64_t, peer> peers_;
  wire::frame_builder control_;

  peer* by_routing_id(std::string_view routing_id) {
    const auto it = peers_.find(roster_.by_routing_id(routing_id));
    return it == peers_.end() ? nullptr : &it->second;
  }
  wire::secret random() {
    wire::secret s{};
    const std::uint32_t n = ++ledger_.secrets;
    for (std::size_t i = 0; i < sizeof n; ++i) s[i] = static_cast<std::byte>(n >> 8 * i);
    return s;
  }
  void send(const std::string& routing_id, const parts& p) {
    if (connection* c = network_.open(routing_id)) network::put(c->to_renderer, p);
  }
  void refuse(const std::string& to, std::string_view code) {
    control_.refuse(code, "why");
    send(to, control_.finish({}));
  }
  void apply(peer& r, session::effects& fx, const frame_ptr& f) {
    for (const parts& p : fx.send) send(r.routing_id, p);
    r.owner->take(fx, f, r.id);
  }

  void on_session_frame(peer& r, const frame_ptr& f, time_point now) {
    session::effects fx;
    r.session.on_frame(f, now, fx);
    const bool over = !fx.malformed.empty() || fx.bye || !fx.refused_code.empty();
    if (!fx.malformed.empty()) refuse(r.routing_id, "bad_frame");
    const bool answer = fx.bye && !r.session.bye_sent();
    apply(r, fx, f);
    if (answer) send(r.routing_id, r.session.bye("closed"));
    if (over) gone(r);
  }

  void lost(peer& r, time_point now) {
    r.linked = false;
    if (options_.resume_for.count() == 0) {
      gone(r);
      return;
    }
    roster_.set_linked(r.id, false);
    r.session.suspend();
    r.resume_until = session::later(now, options_.resume_for);
  }
  void gone(peer& r) {
    session::effects fx;
    r.owner->told_lost(r.session.end(errc::peer_gone, "", fx, nullptr));
    apply(r, fx, nullptr);
    roster_.remove(r.id);
    peers_.erase(r.id);
  }

  void on_hello(const wire::message& m, const connection& from, time_point now) {
    wire::hello h;
    if (!wire::decode(m.payload, h).empty()) {
      refuse(from.routing_id, "bad_frame");
      return;
    }
    if (h.resume) {
      const peer* known = find(h.identity);
      if (known == nullptr || h.resume->received > known->session.wire_stream().sent())
        h.resume.reset();
    }
    using what = enum session::admission::what;
    const auto a = roster_.on_hello(h, from.routing_id, [this] { return random(); });
    if (a.what == what::late) return;
    if (a.what == what::refused) {
      refuse(from.routing_id, a.code);
      return;
    }
    if (a.replaces != 0) gone(peers_.at(a.replaces));
    if (a.what == what::fresh) admit(h, a.id, now);
    peer& r = peers_.at(a.id);
    r.connection = from.number;
    r.routing_id = from.routing_id;
    welcome(r, h, a.what == what::resumed, now);
    if (a.what == what::resumed || (a.what == what::again && !r.linked))
      r.session.resume(a.what == what::resumed ? h.resume->received : 0, h.clock, now);
    r.linked = true;
    r.resume_until = never;
  }
  void admit(const wire::hello& h, std::uint64_t id, time_point now) {
    session::config c;
    c.main_side = true;
    c.epoch = options_.epoch;
    c.limits.window = options_.window;
    c.first_call_id = id * 1000;
    peer& r = peers_.emplace(id, peer(session::session(c, now))).first->second;
    r.id = id;
    r.identity = h.identity;
    r.owner = h.identity == "r" ? &honest_ : &other_;
    r.session.establish(h.limits, h.clock, now);
  }
  void welcome(const peer& r, const wire::hello& h, bool resumed, time_point now) {
    const session::roster::entry& e = *roster_.find(r.id);
    wire::welcome w;
    w.session = e.session;
    w.secret = e.secret;
    w.id = r.id;
    w.clock = r.session.clock_at(now);
    w.limits.window = options_.window;
    w.resume_for = static_cast<std::uint64_t>(options_.resume_for.count());
    w.resumed = resumed;
    w.attempt = h.attempt;
    w.received = r.session.wire_stream().received();
    control_.handshake(kind::welcome, wire::encode(w));
    send(r.routing_id, control_.finish({}));
  }
};

}  // namespace session_world
