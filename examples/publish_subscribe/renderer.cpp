// SPDX-License-Identifier: MIT
// Subscribing is listening: `on` subscribes, removing the last listener of a channel unsubscribes.
#include <ipczmq/ipczmq.hpp>

#include <cstddef>
#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  const auto print = [](ipczmq::event& event, const std::string& text) {
    std::cout << event.channel << ": " << text << std::endl;
  };
  const auto publish = [&renderer](const std::string& topic, const std::string& text) {
    std::cout << topic << " reached " << renderer.invoke<std::size_t>("publish", topic, text).get()
              << std::endl;
  };

  const ipczmq::listener weather = renderer.on("weather", print);
  publish("weather", "sunny");
  publish("sports", "nobody here listens to this");
  renderer.on("sports", print);
  renderer.off(weather);
  publish("weather", "nobody listens to this any more");
  publish("sports", "2:1");

  // The two that arrived have waited for somebody to dispatch them. The listener of the first one
  // is gone.
  renderer.poll();
}
