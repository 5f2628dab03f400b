// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"
#include "support/spare_nodes.hpp"

#include <ipczmq/error.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace ipczmq::session {

// What waits for an answer; the session only carries it.
class call_sink {
 public:
  virtual ~call_sink() = default;
};

// How a call ended. An answer's views point into `frame`.
struct outcome {
  std::shared_ptr<call_sink> call;
  std::shared_ptr<const wire::frame> frame;
  const wire::message* answer = nullptr;  // reply or error reply; null: the framework ended it
  errc code{};                            // when `answer` is null
  std::string text;
};

// The calls of one session that wait for an answer.
class calls {
 public:
  // Ids begin at `first`: another one for every session, so that an answer to an earlier session's
  // call finds none.
  explicit calls(std::uint64_t first) : next_id_(first) {}

  std::uint64_t add(std::shared_ptr<call_sink> call, time_point deadline, std::uint64_t place);
  // Takes out; null when there is none of that id.
  std::shared_ptr<call_sink> take(std::uint64_t id, std::uint64_t* place = nullptr);
  // Takes out one whose deadline has passed; false when none has.
  bool take_expired(time_point now, std::uint64_t& id, std::uint64_t& place,
                    std::shared_ptr<call_sink>& call);
  // Takes out those whose message had left (place ≤ numbered), in the order in which they were
  // made.
  void take_sent(std::uint64_t numbered, std::vector<std::shared_ptr<call_sink>>& out);
  // The id of the next call.
  [[nodiscard]] std::uint64_t next_id() const { return next_id_; }
  [[nodiscard]] time_point next_deadline() const {
    return deadlines_.empty() ? never : deadlines_.begin()->first;
  }
  [[nodiscard]] std::size_t size() const { return pending_.size(); }

 private:
  struct pending {
    std::shared_ptr<call_sink> call;
    std::uint64_t place = 0;
    // Not the map's end() for none: that is another's once the map has moved.
    std::optional<std::multimap<time_point, std::uint64_t>::iterator> deadline;
  };
  void forget_deadline(pending& p);

  using by_id = std::unordered_map<std::uint64_t, pending>;

  by_id pending_;
  support::spare_nodes<by_id> spare_;
  std::multimap<time_point, std::uint64_t> deadlines_;
  std::uint64_t next_id_;
};

}  // namespace ipczmq::session
