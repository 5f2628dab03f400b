// SPDX-License-Identifier: MIT
// Handlers that are coroutines: they await calls to other renderers, and none blocks a thread.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <string>
#include <utility>

int main() {
  ipczmq::ipc_main main;

  // Asks one renderer on behalf of another. Whoever cancels the outer call cancels the inner one.
  main.handle(
      "ask",
      [&](ipczmq::event&, std::string whom, std::string question) -> ipczmq::task<std::string> {
        const auto other = main.from_identity(whom);
        if (!other) throw ipczmq::remote_error("LookupError", "nobody is called " + whom);
        const auto answer = co_await other->invoke<std::string>("question", question);
        co_return whom + " says: " + answer;
      });

  // Goes away as soon as both are gone.
  int there = 0;
  main.on_web_contents_created([&](const ipczmq::web_contents&) { ++there; });
  main.on_render_process_gone([&](const ipczmq::web_contents&, const ipczmq::gone_details&) {
    if (--there == 0) main.stop();
  });
  main.run();
}
