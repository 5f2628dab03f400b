// SPDX-License-Identifier: MIT
// A renderer and a main, wired to each other through a network that loses, duplicates, delays and
// cuts, on a clock that the test moves. The main side does what engine/main_endpoint does, without
// sockets.
#pragma once

#include "session/client.hpp"
#include "session/roster.hpp"
#include "side.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace session_test {

// What happens to one frame on its way.
enum class fault { none, cut, lose, duplicate };

class session_pair {
 public:
  struct options {
    std::chrono::milliseconds resume_for{15000};
    std::chrono::milliseconds latency{1};
    std::uint64_t main_window = 64u << 20;
    std::uint64_t renderer_window = 64u << 20;
  };

  session_pair() : session_pair(options{}) {}
  explicit session_pair(const options& o)
      : options_(o), client(config_of(o.renderer_window), hello_of(o.renderer_window), start) {
    renderer.s = &client.current();
    new_socket();
  }

 private:
  const options options_;
  int nonce_ = 0;
  int secrets_ = 0;

 public:
  time_point now = start;
  session::client client;
  side renderer;
  side main;
  std::optional<session::session> main_session;
  std::optional<session::roster> roster{std::in_place, false};
  std::string routing_id;       // of the renderer's socket
  std::string main_routing_id;  // where main's session sends
  bool up = false;              // the connection
  bool main_linked = false;
  bool main_closing = false;
  std::size_t frames = 0;  // sent so far
  std::size_t fault_at = 0;
  fault what = fault::none;
  std::function<fault()> chance;  // for every frame, instead
  std::vector<std::string> trace;

  // Time passes.
  void pass(std::chrono::milliseconds d) {
    const time_point until = now + d;
    int spins = 0;
    for (;;) {
      settle();
      const time_point next = next_event();
      if (next > until) break;
      spins = next <= now ? spins + 1 : 0;
      BOOST_REQUIRE_MESSAGE(spins < 100, "a timer that is due is never served");
      now = std::max(now, next);
      step();
    }
    now = until;
    settle();
  }

  // The connection breaks, with all that is under way, and comes back a moment later.
  void cut() {
    to_main_.clear();
    to_renderer_.clear();
    if (!std::exchange(up, false)) return;
    link_up_at_ = now + 50ms;
    on_client([this](auto& fx) { client.on_link_down(now, fx); });
    if (main_linked) main_lost();
  }
  // No connection until join().
  void part() {
    cut();
    link_up_at_ = never;
    parted_ = true;
  }
  void join() {
    parted_ = false;
    link_up_at_ = now;
  }

  // Main dies and comes back with no memory.
  void restart_main() {
    if (main_session) end_main_session(errc::closed);
    roster.emplace(false);
    main_routing_id.clear();
    cut();
  }

  void send_to_main(parts p) { transmit(to_main_, routing_id, std::move(p)); }
  void send_to_renderer(parts p) { transmit(to_renderer_, main_routing_id, std::move(p)); }

  void end_main_session(errc code) {
    session::effects fx;
    main_session->end(code, "", fx, nullptr);
    main.apply(fx, nullptr);
    main.news.push_back("gone");
    roster->remove(roster->by_identity("r"));
    main_session.reset();
    main.s = nullptr;
    main.forget_inbox();
    main_linked = false;
  }

  [[nodiscard]] bool idle() const {
    return main_session && client.connected() && main_session->wire_stream().idle() &&
           client.current().wire_stream().idle() && to_main_.empty() && to_renderer_.empty();
  }

 private:
  struct packet {
    time_point due;
    std::string routing_id;
    parts p;
  };
  std::deque<packet> to_main_;
  std::deque<packet> to_renderer_;
  time_point link_up_at_ = never;
  bool parted_ = false;
  time_point resume_until_ = never;
  wire::frame_builder builder_;

  static session::config config_of(std::uint64_t window) {
    session::config c;
    c.epoch = start - 5s;
    c.limits.window = window;
    return c;
  }
  static wire::hello hello_of(std::uint64_t window) {
    wire::hello h;
    h.limits.window = window;
    h.identity = "r";
    h.instance = secret_of(9);
    return h;
  }

  void transmit(std::deque<packet>& way, const std::string& to, parts p) {
    ++frames;
    const bool outward = &way == &to_main_;
    const fault f = chance ? chance() : frames == fault_at ? what : fault::none;
    if (f != fault::none) trace.push_back((outward ? "-> " : "<- ") + text_of(*read(p)));
    if (f == fault::cut) cut();
    if (f == fault::lose || !up) return;
    const int times = f == fault::duplicate ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      // A copy, as on a wire: what the sender does to its own does not change what was sent.
      parts copy;
      for (const buffer& b : p) copy.push_back(buffer::copy(b.bytes()));
      way.push_back({now + options_.latency, to, std::move(copy)});
    }
  }

  void new_socket() {
    to_main_.clear();
    to_renderer_.clear();
    if (up && main_linked) main_lost();
    up = false;
    routing_id = std::string("r\0", 2) + std::string(16, static_cast<char>(++nonce_));
    link_up_at_ = parted_ ? never : now + 10ms;
  }

  time_point next_event() {
    time_point next = std::min(link_up_at_, client.next_due());
    if (!to_main_.empty()) next = std::min(next, to_main_.front().due);
    if (!to_renderer_.empty()) next = std::min(next, to_renderer_.front().due);
    if (main_session) {
      next = std::min(next, main_linked ? main_session->next_due()
                                        : std::min(resume_until_, main_session->next_deadline()));
    }
    return next;
  }

  // What is due now happens, one thing at a time.
  void step() {
    if (link_up_at_ <= now) {
      link_up_at_ = never;
      up = true;
      on_client([this](auto& fx) { client.on_link_up(now, fx); });
    } else if (!to_main_.empty() && to_main_.front().due <= now) {
      const packet p = std::move(to_main_.front());
      to_main_.pop_front();
      main_gets(p);
    } else if (!to_renderer_.empty() && to_renderer_.front().due <= now) {
      const packet p = std::move(to_renderer_.front());
      to_renderer_.pop_front();
      if (p.routing_id == routing_id) {
        const frame_ptr f = read(p.p);
        on_client([&](auto& fx) { client.on_frame(f, now, fx); }, f);
      }
    } else {
      if (client.next_due() <= now) on_client([this](auto& fx) { client.tick(now, fx); });
      if (main_session) tick_main();
    }
  }

  void settle() {
    renderer.dispatch(now);
    if (main_session) main.dispatch(now);
    on_client([this](auto& fx) { client.flush(now, fx); });
    if (main_session && main_linked) {
      session::effects fx;
      main_session->flush(now, fx);
      apply_main(fx, nullptr);
    }
  }

  template <class F>
  void on_client(F act, const frame_ptr& f = nullptr) {
    session::client_effects fx;
    act(fx);
    if (renderer.s != &client.current()) {
      renderer.s = &client.current();
      renderer.forget_inbox();
    }
    for (parts& p : fx.peer.send) send_to_main(std::move(p));
    renderer.apply(fx.peer, f);
    if (fx.new_socket) new_socket();
    const auto say = [this](const char* event, const session::client_effects::ended& e) {
      renderer.news.push_back(std::string(event) + " " + std::string(errc_name(e.code)) + " " +
                              std::to_string(e.lost.total()));
    };
    if (fx.disconnected) say("disconnected", *fx.disconnected);
    if (fx.connected) renderer.news.push_back("connected");
    if (fx.recovered) renderer.news.push_back("recovered");
    if (fx.closed) say("closed", *fx.closed);
  }

  // --- main

  void apply_main(session::effects& fx, const frame_ptr& f) {
    std::vector<parts> frames_out = std::move(fx.send);
    fx.send.clear();
    for (parts& p : frames_out) send_to_renderer(std::move(p));
    main.apply(fx, f);
  }

  void refuse(const std::string& to, std::string_view code) {
    builder_.refuse(code, "why");
    transmit(to_renderer_, to, builder_.finish({}));
  }

  void main_gets(const packet& p) {
    const frame_ptr f = read(p.p);
    if (f->messages.size() == 1 && f->messages[0].kind == kind::hello) {
      on_hello(p.routing_id, f->messages[0]);
      return;
    }
    if (!main_session || roster->by_routing_id(p.routing_id) == 0) {
      if (!f->messages.empty() && f->messages[0].kind != kind::bye &&
          f->messages[0].kind != kind::refuse)
        refuse(p.routing_id, "unknown_session");
      return;
    }
    session::effects fx;
    main_session->on_frame(f, now, fx);
    const std::string malformed = fx.malformed;
    const auto bye = fx.bye;
    const std::string refused = fx.refused_code;
    apply_main(fx, f);
    if (!malformed.empty()) {
      refuse(p.routing_id, "bad_frame");
      end_main_session(errc::peer_gone);
    } else if (bye) {
      if (!main_session->bye_sent()) send_to_renderer(main_session->bye_answer());
      end_main_session(errc::peer_gone);
    } else if (!refused.empty()) {
      end_main_session(errc::peer_gone);
    }
  }

  void on_hello(const std::string& from, const wire::message& m) {
    wire::hello h;
    BOOST_REQUIRE(wire::decode(m.payload, h).empty());
    if (main_closing) {
      refuse(from, "unknown_session");
      return;
    }
    if (h.resume && (!main_session || h.resume->received > main_session->wire_stream().sent()))
      h.resume.reset();
    const auto a = roster->on_hello(h, from, [this] { return secret_of(++secrets_ * 7); });
    if (a.what == session::admission::what::late) return;
    if (a.what == session::admission::what::refused) {
      refuse(from, a.code);
      return;
    }
    if (a.replaces != 0) end_main_session(errc::peer_gone);
    main_routing_id = from;
    const bool resumed = a.what == session::admission::what::resumed;
    if (a.what == session::admission::what::fresh) {
      session::config c = config_of(options_.main_window);
      c.main_side = true;
      main_session.emplace(c, now);
      main_session->establish(h.limits, h.clock, now);
      main.s = &*main_session;
      main.news.push_back("created");
    }
    main_linked = true;
    resume_until_ = never;
    welcome(*roster->find(a.id), h, resumed);
    if (a.what != session::admission::what::fresh)
      main_session->resume(resumed ? h.resume->received : 0, h.clock, now);
  }

  void welcome(const session::roster::entry& e, const wire::hello& h, bool resumed) {
    wire::welcome w;
    w.session = e.session;
    w.secret = e.secret;
    w.id = e.id;
    w.clock = main_session->clock_at(now);
    w.limits.window = options_.main_window;
    w.resume_for = static_cast<std::uint64_t>(options_.resume_for.count());
    w.resumed = resumed;
    w.attempt = h.attempt;
    w.received = main_session->wire_stream().received();
    builder_.handshake(kind::welcome, wire::encode(w));
    send_to_renderer(builder_.finish({}));
  }

  void main_lost() {
    main_linked = false;
    if (!main_session) return;
    if (options_.resume_for.count() == 0) {
      end_main_session(errc::peer_gone);
      return;
    }
    roster->set_linked(roster->by_identity("r"), false);
    main_session->suspend();
    resume_until_ = now + options_.resume_for;
  }

  void tick_main() {
    if (!main_linked && now >= resume_until_) {
      end_main_session(errc::peer_gone);
      return;
    }
    session::effects fx;
    main_session->tick(now, fx);
    const bool lost = fx.lost;
    apply_main(fx, nullptr);
    if (lost && main_linked) main_lost();
  }
};

}  // namespace session_test
