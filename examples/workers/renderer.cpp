// SPDX-License-Identifier: MIT
// Several calls under way at once. The answers come as they are ready, not in the order of the
// calls.
#include <ipczmq/ipczmq.hpp>

#include <exception>
#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  int open = 0;
  const auto brew = [&](const std::string& what, int ms) {
    ++open;
    const auto done = [&](const std::string& text) {
      std::cout << text << std::endl;
      if (--open == 0) renderer.stop();
    };
    renderer.invoke<std::string>("brew", what, ms).then(done, [done](const std::exception& e) {
      done(e.what());
    });
  };
  brew("tea", 600);
  brew("coffee", 300);
  brew("whisky", 0);
  std::cout << renderer.send_sync<std::string>("brew-now", "water") << std::endl;
  renderer.run();
}
