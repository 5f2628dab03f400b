// SPDX-License-Identifier: MIT
#include "job.hpp"

#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

void assign(job& j, std::string_view key, const std::string& value) {
  if (key == "work") {
    j.work = value;
  } else if (key == "variant") {
    j.variant = value;
  } else if (key == "endpoint") {
    j.endpoint = value;
  } else if (key == "allocations") {
    j.allocations = value;
  } else if (key == "size") {
    j.size = std::stoul(value);
  } else if (key == "ms") {
    j.time = std::chrono::milliseconds(std::stol(value));
  } else if (key == "depth") {
    j.depth = std::stoul(value);
  } else if (key == "clients") {
    j.clients = std::stoul(value);
  } else if (key == "count") {
    j.count = std::stoul(value);
  } else if (key == "server") {
    j.server = std::stoi(value);
  } else {
    throw std::invalid_argument("no such key: " + std::string(key));
  }
}

}  // namespace

const char* const help_text =
    "usage: PROGRAM server|client|both|idle KEY=VALUE...\n"
    "  work=round_trip|one_way|flood|pipeline|connect|broadcast|fan_in  variant=NAME\n"
    "  endpoint=ENDPOINT  size=BYTES  ms=TIME  depth=CALLS  clients=N  count=N  server=PID\n"
    "bench/README.md tells what they measure; ./dev bench runs them all.";

job parse(int argc, char** argv) {
  job j;
  j.role = argc < 2 ? "" : argv[1];
  if (j.role != "server" && j.role != "client" && j.role != "both" && j.role != "idle")
    throw std::invalid_argument(help_text);
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto equals = word.find('=');
    if (equals == std::string_view::npos)
      throw std::invalid_argument("not KEY=VALUE: " + std::string(word));
    assign(j, word.substr(0, equals), std::string(word.substr(equals + 1)));
  }
  return j;
}

void ready(const std::string& endpoint) {
  std::printf("ready %s\n", endpoint.c_str());
  std::fflush(stdout);
}

}  // namespace bench
