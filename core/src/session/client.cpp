// SPDX-License-Identifier: MIT
#include "session/client.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::session {

namespace {
// What a main may ask for: beyond, time_point would overflow.
constexpr std::uint64_t year_ms = 31'536'000'000;

// Other codes count as `refused`.
errc refusal(std::string_view code) {
  for (const errc e :
       {errc::bad_frame, errc::duplicate_identity, errc::incompatible, errc::forbidden}) {
    if (code == errc_name(e)) return e;
  }
  return errc::refused;
}

}  // namespace

void client_effects::clear() {
  peer.clear();
  connected = recovered = new_socket = keep_name = false;
  away = std::chrono::milliseconds{0};
  repeated = 0;
  retired.reset();
  disconnected.reset();
  closed.reset();
}

client::client(const config& c, wire::hello hello, time_point now)
    : config_(c),
      hello_(std::move(hello)),
      session_(std::make_shared<session>(c, now)),
      next_hello_(now),
      tried_since_(now) {}

void client::greet(time_point now, client_effects& out) {
  if (session_->bye_sent()) {
    next_hello_ = never;
    return;
  }
  hello_.clock = session_->clock_at(now);
  ++hello_.attempt;
  if (!asked_) asked_from_ = hello_.attempt;
  builder_.handshake(wire::kind::hello, wire::encode(hello_));
  out.peer.send.push_back(builder_.finish({}));
  next_hello_ = now + config_.hello_interval;
  greeted_ = asked_ = true;
}

void client::on_link_up(time_point now, client_effects& out) {
  link_ = true;
  tried_since_ = now;
  if (state_ == state::greeting || state_ == state::suspended) greet(now, out);
}

void client::on_link_down(time_point now, client_effects& out) {
  link_ = asked_ = false;
  if (state_ == state::open) {
    suspend("the connection to main was lost", now, out);
  } else if (config_.hello_once && state_ != state::closed && std::exchange(greeted_, false)) {
    out.new_socket = true;
    next_hello_ = now;
  }
}

void client::on_main_died(time_point now, client_effects& out) {
  if (state_ == state::open || state_ == state::suspended)
    start_over(errc::main_restarted, "the process of main died", now, out);
}

bool client::left(client_effects& out) {
  if (!session_->bye_sent()) return false;
  close(errc::closed, "the renderer was closed", out);
  out.closed.reset();  // no news
  return true;
}

void client::suspend(const std::string& text, time_point now, client_effects& out) {
  if (left(out)) return;
  if (welcome_->resume_for == 0) {
    start_over(errc::disconnected, text, now, out);
    return;
  }
  state_ = state::suspended;
  lost_at_ = now;
  session_->suspend();
  tried_since_ = now;
  resume_until_ = now + std::chrono::milliseconds(welcome_->resume_for);
  hello_.resume =
      wire::resume_request{welcome_->session, welcome_->secret, session_->wire_stream().received()};
  out.disconnected = client_effects::ended{errc::disconnected, text, {}, 0};
  if (link_) {
    greet(now, out);
  } else {
    next_hello_ = now + config_.hello_interval;
  }
}

void client::start_over(errc code, const std::string& text, time_point now, client_effects& out) {
  if (left(out)) return;
  auto next = std::make_shared<session>(config_, now);
  undelivered lost = session_->end(code, text, out.peer, next.get(), config_.repeat_to_next_main);
  out.retired = std::exchange(session_, std::move(next));
  hello_.resume.reset();
  state_ = state::greeting;
  resume_until_ = never;
  next_hello_ = tried_since_ = now;
  link_ = false;
  greeted_ = spent_ = false;
  out.new_socket = true;
  out.disconnected = client_effects::ended{code, text, std::move(lost), out.peer.repeated};
}

void client::close(errc code, const std::string& text, client_effects& out) {
  if (state_ == state::closed) return;
  undelivered lost = session_->end(code, text, out.peer, nullptr);
  state_ = state::closed;
  why_ = {code, text, std::move(lost), 0};
  out.closed = why_;
}

void client::on_frame(const std::shared_ptr<const wire::frame>& f, time_point now,
                      client_effects& out) {
  if (state_ == state::closed) return;
  for (const wire::message& m : f->messages) {
    if (m.kind == wire::kind::welcome) {
      on_welcome(m, now, out);
      return;
    }
    if (m.kind == wire::kind::refuse) {
      on_refuse(m.code, m.text, now, out);
      return;
    }
  }
  if (state_ != state::open) return;
  session_->on_frame(f, now, out.peer);
  after(now, out);
}

void client::after(time_point now, client_effects& out) {
  if (!out.peer.malformed.empty()) {
    on_malformed(out.peer.malformed, now, out);
  } else if (out.peer.bye) {
    if (left(out)) return;
    out.peer.send.push_back(session_->bye_answer());
    if (*out.peer.bye == "killed") {
      close(errc::closed, "main closed this renderer", out);
    } else {
      start_over(errc::disconnected,
                 *out.peer.bye == "overflow" ? "main gave this renderer up, for it did not keep up"
                                             : "main has closed",
                 now, out);
    }
  } else if (out.peer.lost) {
    link_ = greeted_ = false;
    suspend("main has not answered for " + std::to_string(config_.ping_timeout.count()) + " ms",
            now, out);
    out.new_socket = state_ != state::closed;
  }
}

void client::on_malformed(const std::string& why, time_point, client_effects& out) {
  if (state_ == state::closed || session_->bye_sent()) return;
  refuse_main(errc::bad_frame, why, "main sent a malformed frame: " + why, out);
}

void client::refuse_main(errc code, const std::string& why, const std::string& text,
                         client_effects& out) {
  builder_.refuse(errc_name(code), why);
  out.peer.send.push_back(builder_.finish({}));
  close(code, text, out);
}

void client::on_welcome(const wire::message& m, time_point now, client_effects& out) {
  if (state_ == state::open) return;  // the answer to a repeated hello
  if (session_->bye_sent()) return;   // too late
  // It came with the last of a connection that is gone. Main waits for a hello on the next one.
  if (!asked_) return;
  wire::welcome w;
  if (const std::string wrong = wire::decode(m.payload, w); !wrong.empty()) {
    if (wire::meets_minima(w.limits)) {
      on_malformed(wrong, now, out);
    } else {
      refuse_main(errc::incompatible, wrong, "main accepts too little: " + wrong, out);
    }
    return;
  }
  if (w.protocol < hello_.protocol_min || w.protocol > hello_.protocol) {
    const std::string text = "main speaks protocol " + std::to_string(w.protocol);
    refuse_main(errc::incompatible, text, text, out);
    return;
  }
  if (w.attempt != 0 && w.attempt < asked_from_) return;  // as above, read later
  w.ping_interval = std::min(w.ping_interval, year_ms);
  w.ping_timeout = std::min(w.ping_timeout, year_ms);
  w.resume_for = std::min(w.resume_for, year_ms);
  const bool asked = hello_.resume.has_value();
  const bool same = asked && w.session == hello_.resume->session;
  // The answer to a hello from before the connection was lost, still on its way: a new session has
  // another name.
  if (same && !w.resumed) return;
  if (w.resumed && (!same || w.received > session_->wire_stream().sent())) {
    on_malformed("welcome resumes what was not asked for", now, out);
    return;
  }
  if (w.resumed) {
    out.repeated = session_->resume(w.received, w.clock, now);
    out.away = std::chrono::duration_cast<std::chrono::milliseconds>(now - lost_at_);
    out.recovered = true;
  } else {
    if (asked) {
      // Main gave a new session in place of the old one.
      start_over(errc::main_restarted, "main has forgotten this session", now, out);
      out.new_socket = false;
    }
    session_->establish(w.limits, w.clock, now);
    session_->shed_unfit(out.peer);
    out.connected = true;
  }
  link_ = true;
  state_ = state::open;
  answer_patience_ = connect_patience_ = 1;
  resume_until_ = never;
  hello_.resume.reset();
  if (w.ping_interval != 0) {
    config_.ping_interval = std::chrono::milliseconds(w.ping_interval);
    config_.ping_timeout = std::chrono::milliseconds(std::max(w.ping_timeout, w.ping_interval));
    session_->set_ping(config_.ping_interval, config_.ping_timeout);
  }
  welcome_ = std::move(w);
}

void client::on_refuse(std::string_view code, std::string_view text, time_point now,
                       client_effects& out) {
  if (code == "unknown_session") {
    if (state_ == state::open || state_ == state::suspended) {
      start_over(errc::main_restarted, "main was restarted, or has given this session up", now,
                 out);
    } else {
      spent_ = true;  // a session had begun with a hello of before, and is over already
    }
    return;
  }
  close(refusal(code), "main refused this renderer: " + std::string(text), out);
}

void client::tick(time_point now, client_effects& out) {
  if (state_ == state::closed) return;
  if (state_ == state::suspended && now >= resume_until_) {
    start_over(errc::disconnected, "main did not come back in time", now, out);
    return;
  }
  session_->tick(now, out.peer);
  if (state_ == state::open) {
    after(now, out);
  } else if (now >= socket_due() || (spent_ && now >= next_hello_)) {
    out.new_socket = true;
    // Main may have taken a hello of before, and would know its sender by another name as a second
    // one.
    out.keep_name = state_ == state::greeting && !spent_;
    if (!spent_) {
      int& patience = link_ ? answer_patience_ : connect_patience_;
      patience = std::min(2 * patience, 4);
    }
    spent_ = false;
    next_hello_ = tried_since_ = now;
    link_ = false;
  } else if (now >= next_hello_) {
    if (config_.hello_once && greeted_) {
      next_hello_ = now + config_.hello_interval;  // to be called then: the engine looks after it
    } else {
      greet(now, out);
    }
  }
}

void client::flush(time_point now, client_effects& out) {
  if (state_ == state::open) session_->flush(now, out.peer);
}

// When to try another socket. A connection that is half-open looks whole to the kernel for a
// quarter of an hour; and the pauses in which libzmq and TCP try to connect become longer and
// longer, while the session waits to be resumed. Each waits for longer than the one before: where a
// machine is too slow to connect and to answer in time, giving up makes it slower still.
time_point client::socket_due() const {
  if (config_.hello_once) return never;
  using std::chrono::milliseconds;
  const bool resumes = state_ == state::suspended;
  const auto resume_for = resumes ? milliseconds(welcome_->resume_for) : milliseconds::max();
  if (link_) {
    // Several have their turn before the time to resume is over.
    const auto most = std::max(config_.ping_timeout, resume_for / 3);
    return later(tried_since_, std::min(answer_patience_ * config_.ping_timeout, most));
  }
  if (!resumes) return never;
  return tried_since_ + std::min(connect_patience_, 2) *
                            std::clamp(resume_for / 8, milliseconds(250), milliseconds(2000));
}

time_point client::next_due() const {
  if (state_ == state::closed) return never;
  if (state_ == state::open) return session_->next_due();
  return std::min({session_->next_deadline(), next_hello_, resume_until_, socket_due()});
}

}  // namespace ipczmq::session
