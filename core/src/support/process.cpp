// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>

namespace ipczmq::support {

namespace {

// Field 22 of /proc/PID/stat, 0 when the process is not there or is a zombie.
std::uint64_t start_time(std::uint64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  // The second field is the program's name in parentheses, which may hold anything.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(line.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) {
    if (!(rest >> field)) return 0;
    if (i == 3 && (field == "Z" || field == "X")) return 0;
  }
  return std::stoull(field);
}

std::atomic<unsigned> generation{0};
const int registered =
    pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });

}  // namespace

local_process::local_process(std::uint64_t pid)
    : pid_(pid), started_(pid == 0 ? 0 : start_time(pid)) {}

bool local_process::alive() const { return started_ != 0 && start_time(pid_) == started_; }

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
