// SPDX-License-Identifier: MIT
#pragma once

#include "transport/socket.hpp"

#include <ipczmq/error.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ipczmq::transport::test {

// True as soon as `condition` is; false when it was not within five seconds (more under a sanitizer
// costs nothing: it is only reached by a failure).
template <class Condition>
bool eventually(Condition condition, std::chrono::seconds within = std::chrono::seconds(5)) {
  const auto give_up = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// A directory of its own for each case, gone afterwards.
class scratch_directory {
 public:
  scratch_directory() {
    char name[] = "/tmp/ipczmq-test-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] address endpoint(const std::string& name = "main.sock") const {
    return parse_address("ipc://" + file(name));
  }

 private:
  std::string path_;
};

inline bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

inline bool says(const error& e, errc code, std::string_view text) {
  BOOST_TEST_INFO(e.what());
  return e.code() == code && std::string_view(e.what()).find(text) != std::string_view::npos;
}

inline std::vector<buffer> parts(std::initializer_list<std::string_view> texts) {
  std::vector<buffer> result;
  for (const std::string_view text : texts) result.push_back(buffer::copy(text));
  return result;
}

// Receives within the deadline, with limits that do not matter.
inline bool receive(socket& s, incoming& in) {
  return eventually([&] { return s.receive(in, 100, 1u << 30); });
}

inline bool send(socket& s, std::string_view to, std::span<const buffer> what) {
  return eventually([&] { return s.send(to, what) == send_result::sent; });
}

// Waits for the next event of one kind; others are passed over.
inline bool next_event(socket& s, link_event what, monitor_event& e) {
  return eventually([&] {
    while (s.next_event(e))
      if (e.what == what) return true;
    return false;
  });
}

// Connects a dealer, and waits for it.
inline void link(socket& dealer, const std::string& endpoint) {
  const address a = parse_address(endpoint);
  dealer.connect(a);
  monitor_event e;
  if (a.scheme != scheme::inproc) BOOST_TEST_REQUIRE(next_event(dealer, link_event::connected, e));
}

// A router and one dealer named "renderer", not yet connected.
struct pair {
  context c;
  scratch_directory directory;
  socket router{c, role::router, {}};
  socket dealer{c, role::dealer, {.routing_id = "renderer"}};

  // "ipc", "tcp", "tcp6", "inproc".
  std::string bind(std::string_view kind) {
    if (kind == "ipc") return router.bind(directory.endpoint());
    if (kind == "tcp") return router.bind(parse_address("tcp://127.0.0.1:0"));
    if (kind == "tcp6") return router.bind(parse_address("tcp://[::1]:0"));
    if (kind == "abstract")
      return router.bind(parse_address("ipc://@" + directory.file("x").substr(1)));
    return router.bind(parse_address("inproc://pair"));
  }
  void connect(std::string_view kind) { link(dealer, bind(kind)); }

  // The router's first message from the dealer.
  incoming greet() {
    incoming in;
    BOOST_TEST_REQUIRE(send(dealer, {}, parts({"hello"})));
    BOOST_TEST_REQUIRE(receive(router, in));
    return in;
  }
};

}  // namespace ipczmq::transport::test
