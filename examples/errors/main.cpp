// SPDX-License-Identifier: MIT
// What can go wrong on the side that answers. The callers are in renderer.cpp.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

int main() {
  ipczmq::ipc_main main;

  // Any exception reaches the caller, with its text.
  main.handle("open", [](ipczmq::event&, const std::string& name) -> std::string {
    throw std::runtime_error("there is no file " + name);
  });
  // A remote_error also carries a name and a value of the thrower's choice.
  main.handle("divide", [](ipczmq::event&, int a, int b) {
    if (b == 0) throw ipczmq::remote_error("RangeError", "division by zero", ipczmq::pack(a));
    return a / b;
  });
  // An answer that never comes: as long as a copy of the deferred lives, the caller waits.
  std::vector<ipczmq::deferred<int>> unanswered;
  main.handle("never", [&unanswered](ipczmq::event&) { return unanswered.emplace_back(); });
  // A listener that forgets to set event.return_value.
  main.on("forgetful", [](ipczmq::event&) {});

  // One-way messages have no caller to tell: what fails in their listeners comes here.
  main.on("log", [](ipczmq::event&, int level) { std::cout << "level " << level << std::endl; });
  main.on_error([](const ipczmq::failure& f) { std::cout << "on_error: " << f.what << std::endl; });

  try {
    main.handle("divide", [](ipczmq::event&) { return 0; });
  } catch (const ipczmq::error& e) {
    std::cout << e.what() << std::endl;
  }
  main.run();
}
