// SPDX-License-Identifier: MIT
// Endpoints that close under coroutines.
#include "coroutine_fixture.hpp"
#include "pair.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace ipczmq::test;
using ipczmq::call;
using ipczmq::error;
using ipczmq::event;
using ipczmq::ipc_main;
using ipczmq::ipc_renderer;
using ipczmq::task;

namespace {

// What lambdas capture would be gone when these are resumed by a destructor.
task<int> waits_for_later(ipc_renderer& r, std::atomic<int>& alive) {
  const counted c(alive);
  co_return co_await r.invoke<int>("later");
}
task<> notes_how_it_ends(ipc_renderer& r, std::atomic<int>& alive, collected<std::string>& said) {
  const counted c(alive);
  try {
    co_await waits_for_later(r, alive);
  } catch (const error& e) {
    said.add(std::string(errc_name(e.kind())));
  }
  // Resumed after close: every use says so.
  co_await r.invoke<int>("later");
}

// Calls that are open as the endpoint closes, in every way of driving it; also those that nobody
// drives any more.
void close_under_waiting(std::string_view drive, bool destroy) {
  constexpr int count = 200;
  std::atomic<int> alive{0};
  collected<std::string> said;
  temp_dir dir;
  ipc_main main(dir.ipc());
  std::vector<ipczmq::deferred<int>> open;
  std::atomic<int> asked{0};
  main.handle("later", [&](event&) {
    open.emplace_back();
    ++asked;
    return open.back();
  });
  main.start();
  {
    ipc_renderer r({.endpoint = dir.ipc(), .linger = 100ms});
    r.on_error([&](const ipczmq::failure& f) { said.add("on_error: " + f.what); });
    std::optional<driver> d;
    if (!drive.empty()) d.emplace(r, drive);
    for (int i = 0; i < count; ++i) r.spawn(notes_how_it_ends(r, alive, said));
    BOOST_TEST(eventually([&] { return asked == count; }, 20s));
    BOOST_TEST(alive == 2 * count);
    if (!destroy) {
      r.close();
      BOOST_TEST(said.reaches(count));
    }
  }
  BOOST_TEST(said.size() == count);
  BOOST_TEST(alive == 0);
  for (const auto& s : said.all()) BOOST_TEST(s == "closed");
}

}  // namespace

BOOST_AUTO_TEST_CASE(closing_an_endpoint_ends_the_coroutines_that_wait_with_closed) {
  for (const std::string_view drive : {"", "start", "run", "poll"}) {
    BOOST_TEST_CONTEXT("driven by " << (drive.empty() ? "nobody" : drive)) {
      close_under_waiting(drive, false);
    }
  }
  BOOST_TEST_CONTEXT("destroyed, driven by nobody") { close_under_waiting("", true); }
}

BOOST_AUTO_TEST_CASE(a_coroutine_may_close_its_own_endpoint) {
  for (const std::string_view drive : {"start", "run", "poll"}) {
    BOOST_TEST_CONTEXT("driven by " << drive) {
      temp_dir dir;
      ipc_main main(dir.ipc());
      answer_sums(main);
      std::vector<ipczmq::deferred<int>> open;
      main.handle("later", [&](event&) {
        open.emplace_back();
        return open.back();
      });
      main.start();
      ipc_renderer r({.endpoint = dir.ipc(), .linger = 100ms});
      std::atomic<int> alive{0};
      collected<std::string> said;
      const auto waits = [&]() -> task<> {
        const counted c(alive);
        co_await r.invoke<int>("later");
      };
      const auto closes = [&]() -> task<> {
        const counted c(alive);
        co_await r.invoke<int>("sum", 1, 2);
        r.close();
        said.add("closed");
      };
      const driver d(r, drive);
      r.spawn(waits());
      r.spawn(closes());
      BOOST_TEST(said.is({"closed"}));
      BOOST_TEST(eventually([&] { return alive == 0; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_call_awaited_after_close_gives_what_it_has) {
  pair p;
  answer_sums(p.main);
  p.main.start();
  auto done = p.renderer.invoke<int>("sum", 1, 2);
  BOOST_TEST(done.get() == 3);
  p.renderer.close();
  collected<int> got;
  p.renderer.spawn(
      [](call<int> c, collected<int>& to) -> task<> { to.add(co_await c); }(done, got));
  BOOST_TEST(got.is({3}));
  BOOST_TEST(code_of([&] { (void)p.renderer.invoke<int>("sum", 1, 2); }) == "closed");
}

BOOST_AUTO_TEST_CASE(a_handlers_coroutine_ends_when_its_own_endpoint_closes) {
  std::atomic<int> alive{0};
  temp_dir dir;
  auto main = std::make_unique<ipc_main>(dir.ipc());
  main->handle("work", [&](event& e) -> task<int> {
    const counted c(alive);
    co_return co_await e.sender.invoke<int>("later");
  });
  ipc_renderer r(dir.ipc());
  std::vector<ipczmq::deferred<int>> open;
  r.handle("later", [&](event&) {
    open.emplace_back();
    return open.back();
  });
  r.start();
  main->start();
  auto c = r.invoke<int>("work");
  BOOST_TEST(eventually([&] { return alive == 1; }));
  main.reset();
  BOOST_TEST(alive == 0);
  BOOST_TEST(code_of([&] { c.get(); }) != "");
}
