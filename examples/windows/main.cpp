// SPDX-License-Identifier: MIT
// Electron's IPC tutorial without the windows: a renderer sets a title, opens a dialog, and shows a
// counter that main's menu changes.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

int main() {
  ipczmq::ipc_main main;
  std::map<std::uint64_t, std::string> titles;

  // Pattern 1: renderer to main, one way.
  main.on("set-title", [&](ipczmq::event& event, std::string title) {
    titles[event.sender.id()] = title;
    std::cout << "title: " << title << std::endl;
  });

  // Pattern 2: renderer to main, with an answer. Nothing is opened: the "user" always picks this
  // file, or cancels.
  main.handle(
      "dialog:openFile",
      [](ipczmq::event&, std::vector<std::string> extensions) -> std::optional<std::string> {
        if (extensions.empty()) return std::nullopt;
        return "/home/ada/picture." + extensions.front();
      });

  // Pattern 3: main to renderer, here as if the menu had been clicked.
  main.on("ready", [](ipczmq::event& event) {
    for (const int step : {1, 1, -1}) event.sender.send("update-counter", step);
  });
  main.on("counter-value", [&](ipczmq::event& event, int value) {
    std::cout << titles[event.sender.id()] << " shows " << value << std::endl;
  });

  main.on_render_process_gone(
      [&](const ipczmq::web_contents&, const ipczmq::gone_details&) { main.stop(); });
  main.run();
}
