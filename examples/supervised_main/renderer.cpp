// SPDX-License-Identifier: MIT
// Outlives its main: a call that main did not survive fails, and everything else goes on with the
// next one.
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <string_view>

int main() {
  using namespace std::chrono_literals;
  // What it would log is what is told below.
  ipczmq::ipc_renderer renderer({.log = [](ipczmq::log_level, std::string_view) {}});
  int greeted = 0;
  renderer.on("greeting", [&greeted](ipczmq::event&, int generation) {
    std::cout << "main " << generation << " is there" << std::endl;
    greeted = generation;
  });
  const auto work = [&renderer](const std::string& what) {
    try {
      std::cout << renderer.invoke<std::string>("work", what).get() << std::endl;
    } catch (const ipczmq::error& e) {
      // It may have been done: who repeats it has to know whether that matters.
      const bool died =
          e.code() == ipczmq::errc::disconnected || e.code() == ipczmq::errc::main_restarted;
      std::cout << what << (died ? ": main did not survive it" : ": failed") << std::endl;
    }
  };

  while (greeted < 1) renderer.poll(1s);
  work("the first task");
  work("something that ends main");
  while (greeted < 2) renderer.poll(1s);  // the listener is still there
  work("the second task");
  renderer.send("quit");
}
