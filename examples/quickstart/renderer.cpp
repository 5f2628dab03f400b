// SPDX-License-Identifier: MIT
// The seed program, a renderer's side.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  renderer.on("asynchronous-reply", [](ipczmq::event&, std::string arg) {
    std::cout << arg << std::endl;  // prints "pong"
  });
  renderer.send("asynchronous-message", "ping");
  std::cout << renderer.send_sync<std::string>("synchronous-message", "ping")
            << std::endl;  // prints "pong"
  renderer.run();
}
