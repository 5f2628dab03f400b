// SPDX-License-Identifier: MIT
// One case for every rule of Electron's that is kept, named after it: main and a renderer in one
// process, over inproc.
#include "parity.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <thread>

using namespace std::chrono_literals;
using ipczmq::errc;
using ipczmq::event;
using parity::fresh_endpoint;
using parity::pair;

namespace {

template <class F>
std::string text_of(F f) {
  try {
    f();
  } catch (const ipczmq::error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

template <class F>
std::error_code code_of(F f) {
  try {
    f();
  } catch (const ipczmq::error& e) {
    return e.code();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parity_test, *boost::unit_test::timeout(60))

BOOST_AUTO_TEST_CASE(R_1_send_reaches_web_contents_ipc_first_and_then_ipc_main) {
  pair p;
  std::vector<std::string> order;
  p.main.on("c", [&](event&) { order.emplace_back("main"); });
  p.contents().ipc().on("c", [&](event&) { order.emplace_back("contents"); });
  p.renderer.send("c");
  p.settle();
  BOOST_TEST(order == (std::vector<std::string>{"contents", "main"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R_2_send_sync_has_the_same_order) {
  pair p;
  std::vector<std::string> order;
  p.main.on("c", [&](event& e) {
    order.emplace_back("main");
    e.return_value = "main";
  });
  p.contents().ipc().on("c", [&](event& e) {
    order.emplace_back("contents");
    e.return_value = "contents";
  });
  BOOST_TEST(p.renderer.send_sync<std::string>("c") == "contents");
  p.settle();
  BOOST_TEST(order == (std::vector<std::string>{"contents", "main"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R_3_invoke_calls_the_first_emitter_that_has_a_handler_and_no_other) {
  pair p;
  std::atomic<int> main_called{0};
  p.main.handle("c", [&](event&) { return ++main_called; });
  p.contents().ipc().handle("c", [](event&) -> int { throw std::runtime_error("from contents"); });
  BOOST_TEST(text_of([&] { p.renderer.invoke<int>("c").get(); }) ==
             "Error invoking remote method 'c': Error: from contents");
  BOOST_TEST(main_called == 0);
  p.contents().ipc().remove_handler("c");
  BOOST_TEST(p.renderer.invoke<int>("c").get() == 1);
}

BOOST_AUTO_TEST_CASE(R_5_each_emitter_may_have_a_handler_for_the_same_channel) {
  pair p;
  p.main.handle("c", [](event&) { return 1; });
  BOOST_CHECK_NO_THROW(p.contents().ipc().handle("c", [](event&) { return 2; }));
  BOOST_TEST(p.renderer.invoke<int>("c").get() == 2);
}

BOOST_AUTO_TEST_CASE(R_20_R_21_the_first_return_value_answers_and_later_ones_are_ignored) {
  pair p;
  p.main.on("c", [](event& e) {
    e.return_value = 1;
    e.return_value = 2;
  });
  p.main.on("c", [](event& e) { e.return_value = 3; });
  BOOST_TEST(p.renderer.send_sync<int>("c") == 1);
}

BOOST_AUTO_TEST_CASE(R_22_an_empty_return_value_is_an_answer) {
  pair p;
  p.main.on("c", [](event& e) { e.return_value = nullptr; });
  BOOST_TEST(p.renderer.send_sync("c").is_nil());
}

BOOST_AUTO_TEST_CASE(R_23_the_return_value_may_come_later_from_another_thread) {
  std::jthread later;  // outlives the listener that assigns it
  pair p;
  p.main.on("c", [&](event& e) { later = std::jthread([e] { e.return_value = "late"; }); });
  BOOST_TEST(p.renderer.send_sync<std::string>("c") == "late");
}

BOOST_AUTO_TEST_CASE(R_28_send_sync_never_reaches_handlers_and_invoke_never_listeners) {
  pair p;
  p.main.handle("handled", [](event&) { return 1; });
  p.main.on("listened", [](event& e) { e.return_value = 1; });
  BOOST_TEST(code_of([&] { p.renderer.send_sync("handled"); }) == errc::no_listener);
  BOOST_TEST(code_of([&] { (void)p.renderer.invoke("listened").get(); }) == errc::no_handler);
}

BOOST_AUTO_TEST_CASE(R_40_a_second_handler_throws_electrons_text) {
  pair p;
  p.main.handle("c", [](event&) { return 1; });
  BOOST_TEST(text_of([&] { p.main.handle("c", [](event&) { return 2; }); }) ==
             "Attempted to register a second handler for 'c'");
  BOOST_TEST(code_of([&] { p.main.handle("c", [](event&) { return 2; }); }) ==
             errc::duplicate_handler);
}

BOOST_AUTO_TEST_CASE(R_41_a_handler_that_cannot_be_called_is_refused) {
  pair p;
  BOOST_TEST(code_of([&] { p.main.handle("c", std::function<int(event&)>{}); }) ==
             errc::bad_arguments);
  BOOST_TEST(text_of([&] { p.main.handle("c", std::function<int(event&)>{}); }) ==
             "Expected handler to be a function, but found type 'undefined'");
  BOOST_TEST(!p.main.has_handler("c"));
}

BOOST_AUTO_TEST_CASE(R_43_handle_once_is_gone_before_it_is_called) {
  pair p;
  p.main.handle_once("c", [&](event&) { return p.main.has_handler("c"); });
  const auto first = p.renderer.invoke<bool>("c");
  const auto second = p.renderer.invoke<bool>("c");
  BOOST_TEST(!first.get());
  BOOST_TEST(code_of([&] { second.get(); }) == errc::no_handler);
}

BOOST_AUTO_TEST_CASE(R_44_no_handler_gives_electrons_text) {
  pair p;
  BOOST_TEST(text_of([&] { (void)p.renderer.invoke("nobody").get(); }) ==
             "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'");
}

BOOST_AUTO_TEST_CASE(R_45_what_a_handler_throws_gives_electrons_text) {
  pair p;
  p.main.handle("std", [](event&) -> int { throw std::runtime_error("bad"); });
  p.main.handle("named", [](event&) -> int { throw ipczmq::remote_error("TypeError", "bad"); });
  p.main.handle("empty", [](event&) -> int { throw std::runtime_error(""); });
  BOOST_TEST(text_of([&] { (void)p.renderer.invoke("std").get(); }) ==
             "Error invoking remote method 'std': Error: bad");
  BOOST_TEST(text_of([&] { (void)p.renderer.invoke("named").get(); }) ==
             "Error invoking remote method 'named': TypeError: bad");
  BOOST_TEST(text_of([&] { (void)p.renderer.invoke("empty").get(); }) ==
             "Error invoking remote method 'empty': Error");
}

BOOST_AUTO_TEST_CASE(R_50_a_handler_answers_with_a_value_nothing_or_a_deferred) {
  std::jthread later;  // outlives the handler that assigns it
  pair p;
  p.main.handle("value", [](event&) { return 7; });
  p.main.handle("nothing", [](event&) {});
  p.main.handle("deferred", [&](event&) {
    ipczmq::deferred<int> d;
    later = std::jthread([d] { d.resolve(8); });
    return d;
  });
  BOOST_TEST(p.renderer.invoke<int>("value").get() == 7);
  BOOST_TEST(p.renderer.invoke("nothing").get().is_nil());
  BOOST_TEST(p.renderer.invoke<int>("deferred").get() == 8);
}

BOOST_AUTO_TEST_CASE(R_52_a_running_call_keeps_its_handler) {
  pair p;
  ipczmq::deferred<std::string> d;
  std::atomic<bool> entered{false};
  p.main.handle("c", [&, held = std::make_shared<std::string>("first")](event&) {
    entered = true;
    p.main.remove_handler("c");
    p.main.handle("c", [](event&) { return std::string("second"); });
    // What this callable owns is still there, although it is registered no more.
    return *held;
  });
  BOOST_TEST(p.renderer.invoke<std::string>("c").get() == "first");
  BOOST_TEST(p.renderer.invoke<std::string>("c").get() == "second");
  BOOST_TEST(entered);
}

BOOST_AUTO_TEST_CASE(R_53_removing_an_unknown_handler_is_no_error) {
  pair p;
  BOOST_CHECK_NO_THROW(p.main.remove_handler("nobody"));
}

BOOST_AUTO_TEST_CASE(R_55_handlers_start_in_order_and_answers_come_as_they_are_ready) {
  pair p;
  std::vector<int> started;
  std::vector<ipczmq::deferred<int>> open(3);
  p.main.handle("c", [&](event&, int i) {
    started.push_back(i);
    return open[static_cast<std::size_t>(i)];
  });
  std::vector<ipczmq::call<int>> calls;
  for (int i = 0; i < 3; ++i) calls.push_back(p.renderer.invoke<int>("c", i));
  p.settle();
  BOOST_TEST(started == (std::vector<int>{0, 1, 2}), boost::test_tools::per_element());
  open[2].resolve(20);
  BOOST_TEST(calls[2].get() == 20);
  BOOST_TEST(!calls[0].ready());
  open[0].resolve(0);
  open[1].resolve(10);
  BOOST_TEST(calls[0].get() == 0);
  BOOST_TEST(calls[1].get() == 10);
}

BOOST_AUTO_TEST_CASE(R_60_a_thousand_mixed_messages_arrive_in_order) {
  pair p;
  std::vector<int> seen;
  p.main.on("send", [&](event&, int i) { seen.push_back(i); });
  p.main.on("sync", [&](event& e, int i) {
    seen.push_back(i);
    e.return_value = i;
  });
  p.main.handle("invoke", [&](event&, int i) {
    seen.push_back(i);
    return i;
  });
  std::mt19937 random(42);
  std::vector<ipczmq::call<int>> calls;
  for (int i = 0; i < 1000; ++i) {
    switch (random() % 3) {
      case 0:
        p.renderer.send("send", i);
        break;
      case 1:
        BOOST_TEST_REQUIRE(p.renderer.send_sync<int>("sync", i) == i);
        break;
      default:
        calls.push_back(p.renderer.invoke<int>("invoke", i));
    }
  }
  p.settle();
  BOOST_TEST(seen.size() == 1000u);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
}

BOOST_AUTO_TEST_CASE(replies_and_pushes_to_one_renderer_are_one_ordered_stream) {
  pair p;
  std::vector<std::string> seen;
  p.renderer.on("push", [&](event&, std::string text) { seen.push_back(std::move(text)); });
  p.main.handle("c", [](event& e) {
    e.sender.send("push", "before");
    return "answer";
  });
  p.renderer.invoke<std::string>("c").then(
      [&](std::string text) { seen.push_back(std::move(text)); });
  BOOST_TEST(p.poll_until([&] { return seen.size() == 2; }));
  BOOST_TEST(seen == (std::vector<std::string>{"before", "answer"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R_80_remove_all_listeners_without_a_channel_is_allowed) {
  pair p;
  p.main.on("a", [](event&) {});
  p.main.on("b", [](event&) {});
  p.main.handle("h", [](event&) { return 1; });
  p.main.remove_all_listeners();
  BOOST_TEST(p.main.event_names().empty());
  // Handlers are not listeners.
  BOOST_TEST(p.renderer.invoke<int>("h").get() == 1);
}

BOOST_AUTO_TEST_CASE(R_82_a_peer_cannot_reach_hooks_by_the_name_of_a_channel) {
  pair p;
  std::atomic<int> hooked{0};
  std::atomic<int> heard{0};
  p.main.on_listener_added([&](std::string_view, const ipczmq::listener&) { ++hooked; });
  p.main.on("newListener", [&](event&) { ++heard; });
  p.main.on("error", [&](event&) { ++heard; });
  p.settle();
  const int before = hooked;
  p.renderer.send("newListener");
  p.renderer.send("error");
  p.settle();
  BOOST_TEST(heard == 2);
  BOOST_TEST(hooked == before + 1);  // the second settle's own listener
}

BOOST_AUTO_TEST_CASE(R_110_a_handle_outlives_its_renderer_and_keeps_its_id) {
  const std::string endpoint = fresh_endpoint();
  ipczmq::ipc_main main(endpoint);
  std::vector<std::string> order;
  std::optional<ipczmq::web_contents> kept;
  main.on("hello", [&](event& e) {
    kept = e.sender;
    order.emplace_back("message");
  });
  main.on_web_contents_created([&](ipczmq::web_contents) { order.emplace_back("created"); });
  main.on_render_process_gone([&](ipczmq::web_contents, const ipczmq::gone_details& d) {
    order.push_back("gone " + std::string(to_string(d.reason)));
  });
  main.on_destroyed([&](ipczmq::web_contents) { order.emplace_back("destroyed"); });
  {
    ipczmq::ipc_renderer renderer{{.endpoint = endpoint, .identity = "short"}};
    renderer.send("hello");
  }
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (order.size() < 4 && std::chrono::steady_clock::now() < until) main.poll(10ms);
  BOOST_TEST(
      order == (std::vector<std::string>{"created", "message", "gone clean-exit", "destroyed"}),
      boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->id() == 1u);
  BOOST_TEST(kept->identity() == "short");
  BOOST_TEST(kept->is_destroyed());
  BOOST_TEST(code_of([&] { kept->send("x"); }) == errc::peer_gone);
}

BOOST_AUTO_TEST_CASE(R_111_listeners_of_main_outlive_every_renderer) {
  const std::string endpoint = fresh_endpoint();
  ipczmq::ipc_main main(endpoint);
  main.on("c", [](event& e) { e.return_value = 1; });
  main.start();
  for (int i = 0; i < 2; ++i) {
    ipczmq::ipc_renderer renderer(endpoint);
    BOOST_TEST(renderer.send_sync<int>("c") == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
