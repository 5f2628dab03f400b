// SPDX-License-Identifier: MIT
// web_contents: main's handle of one renderer.
#include "child_process.hpp"
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(contents)

BOOST_AUTO_TEST_CASE(list_ids_and_identities_tell_who_is_there) {
  over_all_transports([](way w) {
    pair p(w, {}, {.identity = "one"});
    p.go();
    const web_contents one = p.contents();
    std::optional<ipc_renderer> second(std::in_place, p.another("two"));
    BOOST_TEST(eventually([&] { return p.main.web_contents().size() == 2; }));
    const web_contents two = p.main.from_identity("two").value();
    BOOST_TEST(one.id() == 1U);
    BOOST_TEST(two.id() == 2U);
    BOOST_TEST(one.identity() == "one");
    BOOST_TEST((p.main.from_id(2) == two));
    BOOST_TEST((p.main.web_contents() == std::vector<web_contents>{one, two}));
    BOOST_TEST(!p.main.from_id(3));
    BOOST_TEST(!p.main.from_identity("three"));
    BOOST_TEST(!two.is_destroyed());
    second.reset();
    BOOST_TEST(eventually([&] { return two.is_destroyed(); }));
    BOOST_TEST(two.id() == 2U);  // readable afterwards
    BOOST_TEST(two.identity() == "two");
    BOOST_TEST(!p.main.from_id(2));
    BOOST_TEST(p.main.web_contents().size() == 1U);
    // An id is never used again, a name is.
    second.emplace(p.another("two"));
    BOOST_TEST(eventually([&] { return p.main.from_identity("two").has_value(); }));
    BOOST_TEST(p.main.from_identity("two")->id() == 3U);
  });
}

BOOST_AUTO_TEST_CASE(sender_of_an_event_is_its_web_contents) {
  collected<web_contents> senders;
  collected<std::string> back;
  pair p;
  p.main.on("x", [&](event& event) {
    senders.add(event.sender);
    event.reply("y");
  });
  p.renderer.on("y", [&](event& event) { back.add(event.sender.identity()); });
  p.go();
  p.renderer.send("x");
  BOOST_TEST(senders.reaches(1));
  BOOST_TEST((senders.all().at(0) == p.contents()));
  BOOST_TEST(back.is({"main"}));
}

BOOST_AUTO_TEST_CASE(info_tells_of_the_process_behind) {
  for (const std::string_view transport : {"ipc", "tcp"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      const temp_dir dir;
      ipc_main main({.endpoints = {fresh_endpoint(transport, dir)}});
      const driver driving(main, "start");
      child_process renderer({PEER_PROGRAM, "renderer", main.endpoints().front(), "identity=r"});
      BOOST_TEST(renderer.ask("send_sync none x", "error ").starts_with("no_listener"));
      const web_contents c = main.from_identity("r").value();
      const peer_info i = c.info();
      BOOST_TEST(i.pid == static_cast<std::uint64_t>(renderer.pid()));
      BOOST_TEST(!i.host.empty());
      BOOST_TEST(i.endpoint.starts_with(transport));
      BOOST_TEST(i.library == "ipczmq " IPCZMQ_VERSION_STRING);
      BOOST_TEST(i.authenticated_name == "");
      BOOST_TEST(i.connected);
      BOOST_TEST(i.messages_received >= 1U);
      BOOST_TEST(c.writable());
      renderer.kill(SIGKILL);
      BOOST_TEST(eventually([&] { return c.is_destroyed(); }));
      BOOST_TEST(!c.info().connected);
      BOOST_TEST(!c.writable());
    }
  }
}

BOOST_AUTO_TEST_CASE(renderer_knows_main) {
  {
    const temp_dir dir;
    const ipc_renderer alone(
        {.endpoint = dir.ipc(), .linger = 0ms, .log = [](log_level, std::string_view) {}});
    BOOST_TEST(alone.info().library == "");
  }
  pair p({}, {.identity = "the main"});
  p.go();
  (void)p.contents();
  BOOST_TEST(eventually([&] { return p.renderer.is_connected(); }));
  BOOST_TEST(p.renderer.info().connected);
  BOOST_TEST(p.renderer.info().library == "ipczmq " IPCZMQ_VERSION_STRING);
  BOOST_TEST(p.renderer.info().pid == static_cast<std::uint64_t>(::getpid()));
}

BOOST_AUTO_TEST_CASE(own_emitter_comes_first_and_its_handler_is_the_one) {
  in_all_ways([](way w) {
    collected<std::string> heard;
    pair p(w);
    p.main.on_any([&](event&) { heard.add("main any"); });
    p.main.on("x", [&](event&) { heard.add("main"); });
    p.main.handle("h", [](event&) { return std::string("main"); });
    p.main.on_web_contents_created([&](web_contents c) {
      c.ipc().on("x", [&](event&) { heard.add("contents"); });
      c.ipc().on_any([&](event&) { heard.add("contents any"); });
      c.ipc().handle("h", [](event&) { return std::string("contents"); });
    });
    p.go();
    p.renderer.send("x");
    // both, the peer's own first. R-3: one handler, the peer's own.
    BOOST_TEST(heard.is({"contents any", "contents", "main any", "main"}));
    BOOST_TEST(p.renderer.invoke<std::string>("h").get() == "contents");
    p.contents().ipc().remove_handler("h");
    BOOST_TEST(p.renderer.invoke<std::string>("h").get() == "main");
  });
}

BOOST_AUTO_TEST_CASE(own_emitter_is_this_renderers_alone) {
  collected<std::string> heard;
  pair p({}, {}, {.identity = "one"});
  ipc_renderer other(p.another("two"));
  p.go();
  p.contents().ipc().on("x", [&](event& e) { heard.add("x of " + e.sender.identity()); });
  p.main.on("end", [&](event& e) { heard.add("end of " + e.sender.identity()); });
  other.send("x");
  other.send("end");
  BOOST_TEST(heard.reaches(1));
  p.renderer.send("x");
  BOOST_TEST(heard.is({"end of two", "x of one"}));
}

BOOST_AUTO_TEST_CASE(close_ends_the_session_for_good) {
  in_all_ways([](way w) {
    collected<std::string> closed;
    collected<std::string> gone;
    pair p(w);
    p.main.handle("open", [](event&) -> deferred<int> {
      static const deferred<int> d;
      return d;
    });
    p.main.on_render_process_gone([&](web_contents c, const gone_details& d) {
      gone.add(c.identity() + " " + std::string(to_string(d.reason)));
    });
    p.renderer.on_closed([&](const disconnect_details& d) {
      closed.add(std::string(errc_name(d.code)) + " " + d.message);
    });
    p.go();
    const web_contents c = p.contents();
    const auto call = p.renderer.invoke<int>("open");
    BOOST_TEST(p.renderer.drain(5s).complete);
    c.close();
    BOOST_TEST(c.is_destroyed());
    BOOST_TEST(failure_of([&] { (void)call.get(); }) ==
               "closed: invoke('open'): main closed this renderer");
    BOOST_TEST(closed.is({"closed main closed this renderer"}));
    BOOST_TEST(gone.is({p.renderer.identity() + " killed"}));
    BOOST_TEST(code_of([&] { p.renderer.send("x"); }) == "closed");
    BOOST_TEST(code_of([&] { c.send("x"); }) == "peer_gone");
    BOOST_TEST(p.main.web_contents().empty());
    c.close();  // no effect
  });
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_close_arrives) {
  over_all_transports([](way w) {
    collected<int> heard;
    pair p(w);
    p.renderer.on("n", [&](event&, int n) { heard.add(n); });
    p.go();
    const web_contents c = p.contents();
    for (int i = 0; i < 1000; ++i) c.send("n", i);
    c.close();
    BOOST_TEST(heard.reaches(1000));
  });
}

BOOST_AUTO_TEST_CASE(second_of_two_with_one_name_is_refused) {
  over_all_transports([](way w) {
    collected<std::string> closed;
    pair p(w, {.log = [](log_level, std::string_view) {}}, {.identity = "twin"});
    p.main.handle("who", [](event& e) { return e.sender.id(); });
    p.go();
    (void)p.contents();
    auto o = p.another("twin");
    collected<std::string> log;
    o.log = [&](log_level, std::string_view line) { log.add(std::string(line)); };
    ipc_renderer second(o);
    second.on_closed([&](const disconnect_details& d) {
      closed.add(std::string(errc_name(d.code)) + " " + d.message);
    });
    const driver driving(second, w.drive);
    BOOST_TEST(closed.reaches(1));
    BOOST_TEST(contains(
        closed.all().at(0),
        "duplicate_identity main refused this renderer: another renderer is named 'twin'"));
    BOOST_TEST(log.all().at(0).ends_with("; it does not connect again"));
    BOOST_TEST(code_of([&] { second.send("x"); }) == "duplicate_identity");
    o.connect_within = 5s;
    BOOST_TEST(failure_of([&] {
                 ipc_renderer third(o);
               }).starts_with("duplicate_identity: main refused this renderer"));
    BOOST_TEST(p.renderer.invoke<int>("who").get() == 1);
  });
}

BOOST_AUTO_TEST_CASE(run_of_a_renderer_that_is_refused_or_sent_away_returns_after_on_closed) {
  over_all_transports([](way w) {
    const auto quiet = [](log_level, std::string_view) {};
    pair p(w, {}, {.identity = "twin", .log = quiet});
    const web_contents first = p.contents();
    auto o = p.another("twin");
    o.log = quiet;
    std::string closed;
    ipc_renderer second(o);
    second.on_closed([&](const disconnect_details& d) { closed = errc_name(d.code); });
    second.run();
    BOOST_TEST(closed == "duplicate_identity");
    closed.clear();
    second.run();  // nothing is left to dispatch
    BOOST_TEST(closed.empty());
    o.identity = "third";
    ipc_renderer third(o);
    third.on_connected([&] { p.main.from_identity("third")->close(); });
    third.on_closed([&](const disconnect_details& d) { closed = errc_name(d.code); });
    third.run();
    BOOST_TEST(closed == "closed");
    BOOST_TEST(!first.is_destroyed());
  });
}

BOOST_AUTO_TEST_CASE(second_of_two_with_one_name_replaces_the_first_by_option) {
  over_all_transports([](way w) {
    collected<std::string> closed;
    collected<std::string> gone;
    const auto quiet = [](log_level, std::string_view) {};
    pair p(w, {.duplicates = duplicate_policy::replace, .log = quiet},
           {.identity = "twin", .log = quiet});
    p.main.handle("who", [](event& e) { return e.sender.id(); });
    p.main.on_render_process_gone([&](web_contents c, const gone_details& d) {
      gone.add(std::to_string(c.id()) + " " + std::string(to_string(d.reason)));
    });
    p.renderer.on_closed(
        [&](const disconnect_details& d) { closed.add(std::string(errc_name(d.code))); });
    p.go();
    (void)p.contents();
    ipc_renderer second(p.another("twin"));
    BOOST_TEST(second.invoke<int>("who").get() == 2);
    BOOST_TEST(closed.is({"closed"}));
    BOOST_TEST(gone.is({"1 killed"}));
    BOOST_TEST(p.main.web_contents().size() == 1U);
  });
}

BOOST_AUTO_TEST_SUITE_END()
