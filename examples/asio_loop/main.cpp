// SPDX-License-Identifier: MIT
// Main in an asio io_context: a handler that is one of asio's coroutines, and awaits a timer.
#include <asio.hpp>
#include <ipczmq/asio.hpp>
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <iostream>
#include <string>

int main() {
  asio::io_context io;
  ipczmq::ipc_main main;
  ipczmq::asio_adapter adapter(io, main);

  main.handle("tea", [&](ipczmq::event&, std::string kind) -> asio::awaitable<std::string> {
    asio::steady_timer timer(io, std::chrono::milliseconds(20));
    co_await timer.async_wait(asio::use_awaitable);
    co_return kind + " tea is ready";
  });
  main.on("bye", [&](ipczmq::event&) { main.close(); });
  io.run();  // until the endpoint is closed, and nothing else is left to do
  std::cout << "closed" << std::endl;
}
