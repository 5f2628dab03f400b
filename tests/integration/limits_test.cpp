// SPDX-License-Identifier: MIT
// What one side sends and the other does not accept is the sender's to hear of, and costs nobody
// the session.
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(limits)

namespace {

const log_callback quiet = [](log_level, std::string_view) {};

// Arrays in each other, so many.
struct nest {
  std::uint32_t depth;
  template <class Packer>
  void msgpack_pack(Packer& p) const {
    for (std::uint32_t i = 0; i < depth; ++i) p.pack_array(1);
    p.pack_nil();
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_sent_before_main_came_and_is_too_large_for_it_is_reported) {
  over_all_transports([](way w) {
    const temp_dir dir;
    // The renderer has to know the port, so a main comes and goes first.
    std::string endpoint = fresh_endpoint(w.transport, dir);
    if (w.transport == "tcp") endpoint = ipc_main({.endpoints = {endpoint}}).endpoints().front();
    collected<std::string> lost;
    collected<std::string> logged;
    ipc_renderer renderer({.endpoint = endpoint, .log = [&](log_level, std::string_view line) {
                             logged.add(std::string(line));
                           }});
    renderer.on_error([&](const failure& f) { lost.add(f.channel + " to " + f.peer); });
    renderer.start();
    renderer.send("first", "small");
    renderer.send("large", std::string(2 << 20, 'x'));
    renderer.send("large", buffer::copy(std::string(3 << 19, 'x')));
    const auto call = renderer.invoke("ask", std::string(2 << 20, 'x'));
    renderer.send("last", std::string(900 << 10, 'x'));

    collected<std::string> came;
    ipc_main main({.endpoints = {endpoint}, .limits = {.part_bytes = 1 << 20}});
    main.on_any([&](event& e, args) { came.add(std::string(e.channel)); });
    main.start();
    BOOST_TEST(came.is({"first", "last"}));
    BOOST_TEST(lost.is({"large to main", "large to main"}));
    const std::string failure = failure_of([&] { (void)call.get_for(5s); });
    BOOST_TEST(contains(
        failure,
        "too_large: invoke('ask'): what was sent on 'ask' before the other side was there"));
    BOOST_TEST(contains(failure, "it accepts parts of 1048576"));
    const auto lines = logged.all();
    BOOST_TEST(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
                 return line.starts_with("a message to 'main' is lost: what was sent on 'large'");
               }) == 2);
    BOOST_TEST(renderer.statistics().messages_lost == 2U);
    BOOST_TEST(renderer.is_connected());
    BOOST_TEST(main.statistics().frames_malformed == 0U);
  });
}

BOOST_AUTO_TEST_CASE(before_main_comes_what_it_may_accept_is_accepted) {
  const temp_dir dir;
  ipc_renderer renderer({.endpoint = dir.ipc(), .limits = {.part_bytes = 128 << 20}, .log = quiet});
  renderer.send("large", buffer::copy(std::string(65 << 20, 'x')));
  collected<std::size_t> came;
  ipc_main main({.endpoints = {dir.ipc()}, .limits = {.part_bytes = 128 << 20}});
  main.on("large", [&](event&, buffer b) { came.add(b.size()); });
  main.start();
  BOOST_TEST(came.is({65U << 20}));
}

BOOST_AUTO_TEST_CASE(what_nests_too_deep_is_refused_at_the_sender) {
  collected<std::uint32_t> came;
  pair p({}, {.log = quiet}, {.log = quiet});
  p.main.on("deep", [&](event&, args) { came.add(1); });
  p.renderer.on("deep", [&](event&, args) { came.add(2); });
  p.main.handle("make", [](event&, std::uint32_t depth) { return nest{depth}; });
  p.main.on("make", [](event& e, std::uint32_t depth) { e.return_value = nest{depth}; });
  p.main.handle("fail",
                [](event&) -> int { throw remote_error("Deep", "data", ipczmq::pack(nest{100})); });
  p.go();
  const web_contents c = p.contents();
  // The array of the arguments is a level of its own.
  for (const std::uint32_t depth : {64U, 100U, 600U}) {
    const std::string wrong =
        "bad_arguments: the arguments for 'deep': arrays and maps nested deeper than 64";
    BOOST_TEST(failure_of([&] { p.renderer.send("deep", nest{depth}); }) == wrong);
    BOOST_TEST(failure_of([&] { (void)p.renderer.invoke("deep", nest{depth}); }) == wrong);
    BOOST_TEST(failure_of([&] { c.send("deep", nest{depth}); }) == wrong);
    BOOST_TEST(p.main.broadcast("deep", nest{depth}) == 0U);
    if (depth == 64) continue;
    const std::string answer = "the answer is nested deeper than the caller accepts";
    BOOST_TEST(failure_of([&] { p.renderer.invoke("make", depth).get(); }) ==
               "too_large: Error invoking remote method 'make': Error: " + answer);
    BOOST_TEST(failure_of([&] { p.renderer.send_sync<value>("make", depth); }) ==
               "too_large: Error sending synchronous message 'make': Error: " + answer);
  }
  BOOST_TEST(code_of([&] { p.renderer.invoke("fail").get(); }) == "remote_failed");
  p.renderer.send("deep", nest{63});
  BOOST_TEST(came.is({1}));
  BOOST_TEST(p.main.broadcast("deep", nest{63}) == 1U);
  BOOST_TEST(came.is({1, 2}));
  (void)p.renderer.invoke<value>("make", 64U).get();
  BOOST_TEST(p.renderer.is_connected());
}

BOOST_AUTO_TEST_CASE(renderer_with_more_channels_than_main_keeps_hears_of_all) {
  collected<std::string> heard;
  pair p;
  const auto name = [](int i) { return "channel " + std::to_string(i); };
  std::vector<listener> tokens;
  for (int i = 0; i < 65600; ++i) {
    tokens.push_back(
        p.renderer.on(name(i), [&heard](event& e) { heard.add(std::string(e.channel)); }));
  }
  p.go();
  (void)p.contents();
  BOOST_TEST(eventually([&] { return p.main.publish(name(65599)) == 1; }));
  BOOST_TEST(heard.is({name(65599)}));
  p.main.publish(name(5));
  BOOST_TEST(heard.is({name(65599), name(5)}));
  BOOST_TEST(p.renderer.is_connected());
}

BOOST_AUTO_TEST_SUITE_END()
