// SPDX-License-Identifier: MIT
// One renderer, one main and the network between them, on a clock that stands still: every single
// thing that can happen is a call, and after each the claims of both users are checked. Used by the
// explorer, which tries all orders, and by a fuzz target, which tries long ones.
#pragma once

#include "session/client.hpp"
#include "world_main.hpp"

#include <memory>
#include <optional>
#include <string>

namespace session_world {

class world {
 public:
  struct options {
    main_side::options main;
    std::uint64_t renderer_window = 64u << 20;
    // Frames arrive as they were sent, or not at all. Otherwise a claim that rests on what the
    // other side says is not checked.
    bool honest = true;
  };
  world() : world(options{}) {}
  explicit world(options o) : options_(std::move(o)) {
    options_.main.epoch = now - 5s;
    options_.main.honest = options_.honest;
    main_.emplace(options_.main, net, ledger_);
    start_renderer();
  }

  time_point now = time_point{} + 1000s;
  network net;

  [[nodiscard]] main_side& main() { return *main_; }
  [[nodiscard]] session::client& client() { return *client_; }
  [[nodiscard]] user& renderer() { return *user_; }
  [[nodiscard]] main_side::peer* peer() { return main_->find("r"); }
  [[nodiscard]] connection* link() { return net.open(routing_id_); }
  [[nodiscard]] const std::string& routing_id() const { return routing_id_; }
  [[nodiscard]] bool wants_link() const { return !link_up_ && !client_->closed(); }

  // --- what users do

  void renderer_sends(std::size_t padding = 0) {
    if (client_->closed()) return;
    user_->event(client_->current(), padding);
    settle();
  }
  void renderer_calls(time_point deadline = never, std::size_t padding = 0) {
    if (client_->closed()) return;
    last_call_ = user_->call(client_->current(), deadline, padding);
    settle();
  }
  void renderer_cancels() {
    if (client_->closed()) return;
    user_->cancel(client_->current(), last_call_);
    settle();
  }
  void main_sends(std::size_t padding = 0) {
    if (peer() == nullptr) return;
    main_->to_honest().event(peer()->session, padding);
    settle();
  }
  void main_calls(time_point deadline = never, std::size_t padding = 0) {
    if (peer() == nullptr) return;
    main_->to_honest().call(peer()->session, deadline, padding);
    settle();
  }
  // Every channel, when empty.
  void renderer_subscribes(std::string_view channel, bool wanted) {
    if (!client_->connected()) return;
    current_->subscription(wanted ? kind::subscribe : kind::unsubscribe, channel);
    settle();
  }
  void renderer_busy(bool busy) {
    user_->busy = busy;
    settle();
  }
  void main_busy(bool busy) {
    main_->to_honest().busy = busy;
    settle();
  }

  // --- what happens on the way

  // The first frame of a way arrives; `lose`: does not; `twice`: arrives, and will again.
  enum class fate { arrives, lost, twice };
  void to_main(connection& c, fate f = fate::arrives) {
    const parts p = take(c.to_main, f);
    c.heard = true;
    c.heard_at = now;
    if (f != fate::lost) main_->on_incoming(c, p, now);
    settle();
  }
  void to_renderer(connection& c, fate f = fate::arrives) {
    const parts p = take(c.to_renderer, f);
    net.reads_from(c);
    if (f != fate::lost && c.routing_id == routing_id_) renderer_gets(p);
    settle();
  }
  // Another peer sends main something, over a connection of its own.
  void intrude(const connection& from, parts p) {
    main_->on_incoming(from, std::move(p), now);
    settle();
  }
  // The connection breaks. What was on it stays under way; main may hear of it later, or never.
  void cut() {
    if (!link_up_) return;
    net.cut(routing_id_, now);
    link_up_ = false;
    on_client([this](auto& fx) { client_->on_link_down(now, fx); });
    settle();
  }
  // Main hears of every connection that is broken.
  void main_notices() {
    for (const connection& c : net.all()) {
      if (!c.open) main_->on_disconnected(c.number, now);
    }
    settle();
  }
  void connect() {
    if (!wants_link()) return;
    net.connect(routing_id_, now);
    link_up_ = true;
    on_client([this](auto& fx) { client_->on_link_up(now, fx); });
    settle();
  }

  // --- processes and time

  // The process ends, and another one of the same name begins.
  void restart_renderer() {
    net.close_socket(routing_id_, now);
    ++renderer_restarts_;
    start_renderer();
    settle();
  }
  void restart_main() {
    main_.emplace(options_.main, net, ledger_);
    ++main_restarts_;
    net.restart_main();
    cut();
    settle();
  }
  [[nodiscard]] time_point next_due() const {
    return std::min(client_->next_due(), main_->next_due());
  }
  // Until the next thing that is due.
  void tick() {
    if (next_due() != never) pass_until(std::max(now, next_due()));
  }
  void pass(std::chrono::milliseconds d) { pass_until(now + d); }

  // --- at the end

  // A network that works from now on: what was accepted arrives, what was called is answered, and
  // nothing else happens any more. Returns how long that took.
  std::chrono::milliseconds heal();

  [[nodiscard]] std::size_t restarts() const { return renderer_restarts_ + main_restarts_; }
  // How often the renderer has begun anew without being restarted.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] bool link_up() const { return link_up_; }

 private:
  options options_;
  ledger ledger_;
  std::optional<main_side> main_;
  std::optional<session::client> client_;
  std::optional<user> user_;
  session::session* current_ = nullptr;
  std::uint64_t generation_ = 0;
  growth grows_;
  std::string routing_id_;
  bool link_up_ = false;
  int sockets_ = 0;
  std::uint64_t last_call_ = 0;
  std::size_t renderer_restarts_ = 0;
  std::size_t main_restarts_ = 0;
  errc closed_by_ = errc::closed;
  // Of this session: messages that it inherited, and what counted as dispatched when it began.
  std::size_t inherited_ = 0;
  std::size_t dispatched_at_start_ = 0;

  static parts take(std::deque<parts>& way, fate f) {
    parts p = way.front();
    if (f != fate::twice) way.pop_front();
    return p;
  }

  void start_renderer() {
    session::config c;
    c.epoch = now - 5s;
    c.limits.window = options_.renderer_window;
    wire::hello h;
    h.limits.window = options_.renderer_window;
    h.identity = "r";
    h.instance.emplace().fill(static_cast<std::byte>(1 + renderer_restarts_));
    client_.emplace(c, h, now);
    user_.emplace(ledger_, options_.honest);
    new_socket();
    current_ = nullptr;
    closed_by_ = errc::closed;
    note_session();
  }
  void new_socket() {
    net.close_socket(routing_id_, now);
    routing_id_ = std::string("r\0", 2) + std::string(15, 'n') + static_cast<char>(++sockets_);
    link_up_ = false;
  }
  static std::size_t counted_as_dispatched(const session::session& s) {
    return s.wire_stream().placed() - s.wire_stream().undispatched();
  }
  void note_session() {
    if (current_ == &client_->current()) return;
    current_ = &client_->current();
    ++generation_;
    grows_ = {};
    inherited_ = current_->wire_stream().unsent();
    dispatched_at_start_ = counted_as_dispatched(*current_);
  }

  void renderer_gets(parts p) {
    std::string wrong;
    const frame_ptr f = read(std::move(p), {}, wrong);
    on_client(
        [&](auto& fx) {
          if (f != nullptr) {
            client_->on_frame(f, now, fx);
          } else {
            client_->on_malformed(wrong, now, fx);
          }
        },
        f);
  }

  template <class F>
  void on_client(F act, const frame_ptr& f = nullptr) {
    session::client_effects fx;
    act(fx);
    note_session();
    for (const parts& p : fx.peer.send) {
      if (connection* c = link()) network::put(c->to_main, p);
    }
    user_->take(fx.peer, f, generation_);
    if (fx.disconnected) user_->told_lost(fx.disconnected->lost);
    if (fx.closed) {
      user_->told_lost(fx.closed->lost);
      closed_by_ = fx.closed->code;
      net.close_socket(routing_id_, now);
      link_up_ = false;
    }
    if (fx.new_socket) new_socket();
  }

  // After everything that happens: listeners run, frames go out, and all claims are looked at.
  void settle() {
    user_->dispatch(client_->closed() ? nullptr : current_, generation_, now);
    on_client([this](auto& fx) { client_->flush(now, fx); });
    main_->settle(now);
    grows_.check(*current_);
    check_acknowledged();
  }
  // Nothing counts as taken or dispatched by the other side that it has not.
  void check_acknowledged() {
    main_side::peer* r = peer();
    if (!options_.honest || r == nullptr || !client_->main() ||
        !current_->wire_stream().established())
      return;
    if (main_->roster().find(r->id)->session != client_->main()->session) return;
    const session::session& mine = *current_;
    const session::session& theirs = r->session;
    claim(inherited_ + mine.messages_sent <=
              theirs.messages_received + mine.wire_stream().unacknowledged(),
          "the renderer keeps what main has not taken");
    claim(theirs.messages_sent <= mine.messages_received + theirs.wire_stream().unacknowledged(),
          "main keeps what the renderer has not taken");
    claim(counted_as_dispatched(mine) - dispatched_at_start_ <=
              main_->to_honest().dispatched_of(r->id),
          "what counts as dispatched was dispatched by main");
    claim(counted_as_dispatched(theirs) <= user_->dispatched_of(generation_),
          "what counts as dispatched was dispatched by the renderer");
    claim(mine.wire_stream().received() <= theirs.wire_stream().sent() &&
              theirs.wire_stream().received() <= mine.wire_stream().sent(),
          "what was taken was sent");
  }

  void pass_until(time_point until) {
    int spins = 0;
    for (;;) {
      const time_point due = next_due();
      if (due > until) break;
      spins = due <= now ? spins + 1 : 0;
      claim(spins < 100, "what is due is served");
      now = std::max(now, due);
      if (client_->next_due() <= now) on_client([this](auto& fx) { client_->tick(now, fx); });
      net.on_time(now);
      main_->tick(now);
      settle();
    }
    now = std::max(now, until);
    net.on_time(now);
    settle();
  }

  [[nodiscard]] bool quiet() {
    const auto done = [](const session::session& s) {
      return s.wire_stream().idle() && s.wire_stream().queued_bytes() == 0 && s.calls_open() == 0;
    };
    main_side::peer* r = peer();
    return net.empty() && client_->connected() && r != nullptr && r->linked && done(*current_) &&
           done(r->session) && user_->waiting() == 0 && main_->to_honest().waiting() == 0;
  }
};

inline std::chrono::milliseconds world::heal() {
  const time_point begun = now;
  user_->busy = main_->to_honest().busy = false;
  net.lose_stale();
  settle();
  for (int i = 0; i < 20000 && !quiet(); ++i) {
    if (client_->closed()) {
      // Main could not know that the other process of this name is gone.
      claim(closed_by_ == errc::duplicate_identity && renderer_restarts_ != 0,
            "nothing closes a renderer but its rival");
      user_->check_settled();
      pass(21s);
      main_notices();
      restart_renderer();
    }
    connection* c = link();
    if (c == nullptr) {
      main_notices();
      cut();
      connect();
    } else if (!c->to_main.empty()) {
      to_main(*c);
    } else if (!c->to_renderer.empty()) {
      to_renderer(*c);
    } else {
      tick();
    }
  }
  claim(quiet(), "with a network that works everything comes to an end");
  user_->check_settled();
  main_->to_honest().check_settled();
  return std::chrono::ceil<std::chrono::milliseconds>(now - begun);
}

}  // namespace session_world
