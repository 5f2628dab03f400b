// SPDX-License-Identifier: MIT
// Main speaks first: to every renderer, and to one by its name.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_main main;
  int ready = 0;
  main.on("ready", [&main, &ready](ipczmq::event& event) {
    event.sender.send("note", "hello, " + event.sender.identity());
    if (++ready < 2) return;
    std::cout << "news went to " << main.broadcast("news", "two windows are open") << std::endl;
    if (auto left = main.from_identity("left")) left->send("note", "for the left one only");
    for (const auto& window : main.web_contents()) window.send("quit");
  });
  main.on_render_process_gone(
      [&main, &ready](const ipczmq::web_contents&, const ipczmq::gone_details& details) {
        std::cout << "a window has gone: " << to_string(details.reason) << std::endl;
        if (--ready == 0) main.stop();
      });
  main.run();
}
