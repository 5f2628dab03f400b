// SPDX-License-Identifier: MIT
#pragma once

#include "job.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>

namespace bench {

// Thrown for a work that a peer has no equivalent of.
struct unsupported : std::runtime_error {
  unsupported() : std::runtime_error("unsupported") {}
};

// One peer's client, connected; `run_program` measures it.
class client {
 public:
  client() = default;
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  virtual ~client() = default;

  virtual void round_trip() { throw unsupported(); }
  // One message without an answer.
  virtual void send() { throw unsupported(); }
  // What the server's listener has counted, when it has all that was sent before.
  virtual std::uint64_t counted() { throw unsupported(); }
  // Has the server send for so long; what our listener has counted when the last one is in.
  virtual std::uint64_t flood(std::chrono::milliseconds) { throw unsupported(); }
  // Keeps `depth` calls in flight until then; how many were answered.
  virtual std::uint64_t pipeline(std::size_t /*depth*/, clock::time_point /*until*/) {
    throw unsupported();
  }
};

// Many connections of one process.
class crowd {
 public:
  crowd() = default;
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  virtual ~crowd() = default;

  // Every one is welcomed, and answered once more.
  virtual void connect() = 0;
  // The server sends `count` messages to each; returns when each has counted them.
  virtual void broadcast(std::size_t count) = 0;
  // Each sends `count` messages; returns when the server has counted all.
  virtual void fan_in(std::size_t count) = 0;
};

struct peer {
  std::function<void(const job&)> serve;  // until it is killed
  std::function<std::unique_ptr<client>(const job&)> connect;
  std::function<std::unique_ptr<crowd>(const job&)> gather{};
};

// The main() of every peer. A client prints one line of JSON.
int run_program(int argc, char** argv, const peer& p);

}  // namespace bench
