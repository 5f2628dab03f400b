// SPDX-License-Identifier: MIT
#pragma once

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace ipczmq::test {

// How often a thread of this process has slept and been woken.
inline long wakeups_of(const std::string& task) {
  std::ifstream status("/proc/self/task/" + task + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("voluntary_ctxt_switches:")) return std::stol(line.substr(24));
  }
  return 0;
}
inline long wakeups_of_this_thread() { return wakeups_of(std::to_string(::syscall(SYS_gettid))); }

// The same of the library's own thread, which is called "ipczmq"; with its number in `task`.
inline std::string service_task() {
  std::string found;
  DIR* tasks = ::opendir("/proc/self/task");
  while (const dirent* d = ::readdir(tasks)) {
    std::string name;
    std::getline(std::ifstream(std::string("/proc/self/task/") + d->d_name + "/comm"), name);
    if (name == "ipczmq") found = d->d_name;
  }
  ::closedir(tasks);
  return found;
}

}  // namespace ipczmq::test
