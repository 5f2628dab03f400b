// SPDX-License-Identifier: MIT
// The maps of hello and welcome (PROTOCOL.md §4).
#pragma once

#include "wire/frame.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ipczmq::wire {

using secret = std::array<std::byte, 16>;

// Who a process is, for people and for noticing a local crash.
struct process_info {
  std::uint64_t pid = 0;
  std::string host;
  std::string boot;  // see support::pid_space(): who shares it sees the same pids
  std::string library;
  friend bool operator==(const process_info&, const process_info&) = default;
};

struct resume_request {
  wire::secret session{};
  wire::secret secret{};
  std::uint64_t received = 0;
  friend bool operator==(const resume_request&, const resume_request&) = default;
};

struct hello {
  std::uint32_t protocol = protocol_version;
  std::uint32_t protocol_min = protocol_version;
  std::string identity;
  std::uint64_t clock = 0;
  wire::limits limits;
  std::vector<std::string> capabilities;
  process_info process;
  std::optional<resume_request> resume;
  std::optional<wire::secret> instance;  // who says it, whatever its name: one renderer's own
  std::uint64_t attempt = 0;             // grows with every hello of it; 0: not told
  friend bool operator==(const hello&, const hello&) = default;
};

struct welcome {
  std::uint32_t protocol = protocol_version;
  wire::secret session{};
  wire::secret secret{};
  std::uint64_t id = 0;
  std::uint64_t clock = 0;
  wire::limits limits;
  std::vector<std::string> capabilities;
  std::uint64_t ping_interval = 1000;  // ms
  std::uint64_t ping_timeout = 5000;   // ms
  std::uint64_t resume_for = 0;        // ms
  bool resumed = false;
  std::uint64_t received = 0;
  std::string identity;
  std::uint64_t attempt = 0;  // of the hello that it answers
  process_info process;
  friend bool operator==(const welcome&, const welcome&) = default;
};

[[nodiscard]] std::vector<std::byte> encode(const hello& h);
[[nodiscard]] std::vector<std::byte> encode(const welcome& w);

// Empty string, or what is missing or wrong. Unknown keys are ignored. `map` has passed decode().
// After an error, meets_minima(out.limits) tells the code to refuse with: `incompatible` when they
// do not meet them, `bad_frame` otherwise.
[[nodiscard]] std::string decode(bytes_view map, hello& out);
[[nodiscard]] std::string decode(bytes_view map, welcome& out);
[[nodiscard]] bool meets_minima(const limits& l);

}  // namespace ipczmq::wire
