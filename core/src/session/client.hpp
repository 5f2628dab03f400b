// SPDX-License-Identifier: MIT
#pragma once

#include "session/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace ipczmq::session {

// What changed for the renderer as a whole.
struct client_effects {
  effects peer;                       // of the current session
  bool connected = false;             // a new session
  bool recovered = false;             // the old one goes on
  std::chrono::milliseconds away{0};  // recovered: without a connection
  std::size_t repeated = 0;           // recovered: messages that are sent again
  bool new_socket = false;            // connect again, under a new routing id
  bool keep_name = false;             // under the old one, that is
  struct ended {
    errc code{};
    std::string text;
    undelivered lost;  // events
    std::size_t repeated =
        0;  // events that go to the next session though they may have been dispatched
  };
  std::shared_ptr<session> retired;   // the session before; to be destroyed outside of any lock
  std::optional<ended> disconnected;  // the session or its connection broke; it goes on trying
  std::optional<ended> closed;        // over for good
  void clear();
};

// A renderer's side of the handshake (PROTOCOL.md §4): says hello until welcomed, resumes a session
// that lost its connection, and starts a new one when main has forgotten it. Owns the session. Pure
// state.
class client {
 public:
  client(const config& c, wire::hello hello, time_point now);

  [[nodiscard]] session& current() { return *session_; }
  [[nodiscard]] const session& current() const { return *session_; }
  [[nodiscard]] bool connected() const { return state_ == state::open; }
  // Main may know it, and can be told goodbye: it is welcome, or has said hello over this
  // connection; over inproc nobody tells that there is one.
  [[nodiscard]] bool introduced() const {
    return connected() || (!closed() && asked_ && (link_ || config_.hello_once));
  }
  [[nodiscard]] bool closed() const { return state_ == state::closed; }
  [[nodiscard]] bool ever_connected() const { return welcome_.has_value(); }
  // Why it is closed.
  [[nodiscard]] const client_effects::ended& why() const { return why_; }
  [[nodiscard]] const std::optional<wire::welcome>& main() const { return welcome_; }

  void on_link_up(time_point now, client_effects& out);
  void on_link_down(time_point now, client_effects& out);
  // The process at the other end, on this machine, is dead.
  void on_main_died(time_point now, client_effects& out);
  void on_frame(const std::shared_ptr<const wire::frame>& f, time_point now, client_effects& out);
  void on_malformed(const std::string& why, time_point now, client_effects& out);
  void tick(time_point now, client_effects& out);
  void flush(time_point now, client_effects& out);
  [[nodiscard]] time_point next_due() const;
  // For good, from our side.
  void close(errc code, const std::string& text, client_effects& out);

 private:
  enum class state : std::uint8_t { greeting, open, suspended, closed };

  void greet(time_point now, client_effects& out);
  void on_welcome(const wire::message& m, time_point now, client_effects& out);
  // Tells main, and closes.
  void refuse_main(errc code, const std::string& why, const std::string& text, client_effects& out);
  void on_refuse(std::string_view code, std::string_view text, time_point now, client_effects& out);
  // The session is over; a new one is asked for.
  void start_over(errc code, const std::string& text, time_point now, client_effects& out);
  void suspend(const std::string& text, time_point now, client_effects& out);
  // Our own bye has gone out: whatever ends the session now, we asked for it.
  bool left(client_effects& out);
  void after(time_point now, client_effects& out);
  [[nodiscard]] time_point socket_due() const;

  config config_;
  wire::hello hello_;
  std::shared_ptr<session> session_;
  std::optional<wire::welcome> welcome_;
  state state_ = state::greeting;
  bool link_ = false;
  bool greeted_ = false;          // over this socket
  bool asked_ = false;            // since the connection was last lost
  bool spent_ = false;            // main takes no hello of this routing id
  std::uint64_t asked_from_ = 0;  // the first attempt since then
  int answer_patience_ = 1;       // grows with each connection over which no welcome came
  int connect_patience_ = 1;      // and with each socket that did not connect
  time_point next_hello_;
  time_point tried_since_;  // this socket, or its connection, has not led to a welcome since then
  time_point resume_until_ = never;
  time_point lost_at_;  // suspended
  client_effects::ended why_;
  wire::frame_builder builder_;
};

}  // namespace ipczmq::session
