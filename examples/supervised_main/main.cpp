// SPDX-License-Identifier: MIT
// Main in a process of its own, started again by a supervisor whenever it dies: of a bug, for want
// of memory, or because libzmq ends the process (see "When something runs out" in the README). The
// supervisor does nothing else, so that nothing can go wrong in it. The renderers stay: they
// connect to the next main by themselves.
#include <ipczmq/ipczmq.hpp>

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>

extern char** environ;

static int serve(int generation) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // not without its supervisor
  ipczmq::ipc_main main;
  main.on_web_contents_created([generation](const ipczmq::web_contents& contents) {
    contents.send("greeting", generation);
  });
  main.handle("work", [](ipczmq::event&, const std::string& what) {
    std::cout << what << std::endl;
    if (what == "something that ends main") std::abort();
    return what + ": done";
  });
  main.on("quit", [&main](ipczmq::event&) { main.stop(); });
  main.run();
  return 0;
}

static int supervise(char* program) {
  using namespace std::chrono_literals;
  for (int generation = 1;; ++generation) {
    std::string number = std::to_string(generation);
    char* const arguments[] = {program, number.data(), nullptr};
    pid_t pid = 0;
    if (const int failed =
            ::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, arguments, environ);
        failed != 0) {
      std::cerr << "cannot start main: " << std::strerror(failed) << '\n';
      return 1;
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    std::cout << "main " << generation << " ended with signal " << WTERMSIG(status)
              << ", starting it again" << std::endl;
    std::this_thread::sleep_for(100ms);  // one that dies at once must not keep the machine busy
  }
}

int main(int argc, char** argv) {
  return argc > 1 ? serve(std::atoi(argv[1])) : supervise(argv[0]);
}
