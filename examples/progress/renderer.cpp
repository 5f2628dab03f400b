// SPDX-License-Identifier: MIT
// A progress bar; the second job is cancelled at 20 %.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <optional>
#include <string>

int main() {
  ipczmq::ipc_renderer renderer;
  std::optional<ipczmq::call<std::string>> film;
  renderer.on("progress", [&](ipczmq::event&, std::string name, int percent) {
    if (name == "film" && percent > 20) return;  // under way when it was cancelled
    const auto done = static_cast<std::size_t>(percent / 10);
    std::cout << name << " [" << std::string(done, '#') << std::string(10 - done, ' ') << "] "
              << percent << " %" << std::endl;
    if (name == "film" && percent == 20) film->cancel();
  });
  renderer.invoke<std::string>("export", "song").then([&](const std::string& said) {
    std::cout << said << std::endl;
    film = renderer.invoke<std::string>("export", "film");
    film->then([](const std::string&) {},
               [&](const std::exception& e) {
                 std::cout << e.what() << std::endl;
                 renderer.stop();
               });
  });
  renderer.run();
}
