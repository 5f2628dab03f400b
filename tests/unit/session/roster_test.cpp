// SPDX-License-Identifier: MIT
#include "session/roster.hpp"
#include "session_support.hpp"

namespace {

using namespace session_test;
using session::admission;
using session::roster;
using what = enum admission::what;

std::string routing(const std::string& identity, int nonce) {
  return identity + '\0' + std::string(16, static_cast<char>(nonce));
}

// Says hello, and puts the answer into words.
struct door {
  explicit door(bool replace = false) : table(replace) {}

  roster table;
  int secrets = 0;
  std::string code;
  std::uint64_t replaced = 0;

  static wire::hello named_hello(const std::string& identity) {
    wire::hello h;
    h.identity = identity;
    return h;
  }
  std::string hello(const wire::hello& h, const std::string& routing_id) {
    const admission a = table.on_hello(h, routing_id, [this] { return secret_of(++secrets); });
    replaced = a.replaces;
    code = a.code;
    static constexpr const char* names[] = {"fresh", "again", "resumed", "refused", "late"};
    const std::string text = names[static_cast<int>(a.what)];
    return a.what == what::refused ? text + " " + a.code : text + " " + std::to_string(a.id);
  }
  std::string hello(const std::string& identity, int nonce) {
    return hello(named_hello(identity), routing(identity, nonce));
  }
  std::string resume(const std::string& identity, int nonce, std::uint64_t id) {
    const roster::entry* e = table.find(id);
    wire::hello h = named_hello(identity);
    h.resume = e != nullptr ? wire::resume_request{e->session, e->secret, 0}
                            : wire::resume_request{secret_of(90), secret_of(91), 0};
    return hello(h, routing(identity, nonce));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(roster_)

BOOST_AUTO_TEST_CASE(renderers_are_numbered_and_numbers_are_never_reused) {
  door d;
  BOOST_TEST(d.hello("a", 1) == "fresh 1");
  BOOST_TEST(d.hello("b", 1) == "fresh 2");
  d.table.remove(2);
  BOOST_TEST(d.hello("b", 2) == "fresh 3");
  BOOST_TEST(d.table.by_identity("b") == 3u);
  BOOST_TEST(d.table.by_routing_id(routing("b", 2)) == 3u);
  BOOST_TEST(d.table.by_routing_id(routing("b", 1)) == 0u);
  BOOST_TEST((d.table.find(2) == nullptr));
  d.table.remove(2);
}

BOOST_AUTO_TEST_CASE(secrets_are_fresh_for_each_session) {
  door d;
  d.hello("a", 1);
  d.hello("b", 1);
  const auto *a = d.table.find(1), *b = d.table.find(2);
  BOOST_TEST((a->session != b->session && a->secret != b->secret && a->session != a->secret));
}

BOOST_AUTO_TEST_CASE(a_repeated_hello_is_welcomed_again) {
  door d;
  d.hello("a", 1);
  BOOST_TEST(d.hello("a", 1) == "again 1");
  d.table.set_linked(1, false);
  BOOST_TEST(d.hello("a", 1) == "again 1");
  BOOST_TEST(d.table.find(1)->linked);
}

BOOST_AUTO_TEST_CASE(an_identity_that_does_not_fit_its_routing_id_is_refused) {
  const std::string table[] = {routing("b", 1),
                               "a",
                               std::string("a\0", 2) + std::string(15, 'x'),
                               std::string("a\0", 2) + std::string(17, 'x'),
                               std::string(18, 'a'),
                               ""};
  for (const std::string& routing_id : table) {
    door d;
    BOOST_TEST(d.hello(door::named_hello("a"), routing_id) == "refused refused");
  }
  door d;
  BOOST_TEST(d.hello("", 1) == "refused refused");
  BOOST_TEST(d.hello(std::string(201, 'a'), 1) == "refused refused");
  BOOST_TEST(d.hello(std::string(200, 'a'), 1) == "fresh 1");
  BOOST_TEST(d.hello("\xff", 1) == "refused refused");
}

BOOST_AUTO_TEST_CASE(versions_need_common_ground) {
  struct {
    std::uint32_t low, high;
    const char* answer;
  } const table[] = {{1, 1, "fresh 1"}, {1, 9, "fresh 1"}, {2, 9, "refused incompatible"}};
  for (const auto& row : table) {
    door d;
    wire::hello h = door::named_hello("a");
    h.protocol_min = row.low;
    h.protocol = row.high;
    BOOST_TEST(d.hello(h, routing("a", 1)) == row.answer);
  }
}

BOOST_AUTO_TEST_CASE(a_second_live_renderer_of_one_identity_is_refused_or_replaces_the_first) {
  door d;
  d.hello("a", 1);
  BOOST_TEST(d.hello("a", 2) == "refused duplicate_identity");
  BOOST_TEST(d.table.by_routing_id(routing("a", 1)) == 1u);

  door replacing(true);
  replacing.hello("a", 1);
  BOOST_TEST(replacing.hello("a", 2) == "fresh 2");
  BOOST_TEST(replacing.replaced == 1u);
  BOOST_TEST(replacing.table.by_routing_id(routing("a", 1)) == 0u);
}

BOOST_AUTO_TEST_CASE(a_renderer_that_begins_anew_is_not_its_own_rival) {
  const auto said = [](int instance, std::uint64_t attempt) {
    wire::hello h = door::named_hello("a");
    h.instance = secret_of(instance);
    h.attempt = attempt;
    return h;
  };
  door d;
  BOOST_TEST(d.hello(said(1, 1), routing("a", 1)) == "fresh 1");
  BOOST_TEST(d.hello(said(2, 9), routing("a", 2)) == "refused duplicate_identity");
  BOOST_TEST(d.hello("a", 2) == "refused duplicate_identity");
  BOOST_TEST(d.hello(said(1, 4), routing("a", 3)) == "fresh 2");
  BOOST_TEST(d.replaced == 1u);
  // What it said before, and what it said on another connection, comes late.
  BOOST_TEST(d.hello(said(1, 3), routing("a", 1)) == "late 0");
  BOOST_TEST(d.hello(said(1, 3), routing("a", 3)) == "late 0");
  wire::hello resume = said(1, 2);
  resume.resume = wire::resume_request{d.table.find(2)->session, d.table.find(2)->secret, 0};
  BOOST_TEST(d.hello(resume, routing("a", 4)) == "late 0");
  BOOST_TEST(d.table.by_identity("a") == 2u);
  BOOST_TEST(d.hello(said(1, 4), routing("a", 3)) == "again 2");
  resume.attempt = 6;
  BOOST_TEST(d.hello(resume, routing("a", 4)) == "resumed 2");
  BOOST_TEST(d.hello(said(1, 5), routing("a", 4)) == "late 0");
}

BOOST_AUTO_TEST_CASE(what_a_connection_said_before_it_was_taken_over_comes_late) {
  const std::string renamed = std::string(1, '\0') + "\x6b\x8b\x45\x67";
  wire::hello h = door::named_hello("a");
  h.instance = secret_of(1);
  h.attempt = 9;
  door d;
  BOOST_TEST(d.hello(h, renamed) == "refused refused");  // of one that sets no routing id
  BOOST_TEST(d.hello(h, routing("a", 1)) == "fresh 1");
  BOOST_TEST(d.hello(h, renamed) == "late 0");
  BOOST_TEST(d.table.by_routing_id(routing("a", 1)) == 1u);
  h.attempt = 10;
  BOOST_TEST(d.hello(h, "a") == "refused refused");
  h.instance = secret_of(2);
  BOOST_TEST(d.hello(h, renamed) == "refused refused");
}

BOOST_AUTO_TEST_CASE(a_routing_id_whose_session_is_over_begins_no_other) {
  door d;
  d.hello("a", 1);
  d.table.remove(1);
  BOOST_TEST(d.hello("a", 1) == "refused unknown_session");
  BOOST_TEST(d.resume("a", 1, 1) == "refused unknown_session");
  BOOST_TEST(d.hello("a", 2) == "fresh 2");
  // Also when it was given up for another one.
  d.table.set_linked(2, false);
  BOOST_TEST(d.hello("a", 3) == "fresh 3");
  BOOST_TEST(d.hello("a", 2) == "refused unknown_session");
  BOOST_TEST(d.hello("a", 3) == "again 3");
}

BOOST_AUTO_TEST_CASE(of_very_many_routing_ids_the_newest_are_remembered) {
  door d;
  constexpr std::uint64_t many = 20'000;
  const auto routing_of = [](std::uint64_t i) {
    std::string nonce = std::to_string(i);
    nonce.resize(16, 'n');
    return std::string("a\0", 2) + nonce;
  };
  for (std::uint64_t i = 1; i <= many; ++i) {
    d.hello(door::named_hello("a"), routing_of(i));
    d.table.remove(i);
  }
  BOOST_TEST(d.hello(door::named_hello("a"), routing_of(many)) == "refused unknown_session");
  BOOST_TEST(d.hello(door::named_hello("a"), routing_of(many - 16'000)) ==
             "refused unknown_session");
  BOOST_TEST(d.hello(door::named_hello("a"), routing_of(1)) == "fresh 20001");
}

BOOST_AUTO_TEST_CASE(one_without_connection_gives_way_to_a_new_one) {
  door d;
  d.hello("a", 1);
  d.table.set_linked(1, false);
  BOOST_TEST(d.hello("a", 2) == "fresh 2");
  BOOST_TEST(d.replaced == 1u);
}

BOOST_AUTO_TEST_CASE(who_knows_the_secret_resumes_from_any_routing_id_even_when_thought_alive) {
  door d;
  d.hello("a", 1);
  BOOST_TEST(d.resume("a", 1, 1) == "resumed 1");
  BOOST_TEST(d.resume("a", 2, 1) == "resumed 1");
  BOOST_TEST(d.table.by_routing_id(routing("a", 1)) == 0u);
  BOOST_TEST(d.table.by_routing_id(routing("a", 2)) == 1u);
  d.table.set_linked(1, false);
  BOOST_TEST(d.resume("a", 3, 1) == "resumed 1");
  BOOST_TEST(d.table.find(1)->linked);
  BOOST_TEST(d.replaced == 0u);
}

BOOST_AUTO_TEST_CASE(resuming_in_vain_counts_as_a_plain_hello) {
  door d;
  BOOST_TEST(d.resume("a", 1, 77) == "fresh 1");
  // The first welcome was lost, and the renderer still asks for its old session.
  BOOST_TEST(d.resume("a", 1, 77) == "again 1");
  BOOST_TEST(d.resume("a", 2, 77) == "refused duplicate_identity");
  BOOST_TEST(d.table.by_identity("a") == 1u);
}

BOOST_AUTO_TEST_CASE(all_of_session_secret_and_identity_must_match) {
  for (int wrong = 0; wrong < 3; ++wrong) {
    door d;
    d.hello("a", 1);
    d.hello("b", 1);
    const roster::entry e = *d.table.find(1);
    wire::hello h = door::named_hello(wrong == 0 ? "b" : "a");
    h.resume = wire::resume_request{wrong == 1 ? secret_of(99) : e.session,
                                    wrong == 2 ? secret_of(99) : e.secret, 0};
    BOOST_TEST(d.hello(h, routing(h.identity, 9)) == "refused duplicate_identity");
  }
}

BOOST_AUTO_TEST_SUITE_END()
