// SPDX-License-Identifier: MIT
#include "traffic.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>
#include <utility>

namespace ipczmq::faults {

using std::chrono::steady_clock;

void say(const std::string& line) {
  static std::mutex one_at_a_time;
  const std::lock_guard l(one_at_a_time);
  std::cout << line << std::endl;
}

namespace {

// splitmix64: every number has to look like any other.
std::uint64_t mix(std::uint64_t sender, std::uint64_t n) {
  std::uint64_t x = sender * 0x9e3779b97f4a7c15U + n;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

constexpr std::size_t big_bytes = 300'000;

const std::string& pattern() {
  static const std::string bytes = [] {
    std::string s(big_bytes + 256, '\0');
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = static_cast<char>('a' + mix(7, i) % 26);
    return s;
  }();
  return bytes;
}

// Answers that come later, from a thread of their own.
class later_answers {
 public:
  later_answers() : thread_([this] { work(); }) { thread_.detach(); }
  void add(milliseconds after, std::function<void()> answer) {
    const std::lock_guard l(mutex_);
    waiting_.emplace(steady_clock::now() + after, std::move(answer));
    changed_.notify_one();
  }

 private:
  void work() {
    std::unique_lock l(mutex_);
    for (;;) {
      if (waiting_.empty()) {
        changed_.wait(l);
      } else if (const auto at = waiting_.begin()->first; at > steady_clock::now()) {
        changed_.wait_until(l, at);
      } else {
        const auto answer = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        l.unlock();
        answer();
        l.lock();
      }
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<steady_clock::time_point, std::function<void()>> waiting_;
  std::thread thread_;
};

later_answers& later() {
  // Leaked: its thread outlives main().
  static auto* const answers = new later_answers;
  return *answers;
}

}  // namespace

std::uint64_t answer_to(std::uint64_t sender, std::uint64_t n) {
  return mix(sender + 1000, n) >> 1;
}

std::string_view filler(std::uint64_t sender, std::uint64_t n) {
  const std::uint64_t x = mix(sender, n);
  std::size_t size = x % 100;
  if (x % 1000 < 10) size = x % 32768;
  if (x % 1000 >= 900) size = x % 2048;
  if (shape_of(sender, n, false) == shape::big) size = big_bytes;
  return std::string_view(pattern()).substr(x % 256, size);
}

shape shape_of(std::uint64_t sender, std::uint64_t n, bool may_sync) {
  const std::uint64_t x = mix(sender + 77, n) % 2000;
  if (x == 0) return shape::big;
  if (x < 60) return shape::bounced;
  if (x < 160) return shape::call;
  if (x < 180) return shape::later;
  if (x < 190 && may_sync) return shape::sync;
  return shape::event;
}

std::uint64_t pace::due(std::uint64_t max) {
  const auto now = steady_clock::now();
  const double rate = rate_;
  owed_ = std::min(owed_ + rate * std::chrono::duration<double>(now - last_).count(),
                   std::max(rate / 10, 1.0));
  last_ = now;
  std::uint64_t burst = burst_;
  if (burst != 0) {
    burst = std::min(burst, max);
    burst_ -= burst;
    return burst;
  }
  const auto n = std::min(static_cast<std::uint64_t>(owed_), max);
  if (n == 0) std::this_thread::sleep_for(milliseconds(2));
  owed_ -= static_cast<double>(n);
  return rate == 0 ? 0 : n;
}

void settle(slot& l, std::uint64_t sender, std::uint64_t n, const call<std::uint64_t>& c,
            std::atomic<int>& outstanding) {
  // A second outcome of one call would have no outstanding one to take.
  if (--outstanding < 0) ++l.wrong;
  try {
    if (c.get() == answer_to(sender, n)) {
      ++l.answered;
    } else {
      ++l.wrong;
    }
  } catch (const error& e) {
    ++l.failed;
    say("failed " + std::string(errc_name(e.kind())) + " " + std::to_string(n) + " " +
        std::to_string(l.session) + " " + e.what());
  } catch (const std::exception& e) {
    ++l.wrong;
    say(std::string("wrong ") + e.what());
  }
}

void say_lost(const undelivered& lost, std::uint64_t session) {
  std::map<std::pair<stream, fate>, std::string> lines;
  std::map<std::pair<stream, fate>, std::pair<std::uint64_t, std::uint64_t>> ranges;
  const auto end = [&lines](const auto& r) {
    lines[r.first] += (lines[r.first].empty() ? "" : ",") + std::to_string(r.second.first) + "-" +
                      std::to_string(r.second.second);
  };
  const auto messages = lost.messages();
  if (messages.size() != lost.total())
    say("wrong count: " + std::to_string(messages.size()) + " messages handed back, " +
        std::to_string(lost.total()) + " said");
  for (const undelivered_message& m : messages) {
    if (m.channel == "note" || m.channel == "block" || m.channel == "all") continue;
    const auto of = m.channel == "reply" ? stream::reply : stream::flow;
    const auto n = m.arguments().get<std::uint64_t>(2);
    auto [at, fresh] = ranges.try_emplace({of, m.fate}, n, n);
    if (!fresh && n != at->second.second + 1) {
      end(*at);
      at->second = {n, n};
    }
    at->second.second = n;
  }
  for (const auto& r : ranges) end(r);
  for (const auto& [what, text] : lines)
    say("lost " + std::to_string(session) + " " +
        std::to_string(static_cast<std::uint64_t>(what.first)) + " " +
        std::string(to_string(what.second)) + " " + text);
}

void receiver::take(stream s, const event& e, std::uint64_t sender, std::uint64_t session,
                    std::uint64_t n, bool intact) {
  if (in_main_) session = e.sender.id();
  if (s == stream::all) session = connections_;
  slot*& l = slots_[{s, sender, session}];
  if (l == nullptr) l = &ledger_.add(false, s, sender, session);
  note_received(*l, n, intact, [&](std::uint64_t from, std::uint64_t before) {
    if (s != stream::flow) return false;
    while (from != before && shape_of(sender, from, in_main_) >= shape::call) ++from;
    return from == before;
  });
  if (s != stream::flow) return;
  if (const milliseconds d = block_.exchange(milliseconds(0)); d.count() != 0) {
    say("block begins");
    std::this_thread::sleep_for(d);
    say("block ends");
  }
}

void receiver::take(stream s, const event& e, std::uint64_t sender, std::uint64_t session,
                    std::uint64_t n, std::string_view bytes) {
  take(s, e, sender, session, n, bytes == filler(sender, n));
}

void receiver::forget(std::uint64_t session) {
  std::erase_if(slots_, [session](const auto& s) { return std::get<2>(s.first) == session; });
}

void receiver::listen(emitter e, std::function<void(event&)> bounce) {
  using u64 = std::uint64_t;
  using text = std::string_view;
  e.on("event", [this](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::flow, ev, sender, session, n, bytes);
  });
  e.on("bounced", [this, bounce](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::flow, ev, sender, session, n, bytes);
    bounce(ev);
  });
  e.on("big", [this](event& ev, u64 sender, u64 session, u64 n, buffer bytes) {
    take(stream::flow, ev, sender, session, n, bytes.view());
  });
  e.on("reply", [this](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::reply, ev, sender, session, n, bytes);
  });
  e.on("all", [this](event& ev, u64 sender, u64 n, text bytes) {
    take(stream::all, ev, sender, 0, n, bytes);
  });
  e.on("sync", [this](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::flow, ev, sender, session, n, bytes);
    ev.return_value = answer_to(sender, n);
  });
  e.handle("call", [this](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::flow, ev, sender, session, n, bytes);
    return answer_to(sender, n);
  });
  e.handle("later", [this](event& ev, u64 sender, u64 session, u64 n, text bytes) {
    take(stream::flow, ev, sender, session, n, bytes);
    const deferred<u64> d;
    later().add(milliseconds(n % 500), [d, v = answer_to(sender, n)] { d.resolve(v); });
    return d;
  });
  // Not numbered: for the tests of single situations.
  e.handle("after", [](event&, u64 ms) {
    const deferred<u64> d;
    later().add(milliseconds(ms), [d, ms] { d.resolve(ms); });
    return d;
  });
  e.on("block", [](event&, u64 ms) {
    say("block begins");
    std::this_thread::sleep_for(milliseconds(ms));
    say("block ends");
  });
  e.on("note", [](event& ev, std::string s) { say("note " + ev.sender.identity() + " " + s); });
}

words::words(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto at = word.find('=');
    values_[word.substr(0, at)] = word.substr(at + 1);
  }
}

std::string words::text(const std::string& name, const std::string& otherwise) const {
  const auto it = values_.find(name);
  return it == values_.end() ? otherwise : it->second;
}
std::uint64_t words::number(const std::string& name, std::uint64_t otherwise) const {
  const auto it = values_.find(name);
  return it == values_.end() ? otherwise : std::stoull(it->second);
}
milliseconds words::time(const std::string& name, milliseconds otherwise) const {
  return milliseconds(number(name, static_cast<std::uint64_t>(otherwise.count())));
}

bool obey(endpoint& e, const std::function<void(const std::string&, std::uint64_t)>& command) {
  std::string line;
  while (std::getline(std::cin, line) && line != "exit") {
    std::istringstream rest(line);
    std::string verb;
    std::uint64_t n = 0;
    rest >> verb >> n;
    if (verb == "return") return false;
    if (verb == "statistics") {
      const statistics s = e.statistics();
      say("statistics lost=" + std::to_string(s.messages_lost) + " resent=" +
          std::to_string(s.frames_resent) + " duplicate=" + std::to_string(s.frames_duplicate) +
          " malformed=" + std::to_string(s.frames_malformed) +
          " late=" + std::to_string(s.replies_late) + " sent=" + std::to_string(s.messages_sent) +
          " received=" + std::to_string(s.messages_received));
    } else if (verb == "drain") {
      const drain_result d = e.drain(milliseconds(n));
      say("drained " + (d ? "complete" : std::to_string(d.unacknowledged)));
    } else {
      command(line, n);
    }
  }
  e.close();
  say("ended lost=" + std::to_string(e.statistics().messages_lost));
  return true;
}

}  // namespace ipczmq::faults
