// SPDX-License-Identifier: MIT
// What can go wrong on the side that calls, and what the caller gets to know of it.
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

// Makes a call that fails, and prints why.
template <class F>
void attempt(F f) {
  try {
    f();
    std::cout << "no error" << std::endl;
  } catch (const ipczmq::error& e) {
    std::cout << e.what() << std::endl;
    if (e.code() == ipczmq::errc::timed_out) std::cout << "(trying again may help)" << std::endl;
  }
}

int main() {
  ipczmq::ipc_renderer renderer;

  attempt([&] { renderer.invoke<std::string>("open", "notes.txt").get(); });
  try {
    renderer.invoke<int>("divide", 7, 0).get();
  } catch (const ipczmq::remote_error& e) {
    std::cout << e.name() << ", " << e.message() << ", data " << ipczmq::unpack<int>(e.data())
              << std::endl;
  }

  attempt([&] { renderer.invoke<int>("multiply", 6, 7).get(); });  // nobody handles it
  attempt([&] { renderer.send_sync<int>("divide", 7, 1); });       // a handler is not a listener
  attempt([&] { renderer.send_sync<int>("forgetful"); });          // the listener did not answer
  attempt([&] { renderer.invoke<int>("divide", "seven", 1).get(); });  // wrong arguments
  attempt(
      [&] { renderer.invoke<std::string>("divide", 7, 1).get(); });  // the answer is not a string
  attempt(
      [&] { renderer.invoke<int>({.deadline = 100ms}, "never").get(); });  // nobody answers in time

  const auto call = renderer.invoke<int>("never");
  call.cancel();
  attempt([&] { call.get(); });

  renderer.send("log",
                "loud");  // a one-way message tells its sender nothing; see on_error in main.cpp
  renderer.send("log", 3);
  renderer.drain(1s);
}
