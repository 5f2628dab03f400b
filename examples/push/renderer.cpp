// SPDX-License-Identifier: MIT
// A window: prints what main pushes. Start two, with "left" and "right" as their argument.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "left";
  ipczmq::ipc_renderer renderer({.identity = name});
  renderer.on("news", [](ipczmq::event&, const std::string& text) {
    std::cout << "news: " << text << std::endl;
  });
  renderer.on("note", [](ipczmq::event&, const std::string& text) {
    std::cout << "note: " << text << std::endl;
  });
  renderer.on("quit", [&renderer](ipczmq::event&) { renderer.stop(); });
  renderer.send("ready");
  renderer.run();
}
