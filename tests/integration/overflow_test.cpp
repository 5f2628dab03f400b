// SPDX-License-Identifier: MIT
// The policies of a full queue, and the bounds over all peers.
#include "pair.hpp"

#include <set>

using namespace ipczmq;
using namespace ipczmq::test;

BOOST_AUTO_TEST_SUITE(overflow)

namespace {

const std::string piece(50000, 'p');
constexpr std::size_t bound = 1 << 20;

// Counts the warnings about full queues.
struct warnings {
  std::atomic<int> of_dropping{0};
  [[nodiscard]] log_callback callback() {
    return [this](log_level, std::string_view line) {
      if (line.find("messages to it are dropped") != std::string_view::npos) ++of_dropping;
    };
  }
};

// Both sides of a queue: whoever sends to whom.
struct sender_side {
  const char* name;
  std::function<void(pair&, int)> send;
  std::function<endpoint&(pair&)> from;
  std::function<endpoint&(pair&)> to;
};
const sender_side sides[] = {
    {"main", [](pair& p, int i) { p.contents().send("n", i, piece); },
     [](pair& p) -> endpoint& { return p.main; }, [](pair& p) -> endpoint& { return p.renderer; }},
    {"renderer", [](pair& p, int i) { p.renderer.send("n", i, piece); },
     [](pair& p) -> endpoint& { return p.renderer; }, [](pair& p) -> endpoint& { return p.main; }},
};

main_options main_with(
    overflow_policy policy, log_callback log = [](log_level, auto) {}) {
  return {.queue_bytes = bound, .overflow = policy, .log = std::move(log)};
}
renderer_options renderer_with(
    overflow_policy policy, log_callback log = [](log_level, auto) {}) {
  return {.queue_bytes = bound, .overflow = policy, .log = std::move(log)};
}

template <class F>
void from_both_sides(overflow_policy policy, F f) {
  for (const sender_side& s : sides) {
    for (const std::string_view transport : {"ipc", "tcp", "inproc"}) {
      BOOST_TEST_CONTEXT(s.name << " sends over " << transport) {
        warnings w;
        pair p({transport, "start"}, main_with(policy, w.callback()),
               renderer_with(policy, w.callback()));
        (void)p.contents();
        BOOST_TEST(eventually([&] { return p.renderer.is_connected(); }));
        f(p, s, w);
      }
    }
  }
}

void drive(pair& p, endpoint& e) {
  (&e == &p.main ? p.main_driver : p.renderer_driver).emplace(e, "start");
}

}  // namespace

BOOST_AUTO_TEST_CASE(drop_newest_keeps_the_first_and_counts_the_rest) {
  from_both_sides(overflow_policy::drop_newest, [](pair& p, const sender_side& s, warnings& w) {
    collected<int> got;
    std::atomic<std::size_t> told{0};
    s.to(p).on("n", [&](event&, int i) { got.add(i); });
    p.main.on_overflow([&](web_contents, std::size_t n) { told += n; });
    p.renderer.on_overflow([&](std::size_t n) { told += n; });
    for (int i = 0; i < 100; ++i) s.send(p, i);
    const std::uint64_t dropped = s.from(p).statistics().messages_dropped;
    BOOST_TEST((dropped > 70 && dropped < 90));
    p.go();
    const auto kept = 100 - static_cast<std::size_t>(dropped);
    BOOST_TEST(got.reaches(kept));
    BOOST_TEST(got.all().back() == static_cast<int>(kept) - 1);
    BOOST_TEST(eventually([&] { return told == dropped; }));
    BOOST_TEST(w.of_dropping == 1);
    BOOST_TEST(s.from(p).statistics().messages_lost == 0U);
  });
}

BOOST_AUTO_TEST_CASE(drop_oldest_keeps_the_last) {
  from_both_sides(overflow_policy::drop_oldest, [](pair& p, const sender_side& s, warnings& w) {
    collected<int> got;
    std::atomic<std::size_t> told{0};
    s.to(p).on("n", [&](event&, int i) { got.add(i); });
    p.main.on_overflow([&](web_contents, std::size_t n) { told += n; });
    p.renderer.on_overflow([&](std::size_t n) { told += n; });
    for (int i = 0; i < 100; ++i) s.send(p, i);
    const std::uint64_t dropped = s.from(p).statistics().messages_dropped;
    BOOST_TEST((dropped > 70 && dropped < 95));
    p.go();
    BOOST_TEST(got.reaches(100 - static_cast<std::size_t>(dropped)));
    const std::vector<int> all = got.all();
    BOOST_TEST(all.front() == 0);
    BOOST_TEST(all.back() == 99);
    BOOST_TEST(std::is_sorted(all.begin(), all.end()));
    BOOST_TEST(eventually([&] { return told == dropped; }));
    BOOST_TEST(w.of_dropping == 1);
  });
}

BOOST_AUTO_TEST_CASE(dropping_policies_do_not_drop_calls) {
  for (const auto policy : {overflow_policy::drop_newest, overflow_policy::drop_oldest}) {
    pair p({}, main_with(policy), renderer_with(policy));
    (void)p.contents();
    std::string failure;
    std::vector<call<value>> calls;
    while (failure.empty() && calls.size() < 1000)
      failure = code_of([&] { calls.push_back(p.renderer.invoke("c", piece)); });
    BOOST_TEST(failure == "overflow");
    std::atomic<int> answered{0};
    p.main.handle("c", [&](event&) { ++answered; });
    p.go();
    for (auto& c : calls) c.get();
    BOOST_TEST(static_cast<std::size_t>(answered) == calls.size());
  }
}

BOOST_AUTO_TEST_CASE(fail_throws_on_both_sides) {
  from_both_sides(overflow_policy::fail, [](pair& p, const sender_side& s, warnings&) {
    int sent = 0;
    BOOST_TEST(code_of([&] {
                 for (; sent < 100; ++sent) s.send(p, sent);
               }) == "overflow");
    std::atomic<int> got{0};
    std::atomic<int> drained{0};
    s.to(p).on("n", [&](event&) { ++got; });
    p.main.on_drain([&](web_contents) { ++drained; });
    p.renderer.on_drain([&] { ++drained; });
    p.go();
    BOOST_TEST(eventually([&] { return got == sent && drained == 1; }));
    s.send(p, 0);
    BOOST_TEST(eventually([&] { return got == sent + 1; }));
  });
}

BOOST_AUTO_TEST_CASE(block_waits_on_both_sides) {
  from_both_sides(overflow_policy::block, [](pair& p, const sender_side& s, warnings&) {
    collected<int> got;
    s.to(p).on("n", [&](event&, int i) { got.add(i); });
    std::atomic<int> sent{0};
    std::thread t([&] {
      for (; sent < 100; ++sent) s.send(p, sent);
    });
    BOOST_TEST(eventually([&] { return sent >= 15; }));
    std::this_thread::sleep_for(50ms);
    BOOST_TEST(sent < 30);
    drive(p, s.to(p));
    t.join();
    BOOST_TEST(got.reaches(100));
    BOOST_TEST(s.from(p).statistics().messages_dropped == 0U);
  });
}

BOOST_AUTO_TEST_CASE(block_ends_at_block_for_and_at_the_deadline_of_a_call) {
  for (const sender_side& s : sides) {
    BOOST_TEST_CONTEXT(s.name) {
      main_options m = main_with(overflow_policy::block);
      renderer_options r = renderer_with(overflow_policy::block);
      m.block_for = r.block_for = 100ms;
      pair p({}, std::move(m), std::move(r));
      (void)p.contents();
      const stopwatch watch;
      BOOST_TEST(code_of([&] {
                   for (int i = 0; i < 100; ++i) s.send(p, i);
                 }) == "overflow");
      BOOST_TEST(watch.elapsed() >= 100ms);
      BOOST_TEST(code_of([&] {
                   for (int i = 0; i < 100; ++i)
                     (void)p.renderer.invoke({.deadline = 20ms}, "x", piece);
                 }) == (s.name == std::string("main") ? "timed_out" : "timed_out"));
    }
  }
}

BOOST_AUTO_TEST_CASE(main_that_blocks_in_its_own_listener_gets_overflow) {
  collected<std::string> failures;
  pair p({}, main_with(overflow_policy::block));
  p.main.on("go", [&](event& e) {
    failures.add(code_of([&] {
      for (int i = 0; i < 1000; ++i) e.sender.send("n", i, piece);
    }));
  });
  p.main_driver.emplace(p.main, "start");
  p.renderer.send("go");
  BOOST_TEST(failures.is({"overflow"}));
}

BOOST_AUTO_TEST_CASE(main_that_disconnects_hands_back_and_the_renderer_comes_again) {
  for (const std::string_view transport : {"ipc", "tcp", "inproc"}) {
    BOOST_TEST_CONTEXT("over " << transport) {
      collected<std::string> story;
      std::optional<undelivered> lost;
      std::atomic<bool> known{false};
      pair p({transport, "start"}, main_with(overflow_policy::disconnect));
      p.main.on_web_contents_created([&](web_contents) { story.add("created"); });
      p.main.on_render_process_gone([&](web_contents, const gone_details& d) {
        lost = d.lost;
        known = true;
        story.add("gone " + std::string(to_string(d.reason)));
      });
      p.main_driver.emplace(p.main, "start");
      const web_contents c = p.contents();
      int sent = 0;
      BOOST_TEST(code_of([&] {
                   for (; sent < 100; ++sent) c.send("n", sent, piece);
                 }) == "overflow");
      BOOST_TEST(c.is_destroyed());
      BOOST_TEST(code_of([&] { c.send("n", 0, piece); }) == "peer_gone");
      BOOST_TEST(story.reaches(3));
      // The next session has an order of its own.
      std::vector<std::string> told = story.all();
      std::sort(told.begin(), told.end());
      BOOST_TEST((told == std::vector<std::string>{"created", "created", "gone overflow"}));
      BOOST_TEST(eventually([&] { return known.load(); }));
      BOOST_TEST(lost->total() == static_cast<std::size_t>(sent));
      BOOST_TEST(lost->messages().back().arguments().get<int>(0) == sent - 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(renderer_that_disconnects_is_closed) {
  collected<std::string> story;
  pair p({}, {}, renderer_with(overflow_policy::disconnect));
  p.renderer.on_closed([&](const disconnect_details& d) {
    story.add(std::string(errc_name(d.code)) + " " + std::to_string(d.lost.total()));
  });
  p.renderer_driver.emplace(p.renderer, "start");
  (void)p.contents();
  int sent = 0;
  BOOST_TEST(code_of([&] {
               for (; sent < 100; ++sent) p.renderer.send("n", sent, piece);
             }) == "overflow");
  BOOST_TEST(code_of([&] { p.renderer.send("n", 0); }) == "overflow");
  BOOST_TEST(story.is({"overflow " + std::to_string(sent)}));
}

BOOST_AUTO_TEST_CASE(messages_are_bounded_too) {
  pair p({}, {.queue_messages = 10, .log = [](log_level, auto) {}},
         {.queue_messages = 20, .overflow = overflow_policy::fail});
  const web_contents c = p.contents();
  int sent = 0;
  BOOST_TEST(code_of([&] {
               for (; sent < 100; ++sent) c.send("n");
             }) == "overflow");
  BOOST_TEST(sent == 10);
  BOOST_TEST(!c.writable());
  sent = 0;
  BOOST_TEST(code_of([&] {
               for (; sent < 100; ++sent) p.renderer.send("n");
             }) == "overflow");
  BOOST_TEST(sent == 20);
}

BOOST_AUTO_TEST_CASE(all_queues_together_are_bounded_and_each_renderer_keeps_its_share) {
  pair p({}, {.total_queue_bytes = 6 * bound, .log = [](log_level, auto) {}});
  ipc_renderer two(p.another("two"));
  ipc_renderer three(p.another("three"));
  p.main_driver.emplace(p.main, "start");
  BOOST_TEST(eventually([&] { return p.main.web_contents().size() == 3; }));
  const auto fill = [](const web_contents& c) {
    std::size_t sent = 0;
    (void)code_of([&] {
      for (; sent < 1000; ++sent) c.send("n", 0, piece);
    });
    return sent * piece.size();
  };
  const auto all = p.main.web_contents();
  const std::size_t first = fill(all[0]);
  BOOST_TEST((first > 2 * bound + bound / 2 && first <= 3 * bound));
  // The others still get a third each of the other half.
  for (const int i : {1, 2}) {
    const std::size_t share = fill(all[static_cast<std::size_t>(i)]);
    BOOST_TEST((share > bound / 2 && share <= bound));
  }
}

BOOST_AUTO_TEST_CASE(what_main_takes_is_bounded_and_nothing_is_lost) {
  over_all_transports([](way w) {
    pair p(w, {.total_inbox_bytes = 2 * bound, .log = [](log_level, auto) {}}, {.identity = "one"});
    ipc_renderer two(p.another("two"));
    std::map<std::string, std::vector<int>> got;
    std::atomic<int> count{0};
    p.main.on("n", [&](event& e, int i) {
      got[e.sender.identity()].push_back(i);
      ++count;
    });
    p.main.on("quiet", [&](event&) { ++count; });
    ipc_renderer modest(p.another("modest"));
    for (int i = 0; i < 200; ++i) {
      p.renderer.send("n", i, piece);
      two.send("n", i, piece);
    }
    // 20 MB were sent, and main has taken no more than it wants.
    const auto waiting = [&] {
      std::uint64_t bytes = 0;
      for (const auto& c : p.main.web_contents()) bytes += c.info().messages_waiting * piece.size();
      return bytes;
    };
    BOOST_TEST(eventually([&] { return p.main.statistics().frames_left > 0; }));
    BOOST_TEST(waiting() <= 2 * bound);
    // Others are not held up.
    modest.send("quiet");
    BOOST_TEST(eventually([&] { return modest.drain(1ms).complete; }));
    BOOST_TEST(waiting() <= 2 * bound);
    p.main_driver.emplace(p.main, "start");
    BOOST_TEST(eventually([&] { return count == 401; }, 20s));
    for (const char* name : {"one", "two"}) {
      BOOST_TEST(got[name].size() == 200U);
      BOOST_TEST(std::is_sorted(got[name].begin(), got[name].end()));
    }
    BOOST_TEST(p.main.statistics().frames_malformed == 0U);
  });
}

BOOST_AUTO_TEST_SUITE_END()
