// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/ipczmq.hpp>

#include <boost/test/unit_test.hpp>

#include "driving.hpp"
#include "endpoints.hpp"
#include "eventually.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ipczmq::test {

struct way {
  std::string_view transport = "ipc";
  std::string_view drive = "start";
};

// Runs the case over every transport, driven in every way.
template <class F>
void in_all_ways(F f) {
  for (const std::string_view transport : {"ipc", "tcp", "inproc"}) {
    for (const std::string_view drive : {"run", "start", "poll"}) {
      BOOST_TEST_CONTEXT("over " << transport << ", driven by " << drive) {
        f(way{transport, drive});
      }
    }
  }
}
template <class F>
void over_all_transports(F f) {
  for (const std::string_view transport : {"ipc", "tcp", "inproc"}) {
    BOOST_TEST_CONTEXT("over " << transport) { f(way{transport, "start"}); }
  }
}

// A main and one renderer in this process. Register listeners, then go().
class pair {
 public:
  explicit pair(way w = {}, main_options m = {}, renderer_options r = {})
      : way_(w), main(bound(std::move(m))), renderer(connected(std::move(r))) {}

  void go() {
    main_driver.emplace(main, way_.drive);
    renderer_driver.emplace(renderer, way_.drive);
  }
  // Main's handle of the renderer, once it is there.
  [[nodiscard]] web_contents contents() {
    std::optional<web_contents> w;
    if (!eventually([&] { return (w = main.from_identity(renderer.identity())).has_value(); }))
      throw std::runtime_error("the renderer does not come");
    return *w;
  }
  // Options of another renderer of this main.
  [[nodiscard]] renderer_options another(std::string identity = {}) const {
    return {.endpoint = main.endpoints().front(), .identity = std::move(identity)};
  }

 private:
  main_options bound(main_options m) {
    if (m.endpoints.empty()) m.endpoints.push_back(fresh_endpoint(way_.transport, dir));
    return m;
  }
  renderer_options connected(renderer_options r) const {
    if (r.endpoint.empty()) r.endpoint = main.endpoints().front();
    return r;
  }

  way way_;

 public:
  temp_dir dir;
  ipc_main main;
  ipc_renderer renderer;
  std::optional<driver> main_driver;
  std::optional<driver> renderer_driver;
};

// "code: text" of what `f` throws, "" when it returns.
template <class F>
std::string failure_of(F f) {
  try {
    f();
    return {};
  } catch (const error& e) {
    return std::string(errc_name(static_cast<errc>(e.code().value()))) + ": " + e.what();
  }
}
// Its code alone.
template <class F>
std::string code_of(F f) {
  const std::string failure = failure_of(f);
  return failure.substr(0, failure.find(':'));
}

inline bool contains(std::string_view text, std::string_view part) {
  BOOST_TEST_INFO(text);
  return text.find(part) != std::string_view::npos;
}

}  // namespace ipczmq::test
