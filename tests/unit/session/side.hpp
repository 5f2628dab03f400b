// SPDX-License-Identifier: MIT
#pragma once

#include "session/session.hpp"
#include "session_support.hpp"

#include <deque>
#include <string>
#include <vector>

namespace session_test {

// What both sides have in common: listeners that write down what they get.
class side {
 public:
  session::session* s = nullptr;
  std::vector<std::string> log;    // events and calls that were dispatched
  std::vector<std::string> ended;  // own calls
  std::vector<std::uint64_t> cancelled;
  std::vector<std::string> news;
  bool busy = false;             // the listeners do not return
  bool answers = true;           // calls are answered at once
  std::uint64_t unanswered = 0;  // the one with this number never is
  std::uint64_t delivered = 0;   // frames

  void event(std::uint32_t n, std::size_t padding = 0) {
    s->event("c", numbered(n, padding).view());
  }
  std::uint64_t call(std::uint32_t n, time_point deadline = never, std::size_t padding = 0) {
    return s->call(kind::invoke, "c", numbered(n, padding).view(), deadline,
                   named("call " + std::to_string(n)));
  }

  void apply(session::effects& fx, const frame_ptr& f) {
    for (const auto& text : texts_of(fx.completed)) ended.push_back(text);
    cancelled.insert(cancelled.end(), fx.cancelled.begin(), fx.cancelled.end());
    if (fx.deliver) inbox_.push_back(f);
    if (fx.unresponsive) news.push_back("unresponsive");
    if (fx.responsive) news.push_back("responsive");
    fx.clear();
  }
  void dispatch(time_point now) {
    while (!busy && !inbox_.empty()) {
      const frame_ptr f = inbox_.front();
      inbox_.pop_front();
      ++delivered;
      for (const auto& m : f->messages) {
        if (!wire::is_dispatched(m.kind)) continue;
        const auto n = number_in(m.payload);
        log.push_back((m.kind == kind::event ? "event " : "call ") + std::to_string(n));
        if (m.kind == kind::event || !answers || n == unanswered) continue;
        if (now >= s->local_deadline(m.deadline)) {
          s->error_reply(m.id, "timed_out", "Error", "", {});
        } else {
          s->reply(m.id, numbered(static_cast<std::uint32_t>(n)).view());
        }
      }
      s->dispatched(f->header.seq, f->bytes, now);
    }
  }
  void forget_inbox() { inbox_.clear(); }

 private:
  std::deque<frame_ptr> inbox_;
};

}  // namespace session_test
