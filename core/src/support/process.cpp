// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>

namespace ipczmq::support {

namespace {

// Field 22 of /proc/PID/stat, 0 of a zombie; none when it cannot be read.
std::optional<std::uint64_t> start_time(std::uint64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return {};
  // The second field is the program's name in parentheses, which may hold anything.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) {
    if (!(rest >> field)) return {};
    if (i == 3 && (field == "Z" || field == "X")) return 0;
  }
  return std::stoull(field);
}

std::atomic<unsigned> generation{0};
const int registered =
    pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });

}  // namespace

local_process::local_process(std::uint64_t pid)
    : pid_(pid), started_(pid == 0 ? 0 : start_time(pid).value_or(0)) {}

bool local_process::alive() const {
  if (started_ == 0) return false;
  if (const auto now = start_time(pid_)) return *now == started_;
  // Not there; or there is no descriptor left to look with, which is not its fault.
  return ::kill(static_cast<pid_t>(pid_), 0) == 0 || errno != ESRCH;
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::string pid_space() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (!std::getline(file, id)) return {};
  // Containers of one machine have pids of their own.
  char space[64] = {};
  if (::readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) return {};
  return id + ' ' + space;
}

std::string program_name() { return program_invocation_short_name; }

unsigned fork_generation() noexcept {
  (void)registered;
  return generation.load(std::memory_order_relaxed);
}

}  // namespace ipczmq::support
