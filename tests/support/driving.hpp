// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/endpoint.hpp>
#include <ipczmq/error.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <string_view>
#include <thread>

namespace ipczmq::test {

// Drives an endpoint in one of the three ways until it is destroyed: "run" on a thread, "start", or
// "poll": a bare loop that knows nothing but fd() and poll().
class driver {
 public:
  driver(endpoint& e, std::string_view way) : endpoint_(e), way_(way) {
    if (way == "run") {
      thread_ = std::thread([&e] { until_closed([&e] { e.run(); }); });
    } else if (way == "start") {
      e.start();
    } else {
      over_ = ::eventfd(0, EFD_CLOEXEC);
      thread_ = std::thread([this, fd = e.fd()] { loop(fd); });
    }
  }
  ~driver() {
    if (way_ == "poll") {
      ::eventfd_write(over_, 1);
    } else {
      endpoint_.stop();
    }
    if (thread_.joinable()) thread_.join();
    if (over_ >= 0) ::close(over_);
  }
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;

 private:
  void loop(int fd) {
    for (;;) {
      pollfd p[] = {{fd, POLLIN, 0}, {over_, POLLIN, 0}};
      if (::poll(p, 2, -1) < 0) continue;
      if (p[1].revents != 0) return;
      if (!until_closed([this] { endpoint_.poll(); })) return;
    }
  }
  // False when the endpoint was closed already.
  template <class F>
  static bool until_closed(F f) {
    try {
      f();
      return true;
    } catch (const error& e) {
      if (e.code() == errc::closed) return false;
      throw;
    }
  }

  endpoint& endpoint_;
  std::string_view way_;
  std::thread thread_;
  int over_ = -1;
};

}  // namespace ipczmq::test
