// SPDX-License-Identifier: MIT
// Publishes on two channels. A message goes to the renderers that listen on its channel, and to
// nobody else.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_main main;
  main.handle("publish",
              [&main](ipczmq::event&, const std::string& topic, const std::string& text) {
                const auto reached = main.publish(topic, text);
                std::cout << topic << " went to " << reached << std::endl;
                return reached;
              });
  main.run();
}
