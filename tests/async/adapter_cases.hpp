// SPDX-License-Identifier: MIT
// What holds for the adapter of any loop.
#pragma once

#include "pair.hpp"

#include <memory>

namespace ipczmq::test {

// `make`: an adapter for an endpoint, as a unique_ptr; `run` the loop until nothing is left to do.
template <class Make, class Run>
void destroy_endpoint_and_adapter_in_a_listener(bool adapter_first, Make make, Run run) {
  const temp_dir dir;
  auto main = std::make_unique<ipc_main>(main_options{.endpoints = {dir.ipc()}, .linger = 100ms});
  auto adapter = make(*main);
  main->on("end", [&](event&) {
    if (adapter_first) adapter.reset();
    main.reset();
    adapter.reset();
  });
  ipc_renderer renderer({.endpoint = dir.ipc(), .linger = 100ms});
  renderer.send("end");
  run();
  BOOST_TEST(main == nullptr);
}

}  // namespace ipczmq::test
