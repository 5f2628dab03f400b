// SPDX-License-Identifier: MIT
// A renderer that sends numbered messages and writes down what it gets:
//   renderer_program endpoint=E identity=NAME number=N ledger=FILE [queue_bytes=] [linger=]
//   [repeat=1]
// Commands on stdin: rate N, burst N, events N (no calls), block MS, ask MS, send-block MS, note
// TEXT, and those of obey().
#include "traffic.hpp"

#include <thread>

using namespace ipczmq;
using namespace ipczmq::faults;

namespace {

class program {
 public:
  explicit program(const words& w)
      : number_(w.number("number", 1)),
        ledger_(w.text("ledger"), 2048),
        flow_(ledger_.add(true, stream::flow, number_, 0)),
        reply_(ledger_.add(true, stream::reply, number_, 0)),
        receiver_(ledger_, false),
        renderer_({.endpoint = w.text("endpoint"),
                   .identity = w.text("identity"),
                   .insecure = true,
                   .linger = w.time("linger", milliseconds(1000)),
                   .queue_bytes = w.number("queue_bytes", 64U << 20),
                   .after_restart = w.number("repeat", 0) != 0 ? restart_policy::repeat
                                                               : restart_policy::report}) {
    receiver_.listen(renderer_, [this](event& e) { bounce(e); });
    renderer_.on_connected([this] {
      receiver_.connected();
      say("connected");
    });
    renderer_.on_recovered([](const recovery_details& d) {
      say("recovered " + std::to_string(d.away.count()) + " " +
          std::to_string(d.messages_repeated));
    });
    renderer_.on_disconnected([](const disconnect_details& d) { ended("disconnected ", d); });
    renderer_.on_closed([this](const disconnect_details& d) {
      ended("closed ", d);
      stopping_ = true;
    });
    renderer_.start();
  }

  void run() {
    std::thread sender([this] { send_flow(); });
    say("ready");
    const bool closed =
        obey(renderer_, [this](const std::string& line, std::uint64_t n) { command(line, n); });
    stopping_ = true;
    if (closed) renderer_.close();  // else the destructor does what there is to do
    sender.join();
  }

 private:
  static void ended(const std::string& what, const disconnect_details& d) {
    say_lost(d.lost, 0);
    say(what + std::string(errc_name(d.code)) + " " + std::to_string(d.unacknowledged) + " " +
        std::to_string(d.repeated) + " " + d.message);
  }

  void command(const std::string& line, std::uint64_t n) {
    if (line.starts_with("rate ")) pace_.rate(static_cast<double>(n));
    if (line.starts_with("events ")) plain_ = true;
    if (line.starts_with("burst ") || line.starts_with("events ")) pace_.burst(n);
    if (line.starts_with("block ")) receiver_.block(milliseconds(n));
    if (line.starts_with("send-block ")) renderer_.send("block", n);
    if (line.starts_with("note ")) renderer_.send("note", line.substr(5));
    if (line.starts_with("ask ")) {
      renderer_.invoke<std::uint64_t>("after", n)
          .then([](std::uint64_t v) { say("answer " + std::to_string(v)); },
                [](const std::exception& e) {
                  say(std::string("no answer ") + code(e) + " " + e.what());
                });
    }
  }
  static std::string code(const std::exception& e) {
    const auto* const known = dynamic_cast<const error*>(&e);
    return known == nullptr ? "unknown" : std::string(errc_name(known->kind()));
  }

  // On the dispatch thread. A listener does not wait for room, so there may be none.
  void bounce(event&) {
    const std::uint64_t n = reply_.accepted + 1;
    reply_.attempted = n;
    try {
      renderer_.send("reply", number_, 0U, n, filler(number_, n));
      reply_.accepted = n;
    } catch (const error& e) {
      if (e.kind() != errc::overflow && e.kind() != errc::closed) throw;
    }
  }

  void send_flow() {
    while (!stopping_) {
      const bool was_bursting = pace_.bursting();
      std::uint64_t due = pace_.due(100);
      for (; due != 0 && !stopping_; --due) {
        if (!send_next()) return;
      }
      if (was_bursting && !pace_.bursting())
        say("burst done " + std::to_string(flow_.accepted.load()));
    }
  }

  bool send_next() {
    const std::uint64_t n = flow_.accepted + 1;
    const std::string_view bytes = filler(number_, n);
    flow_.attempted = n;
    try {
      switch (plain_ ? shape::event : shape_of(number_, n, true)) {
        case shape::big:
          renderer_.send("big", number_, 0U, n, buffer::copy(bytes));
          break;
        case shape::bounced:
          renderer_.send("bounced", number_, 0U, n, bytes);
          break;
        case shape::call:
          invoke("call", n, bytes);
          break;
        case shape::later:
          invoke("later", n, bytes);
          break;
        case shape::sync:
          send_sync(n, bytes);
          break;
        default:
          renderer_.send("event", number_, 0U, n, bytes);
      }
      flow_.accepted = n;
      return true;
    } catch (const std::exception& e) {
      say("stopped " + code(e) + " " + std::to_string(n) + " " + e.what());
      return false;
    }
  }

  void invoke(std::string_view channel, std::uint64_t n, std::string_view bytes) {
    const auto c = renderer_.invoke<std::uint64_t>(channel, number_, 0U, n, bytes);
    ++flow_.calls;
    ++outstanding_;
    c.then([this, n](call<std::uint64_t> over) { settle(flow_, number_, n, over, outstanding_); });
  }

  void send_sync(std::uint64_t n, std::string_view bytes) {
    try {
      const auto v = renderer_.send_sync<std::uint64_t>("sync", number_, 0U, n, bytes);
      ++flow_.calls;
      ++(v == answer_to(number_, n) ? flow_.answered : flow_.wrong);
    } catch (const error& e) {
      if (e.kind() == errc::closed) throw;
      ++flow_.calls;
      ++flow_.failed;
      say("failed " + std::string(errc_name(e.kind())) + " " + std::to_string(n) + " 0 " +
          e.what());
    }
  }

  std::uint64_t number_;
  ledger ledger_;
  slot& flow_;
  slot& reply_;
  receiver receiver_;
  pace pace_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> plain_{false};  // no calls, so that nobody waits
  std::atomic<int> outstanding_{0};
  ipc_renderer renderer_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    program(words(argc, argv)).run();
  } catch (const std::exception& e) {
    say(std::string("broken ") + e.what());
    return 1;
  }
}
