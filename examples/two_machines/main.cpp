// SPDX-License-Identifier: MIT
// Main on a network: reached by other machines. Without keys everybody who reaches the port may
// talk, hence `insecure`.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  ipczmq::ipc_main main(
      {.endpoints = {argc > 1 ? argv[1] : "tcp://0.0.0.0:5555"}, .insecure = true});
  std::cout << "listening on " << main.endpoints().front() << std::endl;
  main.handle("echo", [](ipczmq::event&, ipczmq::args a) { return a.get<std::string>(0); });
  main.on("bye", [&](ipczmq::event&) { main.stop(); });
  main.run();
}
