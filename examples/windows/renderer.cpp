// SPDX-License-Identifier: MIT
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

int main() {
  ipczmq::ipc_renderer renderer;
  renderer.send("set-title", "Pictures");

  const auto open_file = [&](const std::vector<std::string>& extensions) {
    return renderer.invoke<std::optional<std::string>>("dialog:openFile", extensions).get();
  };
  std::cout << "file: " << open_file({"png", "jpg"}).value_or("cancelled") << std::endl;
  std::cout << "file: " << open_file({}).value_or("cancelled") << std::endl;

  int counter = 0;
  int clicks = 0;
  renderer.on("update-counter", [&](ipczmq::event& event, int step) {
    counter += step;
    event.reply("counter-value", counter);
    if (++clicks == 3) renderer.stop();
  });
  renderer.send("ready");
  renderer.run();
  std::cout << "counter: " << counter << std::endl;
}
