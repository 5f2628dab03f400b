// SPDX-License-Identifier: MIT
// A renderer in an io_context: calls by completion tokens.
#include <asio.hpp>
#include <ipczmq/asio.hpp>
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>

int main() {
  asio::io_context io;
  ipczmq::ipc_renderer renderer;
  ipczmq::asio_adapter adapter(io, renderer);

  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        for (const char* kind : {"green", "black"})
          std::cout << co_await ipczmq::async_get(renderer.invoke<std::string>("tea", kind),
                                                  asio::use_awaitable)
                    << std::endl;
        renderer.send("bye");
        io.stop();
      },
      asio::detached);
  io.run();
}
