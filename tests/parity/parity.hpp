// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/ipczmq.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace parity {

using namespace std::chrono_literals;
using ipczmq::event;

inline std::string fresh_endpoint() {
  static std::atomic<int> n{0};
  return "inproc://parity-" + std::to_string(++n);
}

// Main dispatches on a thread of its own, the renderer on the test's, in poll().
struct pair {
  const std::string endpoint = fresh_endpoint();
  ipczmq::ipc_main main{endpoint};
  ipczmq::ipc_renderer renderer{{.endpoint = endpoint, .identity = "r", .connect_within = 5s}};

  pair() { main.start(); }
  ~pair() { main.close(); }

  // Everything sent so far has been dispatched in main.
  void settle() {
    main.on("settle", [](event& e) { e.return_value = true; });
    renderer.send_sync<bool>("settle");
  }
  ipczmq::web_contents contents() { return main.from_identity("r").value(); }
  template <class Done>
  bool poll_until(Done done) {
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (!done() && std::chrono::steady_clock::now() < until) renderer.poll(10ms);
    return done();
  }
};

}  // namespace parity
