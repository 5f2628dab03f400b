// SPDX-License-Identifier: MIT
// A long job on a thread of its own: it tells its caller how far it is, and stops when the caller
// cancels.
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

int main() {
  ipczmq::ipc_main main;
  std::vector<std::jthread> jobs;

  main.handle("export", [&](ipczmq::event& event, std::string name) {
    ipczmq::deferred<std::string> answer;
    jobs.emplace_back([event, name, answer] {  // the copies of event and answer keep the call open
      for (int percent = 0; percent < 100; percent += 20) {
        event.sender.send("progress", name, percent);
        for (int i = 0; i < 20 && !event.cancelled(); ++i) std::this_thread::sleep_for(1ms);
        if (event.cancelled()) {
          std::cout << name << ": stopped" << std::endl;
          return;
        }
      }
      answer.resolve(name + " is exported");
    });
    return answer;
  });
  main.on_render_process_gone(
      [&](const ipczmq::web_contents&, const ipczmq::gone_details&) { main.stop(); });
  main.run();
}
