// SPDX-License-Identifier: MIT
// Starts a renderer, hears at once when it crashes, and starts another in its place.
#include <ipczmq/ipczmq.hpp>

#include <spawn.h>
#include <sys/wait.h>

#include <iostream>
#include <string>

extern char** environ;

namespace {

pid_t start(std::string program, int attempt) {
  std::string argument = std::to_string(attempt);
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  return posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments, environ) == 0 ? pid : -1;
}

}  // namespace

int main(int, char** argv) {
  std::string program = argv[0];  // …/supervisor_main: its renderer lies beside it
  program.replace(program.rfind("_main"), std::string::npos, "_renderer");

  ipczmq::ipc_main main;
  int attempt = 1;
  pid_t child = start(program, attempt);
  main.on("log", [](ipczmq::event&, std::string line) { std::cout << line << std::endl; });
  main.on_render_process_gone(
      [&](const ipczmq::web_contents& who, const ipczmq::gone_details& details) {
        waitpid(child, nullptr, 0);
        std::cout << who.identity() << " is gone: " << to_string(details.reason) << std::endl;
        if (details.reason == ipczmq::gone_reason::clean_exit || attempt == 5) return main.stop();
        child = start(program, ++attempt);
      });
  main.run();
}
