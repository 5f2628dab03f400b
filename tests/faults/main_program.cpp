// SPDX-License-Identifier: MIT
// A main that sends numbered messages to each of its renderers and writes down what it gets:
//   main_program endpoint=E[,E] number=N ledger=FILE [ping_interval=] [ping_timeout=]
//                [resume_for=] [linger=] [queue_bytes=] [replace=1]
// Commands on stdin: rate N and burst N (to each renderer), all N (broadcasts), block MS,
// publish TEXT, trim, and those of obey().
#include "traffic.hpp"

#include <malloc.h>

#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>

using namespace ipczmq;
using namespace ipczmq::faults;

namespace {

main_options options(const words& w) {
  main_options o;
  std::istringstream endpoints(w.text("endpoint"));
  for (std::string e; std::getline(endpoints, e, ',');) o.endpoints.push_back(e);
  o.insecure = true;
  if (w.number("replace", 0) != 0) o.duplicates = duplicate_policy::replace;
  o.ping_interval = w.time("ping_interval", o.ping_interval);
  o.ping_timeout = w.time("ping_timeout", o.ping_timeout);
  o.resume_for = w.time("resume_for", o.resume_for);
  o.linger = w.time("linger", o.linger);
  o.queue_bytes = w.number("queue_bytes", o.queue_bytes);
  return o;
}

// What main sends to one renderer. Kept until the renderer has gone and its last call is over.
struct target {
  target(slot& f, slot& r) : flow(f), reply(r) {}
  slot& flow;
  slot& reply;
  std::atomic<int> outstanding{0};
};

class program {
 public:
  explicit program(const words& w)
      : number_(w.number("number", 1)),
        ledger_(w.text("ledger"), 32768),
        all_(ledger_.add(true, stream::all, number_, 0)),
        receiver_(ledger_, true),
        main_(options(w)) {
    receiver_.listen(main_, [this](event& e) { bounce(e); });
    main_.on_web_contents_created([this](const web_contents& c) {
      add_target(c.id());
      say("created " + std::to_string(c.id()) + " " + c.identity());
    });
    main_.on_render_process_gone([](const web_contents& c, const gone_details& d) {
      say_lost(d.lost, c.id());
      say("gone " + std::to_string(c.id()) + " " + c.identity() + " " +
          std::string(to_string(d.reason)) + " " + std::to_string(d.unacknowledged) + " " +
          d.message);
    });
    main_.on_destroyed([this](const web_contents& c) {
      receiver_.forget(c.id());
      const std::lock_guard l(mutex_);
      targets_.erase(c.id());
    });
    for (const std::string& e : main_.endpoints()) say("endpoint " + e);
  }

  void run() {
    std::thread sender([this] { send_flows(); });
    std::thread driver([this] { main_.run(); });
    say("ready");
    const bool closed = obey(main_, [this](const std::string& line, std::uint64_t n) {
      if (line.starts_with("rate ")) pace_.rate(static_cast<double>(n));
      if (line.starts_with("burst ")) pace_.burst(n);
      if (line.starts_with("all ")) all_pace_.rate(static_cast<double>(n));
      if (line == "trim") {
        // What malloc keeps of the backlogs of the past is not held by anybody.
        ::malloc_trim(0);
        say("trimmed " + std::to_string(::mallinfo2().uordblks));
      }
      if (line.starts_with("block ")) receiver_.block(milliseconds(n));
      if (line.starts_with("publish "))
        say("published " + std::to_string(main_.publish("note", line.substr(8))));
    });
    stopping_ = true;
    sender.join();
    if (!closed) main_.stop();
    driver.join();
  }

 private:
  void add_target(std::uint64_t id) {
    auto t = std::make_shared<target>(ledger_.add(true, stream::flow, number_, id),
                                      ledger_.add(true, stream::reply, number_, id));
    const std::lock_guard l(mutex_);
    targets_[id] = std::move(t);
  }
  // Null before its hook has run, and after it has gone.
  std::shared_ptr<target> target_of(std::uint64_t id) {
    const std::lock_guard l(mutex_);
    const auto it = targets_.find(id);
    return it == targets_.end() ? nullptr : it->second;
  }

  void bounce(event& e) {
    const std::uint64_t id = e.sender.id();
    const auto t = target_of(id);
    if (t == nullptr) return;
    const std::uint64_t n = t->reply.accepted + 1;
    t->reply.attempted = n;
    try {
      e.reply("reply", number_, id, n, filler(number_, n));
      t->reply.accepted = n;
    } catch (const error& x) {
      if (x.kind() != errc::overflow && x.kind() != errc::peer_gone && x.kind() != errc::closed)
        throw;
    }
  }

  void send_flows() {
    while (!stopping_) {
      const std::uint64_t due = pace_.due(100);
      if (due != 0) {
        for (const web_contents& c : main_.web_contents()) send_some(c, due);
      }
      for (std::uint64_t n = all_pace_.due(10); n != 0; --n) {
        if (!broadcast_next()) return;
      }
    }
  }

  bool broadcast_next() {
    const std::uint64_t n = all_.accepted + 1;
    all_.attempted = n;
    try {
      main_.broadcast("all", number_, n, filler(number_, n));
    } catch (const error&) {
      return false;  // closed
    }
    all_.accepted = n;
    return true;
  }

  void send_some(const web_contents& c, std::uint64_t due) {
    const auto t = target_of(c.id());
    if (t == nullptr) return;
    for (; due != 0 && !stopping_; --due) {
      const std::uint64_t n = t->flow.accepted + 1;
      t->flow.attempted = n;
      try {
        send(c, *t, t, n);
        t->flow.accepted = n;
      } catch (const error& e) {
        if (e.kind() == errc::overflow) return;  // the same number again, later
        if (e.kind() != errc::peer_gone)
          say("stopped " + std::string(errc_name(e.kind())) + " " + e.what());
        return;
      }
    }
  }

  void send(const web_contents& c, target& t, const std::shared_ptr<target>& owner,
            std::uint64_t n) {
    const std::string_view bytes = filler(number_, n);
    const std::uint64_t id = c.id();
    const auto invoke = [&](std::string_view channel) {
      const auto call = c.invoke<std::uint64_t>({.deadline = std::chrono::minutes(30)}, channel,
                                                number_, id, n, bytes);
      ++t.flow.calls;
      ++t.outstanding;
      call.then([this, owner, n](ipczmq::call<std::uint64_t> over) {
        settle(owner->flow, number_, n, over, owner->outstanding);
      });
    };
    switch (shape_of(number_, n, false)) {
      case shape::big:
        c.send("big", number_, id, n, buffer::copy(bytes));
        break;
      case shape::bounced:
        c.send("bounced", number_, id, n, bytes);
        break;
      case shape::call:
        invoke("call");
        break;
      case shape::later:
        invoke("later");
        break;
      default:
        c.send("event", number_, id, n, bytes);
    }
  }

  std::uint64_t number_;
  ledger ledger_;
  slot& all_;
  receiver receiver_;
  pace pace_;
  pace all_pace_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<target>> targets_;
  ipc_main main_;
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
