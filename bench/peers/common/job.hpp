// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

using clock = std::chrono::steady_clock;

// What one process is to do: PROGRAM server|client|both KEY=VALUE..., see `parse`.
struct job {
  std::string role;
  std::string work;
  std::string variant;
  std::string endpoint;
  std::size_t size = 32;
  std::chrono::milliseconds time{300};
  std::size_t depth = 64;   // calls in flight
  std::size_t clients = 1;  // connections of this process
  std::size_t count = 0;    // of messages, or of whatever grows
  int server = 0;           // its process id, for what it uses
  std::string allocations;  // files in which the two processes count them, separated by a comma

  [[nodiscard]] std::string payload() const { return std::string(size, 'x'); }
};

// What a program says to --help.
extern const char* const help_text;

job parse(int argc, char** argv);

// The server's word that clients may come, and where.
void ready(const std::string& endpoint);

}  // namespace bench
