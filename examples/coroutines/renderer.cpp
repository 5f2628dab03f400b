// SPDX-License-Identifier: MIT
// renderer ada: answers one question. renderer grace: asks it.
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

ipczmq::task<> ask(ipczmq::ipc_renderer& renderer) {
  for (bool asked = false; !asked;) {
    try {
      std::cout << co_await renderer.invoke<std::string>({.deadline = 10s}, "ask", "ada",
                                                         "6 times 7?")
                << std::endl;
      asked = true;
    } catch (const ipczmq::remote_error& e) {
      if (e.name() != "LookupError") throw;  // she is not there yet
    }
  }
  try {
    co_await renderer.invoke<std::string>("ask", "nobody at all", "?");
  } catch (const ipczmq::remote_error& e) {
    std::cout << e.name() << ": " << e.message() << std::endl;
  }
  renderer.stop();
}

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "grace";
  ipczmq::ipc_renderer renderer({.identity = name});
  renderer.handle("question", [&](ipczmq::event&, std::string question) {
    std::cout << "asked: " << question << std::endl;
    renderer.stop();
    return std::string("42");
  });
  if (name == "grace") renderer.spawn(ask(renderer));
  renderer.run();
}
