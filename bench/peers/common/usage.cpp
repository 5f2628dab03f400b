// SPDX-License-Identifier: MIT
#include "usage.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace bench {
namespace {

constexpr std::size_t counter_bytes = 2 * sizeof(std::uint64_t);

double field(const std::string& file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name)) return std::stod(line.substr(name.size() + 1));
  return 0;
}

// Threads that have ended are not counted: none of the peers ends one while it is measured.
void add_threads(int pid, usage& u) {
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", ignored)) {
    double on_cpu_ns = 0;
    std::ifstream(task.path() / "schedstat") >> on_cpu_ns;
    u.cpu_us += on_cpu_ns / 1000;
    const std::string status = task.path() / "status";
    u.switches +=
        field(status, "voluntary_ctxt_switches") + field(status, "nonvoluntary_ctxt_switches");
  }
}

const std::uint64_t* mapped(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* p = ::mmap(nullptr, counter_bytes, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return p == MAP_FAILED ? nullptr : static_cast<const std::uint64_t*>(p);
}

}  // namespace

usage_meter::usage_meter(const job& j) {
  pids_.push_back(::getpid());
  if (j.server != 0) pids_.push_back(j.server);
  std::istringstream files(j.allocations);
  for (std::string file; std::getline(files, file, ',');)
    if (const auto* counter = mapped(file)) counters_.push_back(counter);
}

usage_meter::~usage_meter() {
  for (const auto* c : counters_) ::munmap(const_cast<std::uint64_t*>(c), counter_bytes);
}

usage usage_meter::now() const {
  usage u;
  for (const int pid : pids_) add_threads(pid, u);
  for (const auto* c : counters_) {
    u.allocations += static_cast<double>(__atomic_load_n(c, __ATOMIC_RELAXED));
    u.news += static_cast<double>(__atomic_load_n(c + 1, __ATOMIC_RELAXED));
  }
  return u;
}

double resident_kib(int pid) { return field("/proc/" + std::to_string(pid) + "/status", "VmRSS:"); }

}  // namespace bench
