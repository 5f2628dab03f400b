// SPDX-License-Identifier: MIT
// What the tests of the asio adapter share; compiled with the standalone asio, and with Boost's.
#pragma once

#include <utility>  // Boost 1.74 forgets it

#ifdef IPCZMQ_USE_BOOST_ASIO
#include <boost/asio.hpp>
#else
#include <asio.hpp>
#endif
#include <ipczmq/asio.hpp>

#include "pair.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace ipczmq::test {

// A main and a renderer in one io_context, which ends with an error should nobody stop it.
struct looped {
  temp_dir dir;
  net::io_context io;
  ipc_main main{{.endpoints = {dir.ipc()}, .linger = 100ms}};
  ipc_renderer renderer{{.endpoint = dir.ipc(), .linger = 100ms}};
  asio_adapter main_loop{io, main};
  asio_adapter renderer_loop{io, renderer};
  net::steady_timer too_long{io, 20s};
  bool in_time = true;

  looped() {
    too_long.async_wait([this](asio_error_code failed) {
      if (failed) return;
      in_time = false;
      io.stop();
    });
    main.handle("sum", [](event&, int a, int b) { return a + b; });
    main.handle("fail", [](event&) -> int { throw ipczmq::remote_error("RangeError", "too far"); });
    main.handle("never", [this](event& e) {
      kept.push_back(e);
      open.emplace_back();
      return open.back();
    });
  }
  void run() {
    io.run();
    io.restart();
    BOOST_TEST(in_time, "nothing stopped the loop within 20 s");
  }
  std::vector<event> kept;
  std::vector<ipczmq::deferred<int>> open;
};

inline std::string text_of(const std::exception_ptr& e) {
  if (e == nullptr) return "nothing";
  try {
    std::rethrow_exception(e);
  } catch (const std::exception& x) {
    return x.what();
  }
}

}  // namespace ipczmq::test
