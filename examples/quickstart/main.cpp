// SPDX-License-Identifier: MIT
// The seed program, main's side: answers both kinds of message as in Electron's ipcMain
// documentation.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  ipczmq::ipc_main main;
  main.on("asynchronous-message", [](ipczmq::event& event, std::string arg) {
    std::cout << arg << std::endl;  // prints "ping"
    event.sender.send("asynchronous-reply", "pong");
  });
  main.on("synchronous-message", [](ipczmq::event& event, std::string arg) {
    std::cout << arg << std::endl;  // prints "ping"
    event.return_value = "pong";
  });
  main.run();
}
