// SPDX-License-Identifier: MIT
// The resume protocol, in every order of what can happen, up to a depth: the real client, roster
// and sessions against each other. IPCZMQ_EXPLORE=N goes N steps deeper.
#include "explorer.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

using namespace session_world;
using fate = enum world::fate;

bool has_link(world& w) { return w.link() != nullptr; }
bool to_main_waits(world& w) { return has_link(w) && !w.link()->to_main.empty(); }
bool to_renderer_waits(world& w) { return has_link(w) && !w.link()->to_renderer.empty(); }

const step renderer_sends{"renderer sends", [](world& w) { w.renderer_sends(); }};
const step renderer_calls{"renderer calls", [](world& w) { w.renderer_calls(); }};
const step main_sends{"main sends", [](world& w) { w.main_sends(); },
                      [](world& w) { return w.peer() != nullptr; }};
const step main_calls{"main calls", [](world& w) { w.main_calls(); },
                      [](world& w) { return w.peer() != nullptr; }};
const step to_main{"-> arrives", [](world& w) { w.to_main(*w.link()); }, to_main_waits};
const step to_renderer{"<- arrives", [](world& w) { w.to_renderer(*w.link()); }, to_renderer_waits};
const step to_main_twice{"-> arrives twice", [](world& w) { w.to_main(*w.link(), fate::twice); },
                         to_main_waits};
const step to_renderer_twice{
    "<- arrives twice", [](world& w) { w.to_renderer(*w.link(), fate::twice); }, to_renderer_waits};
const step to_main_lost{"-> is lost", [](world& w) { w.to_main(*w.link(), fate::lost); },
                        to_main_waits};
const step to_renderer_lost{"<- is lost", [](world& w) { w.to_renderer(*w.link(), fate::lost); },
                            to_renderer_waits};
const step cut{"cut", [](world& w) { w.cut(); }, [](world& w) { return w.link_up(); }};
const step cut_and_lose{"cut, all lost",
                        [](world& w) {
                          w.cut();
                          w.main_notices();
                          w.net.lose_all();
                        },
                        has_link};
const step main_notices{"main notices", [](world& w) { w.main_notices(); },
                        [](world& w) { return w.peer() != nullptr && w.peer()->linked; }};
const step connect{"connects", [](world& w) { w.connect(); },
                   [](world& w) { return w.wants_link(); }};
const step late_to_main{"-> arrives late", [](world& w) { w.to_main(*w.net.stale(true)); },
                        [](world& w) { return w.net.stale(true) != nullptr; }};
const step late_to_renderer{"<- arrives late", [](world& w) { w.to_renderer(*w.net.stale(false)); },
                            [](world& w) { return w.net.stale(false) != nullptr; }};
const step time_passes{"time passes", [](world& w) { w.tick(); },
                       [](world& w) { return w.next_due() != never; }};
const step silence{"5 s of silence", [](world& w) { w.pass(5s); }};
const step window_passes{"the resume window passes", [](world& w) { w.pass(15s + 1ms); }};
const step main_restarts{"main restarts", [](world& w) { w.restart_main(); }};
const step renderer_restarts{"renderer restarts", [](world& w) { w.restart_renderer(); }};

const step main_holds{"main's listeners hold", [](world& w) { w.main_busy(true); },
                      [](world& w) { return !w.main().to_honest().busy; }};
const step main_goes_on{"main's listeners go on", [](world& w) { w.main_busy(false); },
                        [](world& w) { return w.main().to_honest().busy; }};

// A session with something under way in both directions.
void established(world& w) {
  w.connect();
  w.to_main(*w.link());
  w.to_renderer(*w.link());
  w.renderer_calls();
  w.main_calls();
}
// The same, lost once and asked for again.
void resuming(world& w) {
  established(w);
  w.cut();
  w.connect();
}
// Two hellos on the way, and so two welcomes.
void hello_twice(world& w) {
  w.connect();
  w.pass(500ms);
}
void nothing(world&) {}

std::size_t deeper() {
  const char* more = std::getenv("IPCZMQ_EXPLORE");
  return more == nullptr ? 0 : static_cast<std::size_t>(std::strtoul(more, nullptr, 10));
}

void explore(std::vector<step> alphabet, void (*begin)(world&), std::size_t depth,
             std::chrono::milliseconds settles_within, const world::options& options = {}) {
  explorer e(std::move(alphabet), begin, options, settles_within);
  const explored found = e.explore(depth + deeper());
  BOOST_TEST_MESSAGE(found.states << " states, " << found.steps << " steps, depth " << found.depth);
  BOOST_TEST(found.broken == "");
  BOOST_TEST(found.states > 500U);
}

// With the network back, a hello may have to be said again (500 ms).
constexpr auto at_once = 600ms;
// The tail of what was sent may be missing, which shows with the next ping (1 s).
constexpr auto after_a_ping = 1700ms;
// A lost peer is noticed after 5 s, a name is free again after 15 s more.
constexpr auto after_all_windows = 45s;

}  // namespace

BOOST_AUTO_TEST_SUITE(explorer_)

BOOST_AUTO_TEST_CASE(from_the_first_hello_on) {
  explore({renderer_sends, renderer_calls, main_sends, to_main, to_renderer, to_main_lost,
           to_renderer_lost, to_main_twice, to_renderer_twice, cut_and_lose, connect, time_passes},
          nothing, 6, after_a_ping);
}

BOOST_AUTO_TEST_CASE(hellos_and_welcomes_that_are_repeated) {
  explore({renderer_sends, main_sends, to_main, to_renderer, cut, main_notices, connect,
           late_to_main, late_to_renderer, time_passes},
          hello_twice, 7, after_a_ping);
}

BOOST_AUTO_TEST_CASE(a_session_that_is_cut_and_resumed) {
  explore({renderer_sends, main_sends, to_main, to_renderer, cut, main_notices, connect,
           late_to_main, late_to_renderer, time_passes},
          established, 6, at_once);
}

BOOST_AUTO_TEST_CASE(a_session_that_is_cut_again_while_it_resumes) {
  explore({renderer_sends, to_main, to_renderer, to_main_lost, to_renderer_lost, cut_and_lose, cut,
           connect, late_to_main, late_to_renderer, time_passes},
          resuming, 6, after_a_ping);
}

BOOST_AUTO_TEST_CASE(time_that_passes_in_silence) {
  explore({renderer_sends, main_sends, to_main, to_renderer, cut, main_notices, connect,
           late_to_main, silence, window_passes, time_passes},
          established, 6, after_all_windows);
}

BOOST_AUTO_TEST_CASE(windows_that_are_closed_by_slow_listeners) {
  world::options narrow;
  narrow.main.window = narrow.renderer_window = 1;
  explore({renderer_sends, renderer_calls, to_main, to_renderer, main_holds, main_goes_on,
           cut_and_lose, connect, time_passes},
          established, 6, at_once, narrow);
}

BOOST_AUTO_TEST_CASE(main_that_restarts) {
  explore({renderer_calls, main_sends, to_main, to_renderer, cut_and_lose, connect, late_to_main,
           late_to_renderer, main_restarts, time_passes},
          established, 6, at_once);
}

BOOST_AUTO_TEST_CASE(renderer_that_restarts_under_its_name) {
  explore({renderer_sends, main_sends, to_main, to_renderer, main_notices, connect, late_to_main,
           renderer_restarts, silence, time_passes},
          established, 6, after_all_windows);
}

BOOST_AUTO_TEST_SUITE_END()
