// SPDX-License-Identifier: MIT
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  int ticks = 0;
  renderer.on("tick", [&](ipczmq::event&, int) {
    if (++ticks != 3) return;
    std::cout << "three ticks came" << std::endl;
    renderer.invoke<std::string>("finish").then([&](const std::string& said) {
      std::cout << said << std::endl;
      renderer.stop();
    });
  });
  renderer.run();
}
