// SPDX-License-Identifier: MIT
// Started by main. It crashes at its first attempts.
#include <ipczmq/ipczmq.hpp>

#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  const std::string attempt = argc > 1 ? argv[1] : "3";
  ipczmq::ipc_renderer renderer({.identity = "worker-" + attempt});
  renderer.send("log", "attempt " + attempt);
  renderer.drain(std::chrono::seconds(5));
  if (attempt != "3") std::_Exit(1);  // as a crash: without a word to main
  renderer.send("log", "the work is done");
}
