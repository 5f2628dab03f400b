// SPDX-License-Identifier: MIT
#pragma once

#include "ledger.hpp"

#include <ipczmq/ipczmq.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace ipczmq::faults {

using std::chrono::milliseconds;

// One line on stdout, whole; what the harness reads.
void say(const std::string& line);

// The number, and the bytes, that belong to message `n` of `sender`.
[[nodiscard]] std::uint64_t answer_to(std::uint64_t sender, std::uint64_t n);
[[nodiscard]] std::string_view filler(std::uint64_t sender, std::uint64_t n);

// How message `n` of a flow travels.
enum class shape : std::uint8_t { event, bounced, big, call, later, sync };
[[nodiscard]] shape shape_of(std::uint64_t sender, std::uint64_t n, bool may_sync);

// Lets a thread send at a rate; 0 stops it. After a time without sending, it does not make up for
// more than a tenth of a second.
class pace {
 public:
  void rate(double per_second) { rate_ = per_second; }
  void burst(std::uint64_t n) { burst_ += n; }
  // How many may be sent now, at most `max`; waits a little when there are none.
  std::uint64_t due(std::uint64_t max);
  // Messages of a burst come first.
  [[nodiscard]] bool bursting() const { return burst_ != 0; }

 private:
  std::atomic<double> rate_{0};
  std::atomic<std::uint64_t> burst_{0};
  double owed_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// The outcome of one numbered call goes into the ledger, and failures are said.
void settle(slot& l, std::uint64_t sender, std::uint64_t n, const call<std::uint64_t>& c,
            std::atomic<int>& outstanding);

// What a session handed back, as "lost SESSION STREAM FATE 1-7,9-9".
void say_lost(const undelivered& lost, std::uint64_t session);

// Listeners and handlers for a flow from the other side, with the ledger behind them.
class receiver {
 public:
  // `numbers_itself`: our messages are numbered by us and their session is what the sender says
  // (renderer); else it is the sender's id (main).
  receiver(ledger& l, bool in_main) : ledger_(l), in_main_(in_main) {}

  // `bounce` answers an event of shape bounced; called on the dispatch thread.
  void listen(emitter e, std::function<void(event&)> bounce);
  void connected() { ++connections_; }
  void forget(std::uint64_t session);
  // The next event makes its listener sleep so long.
  void block(milliseconds d) { block_ = d; }

 private:
  void take(stream s, const event& e, std::uint64_t sender, std::uint64_t session, std::uint64_t n,
            bool intact);
  void take(stream s, const event& e, std::uint64_t sender, std::uint64_t session, std::uint64_t n,
            std::string_view bytes);

  ledger& ledger_;
  bool in_main_;
  std::uint64_t connections_ = 0;
  std::map<std::tuple<stream, std::uint64_t, std::uint64_t>, slot*> slots_;
  std::atomic<milliseconds> block_{milliseconds(0)};
};

// "name=value" words of the command line.
class words {
 public:
  words(int argc, char** argv);
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise = {}) const;
  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
  [[nodiscard]] milliseconds time(const std::string& name, milliseconds otherwise) const;

 private:
  std::map<std::string, std::string> values_;
};

// Reads commands until one says "exit", or stdin ends: closes then, and returns true; or until one
// says "return", and leaves the rest to destructors. What both programs know is done here:
// statistics, drain.
bool obey(endpoint& e, const std::function<void(const std::string&, std::uint64_t)>& command);

}  // namespace ipczmq::faults
