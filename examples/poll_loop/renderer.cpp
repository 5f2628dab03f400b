// SPDX-License-Identifier: MIT
// A renderer in a loop of one's own: poll(2) over its descriptor. Other descriptors would go beside
// it.
#include <ipczmq/ipczmq.hpp>

#include <poll.h>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  int ticks = 0;
  renderer.on("tick", [&ticks](ipczmq::event&) { ++ticks; });

  pollfd watched{renderer.fd(), POLLIN, 0};
  while (ticks < 3) {
    poll(&watched, 1, -1);
    renderer.poll();  // runs the listeners of what has arrived, and never waits
  }
  std::cout << "three ticks came" << std::endl;
  std::cout << renderer.invoke<std::string>("finish").get() << std::endl;
}
