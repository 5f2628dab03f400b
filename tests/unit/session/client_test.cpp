// SPDX-License-Identifier: MIT
#include "lone_client.hpp"

using namespace session_test;

BOOST_AUTO_TEST_SUITE(client_)

BOOST_AUTO_TEST_CASE(hello_is_said_when_the_connection_is_there_and_every_500_ms_until_answered) {
  lone_client a;
  BOOST_TEST(text_of(a.link_up().peer.send) == "#0 hello");
  BOOST_TEST(a.said().clock == 5000u);
  BOOST_TEST((a.c.next_due() == start + 500ms));
  a.now += 499ms;
  BOOST_TEST(text_of(a.tick().peer.send) == "");
  a.now += 1ms;
  BOOST_TEST(text_of(a.tick().peer.send) == "#0 hello");
  BOOST_TEST(a.said().clock == 5500u);
  BOOST_TEST(a.welcomed().connected);
  BOOST_TEST(a.c.connected());
  a.now += 500ms;
  BOOST_TEST(text_of(a.tick().peer.send) == "");
}

BOOST_AUTO_TEST_CASE(from_its_first_hello_until_the_connection_is_lost_main_may_know_it) {
  lone_client a;
  BOOST_TEST(!a.c.introduced());
  a.link_up();
  BOOST_TEST(a.c.introduced());
  a.link_down();
  BOOST_TEST(!a.c.introduced());
  a.open();
  BOOST_TEST(a.c.introduced());
  a.link_down();
  BOOST_TEST(!a.c.introduced());
  a.link_up();
  BOOST_TEST(a.c.introduced());
  a.refused("refused");
  BOOST_TEST(!a.c.introduced());
}

BOOST_AUTO_TEST_CASE(after_its_bye_it_says_no_hello_and_a_welcome_is_too_late) {
  lone_client a;
  a.link_up();
  (void)a.c.current().bye("closed");
  a.now += 500ms;
  BOOST_TEST(text_of(a.tick().peer.send) == "");
  BOOST_TEST(!a.welcomed().connected);
  BOOST_TEST(!a.c.connected());
}

BOOST_AUTO_TEST_CASE(until_the_welcome_everything_else_is_ignored_and_a_second_welcome_too) {
  lone_client a;
  a.link_up();
  a.builder.event("c", numbered(1).view());
  BOOST_TEST(!a.came(1).peer.deliver);
  a.builder.bye("killed", 0);
  BOOST_TEST(!a.came().closed.has_value());
  a.refused("unknown_session");
  BOOST_TEST(!a.c.closed());
  a.welcomed();
  BOOST_TEST(!a.welcomed(lone_client::plain_welcome(2)).connected);
  BOOST_TEST((a.c.main()->session == secret_of(1)));
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_the_welcome_goes_out_after_it) {
  lone_client a;
  a.c.current().event("c", numbered(1).view());
  a.fx.clear();
  a.c.flush(a.now, a.fx);
  BOOST_TEST(a.fx.peer.send.empty());
  a.open();
  a.fx.clear();
  a.c.flush(a.now, a.fx);
  BOOST_TEST(text_of(a.fx.peer.send) == "#1 event 1");
}

BOOST_AUTO_TEST_CASE(a_refusal_closes_with_its_code) {
  struct {
    const char* code;
    errc becomes;
  } const table[] = {
      {"bad_frame", errc::bad_frame},       {"duplicate_identity", errc::duplicate_identity},
      {"incompatible", errc::incompatible}, {"forbidden", errc::forbidden},
      {"refused", errc::refused},           {"timed_out", errc::refused},
      {"something new", errc::refused}};
  for (const auto& row : table) {
    for (const bool open : {false, true}) {
      lone_client a;
      if (open) {
        a.open();
      } else {
        a.link_up();
      }
      a.c.current().call(kind::invoke, "c", numbered(1).view(), never, named("x"));
      a.c.current().event("c", numbered(2).view());
      a.refused(row.code);
      BOOST_TEST((a.fx.closed.value().code == row.becomes));
      BOOST_TEST(a.fx.closed->lost.unsent == 1u);
      BOOST_TEST(joined(texts_of(a.fx.peer.completed)) ==
                 "x " + std::string(errc_name(row.becomes)));
      BOOST_TEST((a.c.why().code == row.becomes));
      BOOST_TEST(a.c.closed());
      BOOST_TEST((a.c.next_due() == never));
      a.welcomed();
      a.now += 1h;
      a.tick();
      BOOST_TEST(!a.c.connected());
      BOOST_TEST(a.fx.peer.send.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_welcome_that_does_not_suit_is_refused) {
  const auto try_welcome = [](auto change) {
    lone_client a;
    a.link_up();
    wire::welcome w = lone_client::plain_welcome();
    change(w);
    a.welcomed(w);
    BOOST_TEST(a.c.closed());
    return text_of(a.fx.peer.send) + " " + std::string(errc_name(a.c.why().code));
  };
  BOOST_TEST(try_welcome([](auto& w) { w.protocol = 2; }) == "#0 refuse incompatible incompatible");
  BOOST_TEST(try_welcome([](auto& w) { w.limits.messages = 1; }) ==
             "#0 refuse incompatible incompatible");
  BOOST_TEST(try_welcome([](auto& w) { w.resumed = true; }) == "#0 refuse bad_frame bad_frame");
}

BOOST_AUTO_TEST_CASE(a_malformed_frame_is_refused_once) {
  lone_client a;
  a.open();
  a.fx.clear();
  a.c.on_malformed("why", a.now, a.fx);
  BOOST_TEST(text_of(a.fx.peer.send) == "#0 refuse bad_frame");
  BOOST_TEST((a.fx.closed.value().code == errc::bad_frame));
  a.fx.clear();
  a.c.on_malformed("why", a.now, a.fx);
  BOOST_TEST(a.fx.peer.send.empty());

  lone_client b;
  b.open();
  b.builder.subscription(kind::subscribe, "x");  // the wrong direction
  BOOST_TEST(text_of(b.came(1).peer.send) == "#0 refuse bad_frame");
  BOOST_TEST(b.c.closed());
}

BOOST_AUTO_TEST_CASE(when_the_connection_breaks_the_session_is_asked_for_again) {
  lone_client a;
  a.open();
  a.builder.event("c", numbered(1).view());
  a.came(1);
  BOOST_TEST((a.link_down().disconnected.value().code == errc::disconnected));
  BOOST_TEST(!a.fx.new_socket);
  BOOST_TEST(!a.c.connected());
  a.link_up();
  const wire::hello h = a.said();
  BOOST_TEST((h.resume.value() == wire::resume_request{secret_of(1), secret_of(101), 1}));
  wire::welcome w = lone_client::plain_welcome();
  w.resumed = true;
  BOOST_TEST(a.welcomed(w).recovered);
  BOOST_TEST(!a.fx.connected);
  BOOST_TEST(a.c.connected());
}

BOOST_AUTO_TEST_CASE(a_late_welcome_does_not_end_the_session_that_is_to_be_resumed) {
  lone_client a;
  a.open();
  a.link_down();
  a.link_up();
  a.welcomed();  // the answer to a hello of before
  BOOST_TEST(!a.c.connected());
  BOOST_TEST(!a.fx.disconnected.has_value());
  wire::welcome other = lone_client::plain_welcome(2);
  other.resumed = true;
  a.welcomed(other);
  BOOST_TEST((a.c.why().code == errc::bad_frame));
}

BOOST_AUTO_TEST_CASE(a_welcome_that_comes_after_its_connection_has_broken_is_no_answer) {
  lone_client a;
  wire::welcome w = lone_client::plain_welcome();
  for (const bool resumed : {false, true}) {
    w.resumed = resumed;
    a.link_up();
    a.link_down();
    BOOST_TEST((!a.welcomed(w).connected && !a.fx.recovered));
    a.link_up();
    BOOST_TEST((a.welcomed(w).connected || a.fx.recovered));
    a.link_down();
  }
}

BOOST_AUTO_TEST_CASE(a_welcome_to_a_hello_of_the_connection_before_is_no_answer) {
  lone_client a;
  a.link_up();
  const std::uint64_t before = a.said().attempt;
  a.link_down();
  a.link_up();
  wire::welcome w = lone_client::plain_welcome();
  w.attempt = before;
  BOOST_TEST(!a.welcomed(w).connected);
  w.attempt = before + 1;
  BOOST_TEST(a.welcomed(w).connected);
}

BOOST_AUTO_TEST_CASE(a_welcome_that_acknowledges_what_was_never_sent_is_malformed) {
  lone_client a;
  a.open();
  a.link_down();
  a.link_up();
  wire::welcome w = lone_client::plain_welcome();
  w.resumed = true;
  w.received = 1;
  a.welcomed(w);
  BOOST_TEST((a.c.why().code == errc::bad_frame));
}

BOOST_AUTO_TEST_CASE(while_it_waits_to_be_resumed_it_says_nothing_but_hello) {
  lone_client a;
  a.open();
  a.c.current().event("c", numbered(1).view());
  a.link_down();
  a.link_up();
  for (int i = 0; i < 9; ++i) {
    a.now += 500ms;
    BOOST_TEST(text_of(a.tick().peer.send) == "#0 hello");
    a.fx.clear();
    a.c.flush(a.now, a.fx);
    BOOST_TEST(a.fx.peer.send.empty());
  }
}

BOOST_AUTO_TEST_CASE(what_ends_the_session_but_not_the_renderer) {
  struct row {
    const char* name;
    std::function<void(lone_client&)> happens;
    const char* sent_call;
  };
  const row table[] = {
      {"bye", [](auto& a) { a.builder.bye("closed", 0), a.came(); }, "disconnected"},
      {"an unknown bye", [](auto& a) { a.builder.bye("new", 0), a.came(); }, "disconnected"},
      {"unknown_session", [](auto& a) { a.refused("unknown_session"); }, "main_restarted"},
      {"main has died",
       [](auto& a) {
         a.fx.clear();
         a.c.on_main_died(a.now, a.fx);
       },
       "main_restarted"},
      {"not resumed in time",
       [](auto& a) {
         a.link_down();
         a.now += 15s;
         a.tick();
       },
       "disconnected"},
  };
  for (const row& r : table) {
    BOOST_TEST_CONTEXT(r.name) {
      lone_client a;
      a.open();
      const auto call = [&a](const char* name) {
        a.c.current().call(kind::invoke, "c", numbered(1).view(), never, named(name));
      };
      a.c.current().event("c", numbered(1).view());
      call("sent");
      a.c.flush(a.now, a.fx);
      call("unsent");
      r.happens(a);
      BOOST_TEST(joined(texts_of(a.fx.peer.completed)) == std::string("sent ") + r.sent_call);
      BOOST_TEST(a.fx.new_socket);
      BOOST_TEST(a.fx.disconnected.value().lost.unknown == 1u);
      BOOST_TEST(a.fx.disconnected.value().lost.total() == 1u);
      BOOST_TEST(!a.c.closed());
      a.link_up();
      BOOST_TEST(!a.said().resume.has_value());
      BOOST_TEST(a.welcomed(lone_client::plain_welcome(2)).connected);
      a.fx.clear();
      a.c.flush(a.now, a.fx);
      BOOST_TEST(text_of(a.fx.peer.send) == "#1 invoke 2");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_routing_id_whose_session_was_over_before_its_welcome_came_is_given_up) {
  lone_client a;
  a.link_up();
  a.now += 100ms;
  a.refused("unknown_session");
  BOOST_TEST(!a.fx.new_socket);
  BOOST_TEST(!a.c.closed());
  a.now = start + 500ms;  // not faster than hellos are
  BOOST_TEST((a.c.next_due() == a.now));
  a.tick();
  BOOST_TEST(a.fx.new_socket);
  BOOST_TEST(!a.fx.keep_name);
  BOOST_TEST(text_of(a.link_up().peer.send) == "#0 hello");
  a.now += 500ms;
  BOOST_TEST(text_of(a.tick().peer.send) == "#0 hello");
  BOOST_TEST(!a.fx.new_socket);
  BOOST_TEST(a.welcomed().connected);
}

BOOST_AUTO_TEST_CASE(main_answers_with_another_session) {
  lone_client a;
  a.open();
  a.c.current().call(kind::invoke, "c", numbered(1).view(), never, named("sent"));
  a.c.flush(a.now, a.fx);
  a.link_down();
  a.c.current().event("c", numbered(2).view());
  a.link_up();
  a.welcomed(lone_client::plain_welcome(2));
  BOOST_TEST(a.fx.connected);
  BOOST_TEST(!a.fx.new_socket);
  BOOST_TEST(joined(texts_of(a.fx.peer.completed)) == "sent main_restarted");
  BOOST_TEST((a.fx.disconnected.value().code == errc::main_restarted));
  a.fx.clear();
  a.c.flush(a.now, a.fx);
  BOOST_TEST(text_of(a.fx.peer.send) == "#1 event 2");
}

BOOST_AUTO_TEST_CASE(killed_it_does_not_come_back) {
  lone_client a;
  a.open();
  a.c.current().call(kind::invoke, "c", numbered(1).view(), never, named("x"));
  a.builder.bye("killed", 0);
  a.came();
  BOOST_TEST(text_of(a.fx.peer.send) == "#0 bye closed");
  BOOST_TEST((a.fx.closed.value().code == errc::closed));
  BOOST_TEST(joined(texts_of(a.fx.peer.completed)) == "x closed");
}

BOOST_AUTO_TEST_CASE(its_own_bye_ends_it_however_it_is_answered) {
  const std::function<void(lone_client&)> table[] = {
      [](auto& a) { a.builder.bye("closed", 0), a.came(); },
      [](auto& a) { a.builder.bye("killed", 9), a.came(); },
      [](auto& a) { a.refused("unknown_session"); },
      [](auto& a) { a.link_down(); },
      [](auto& a) {
        a.now += 5s;
        a.tick();
      },
  };
  for (const auto& happens : table) {
    lone_client a;
    a.open();
    a.c.current().call(kind::invoke, "c", numbered(1).view(), never, named("x"));
    (void)a.c.current().bye("closed");
    happens(a);
    BOOST_TEST(a.c.closed());
    BOOST_TEST(!a.fx.new_socket);
    BOOST_TEST(a.fx.peer.send.empty());
    BOOST_TEST(!a.fx.closed.has_value());
    BOOST_TEST(!a.fx.disconnected.has_value());
    BOOST_TEST(joined(texts_of(a.fx.peer.completed)) == "x closed");
  }
}

BOOST_AUTO_TEST_CASE(a_silent_main_is_lost_and_looked_for_from_a_new_socket) {
  lone_client a;
  a.open();
  a.now += 5s;
  a.tick();
  BOOST_TEST(a.fx.new_socket);
  BOOST_TEST((a.fx.disconnected.value().code == errc::disconnected));
  a.link_up();
  BOOST_TEST(a.said().resume.has_value());
}

BOOST_AUTO_TEST_CASE(mains_intervals_are_used) {
  lone_client a;
  wire::welcome w = lone_client::plain_welcome();
  w.ping_interval = 100;
  w.ping_timeout = 300;
  a.link_up();
  a.welcomed(w);
  BOOST_TEST((a.c.next_due() == start + 100ms));
  a.now += 300ms;
  BOOST_TEST(a.tick().new_socket);
}

BOOST_AUTO_TEST_SUITE_END()
