// SPDX-License-Identifier: MIT
// One script, played again and again with a fault at every single frame.
#include "session_pair.hpp"

#include <random>

namespace {

using namespace session_test;

// Everything at once: events and calls both ways, windows that close, cancels, deadlines, silence.
class play {
 public:
  explicit play(const session_pair::options& o) : pair_(o) {}

  session_pair& pair() { return pair_; }

  void run() {
    auto& p = pair_;
    to_main(3);  // before there is a session
    p.pass(30ms);
    to_main(5);
    to_renderer(5);
    p.pass(2ms);
    to_renderer(3, 700);  // close its window
    to_main(3, 700);
    p.pass(1ms);
    p.main.busy = p.renderer.busy = true;
    to_main(4, 300);
    to_renderer(4, 300);
    p.pass(5ms);
    p.main.busy = false;
    p.pass(60ms);
    p.renderer.busy = false;
    to_main(2);
    p.pass(1200ms);  // pings
    p.main.unanswered = 9001;
    cancelled_ = p.renderer.call(9001);
    p.pass(3ms);
    if (p.renderer.s->cancel(cancelled_, "cancelled") != nullptr) ++cancelled_calls_;
    p.pass(3ms);
    for (int i = 0; i < 20; ++i) {
      to_main(1, 50);
      if (i % 3 == 0) to_renderer(1, 90);
      p.pass(std::chrono::milliseconds(i % 4));
    }
    for (int i = 0; i < 100 && !over(); ++i) p.pass(100ms);
  }

  // What must hold whatever happened to a single frame.
  void check() {
    BOOST_TEST(pair_.idle());
    // The one call that was cancelled may have been dispatched or not.
    std::erase(pair_.main.log, "call 9001");
    BOOST_TEST(pair_.main.log == wanted_main_, boost::test_tools::per_element());
    BOOST_TEST(pair_.renderer.log == wanted_renderer_, boost::test_tools::per_element());
    BOOST_TEST(ended(pair_.renderer) == calls_to_main_, boost::test_tools::per_element());
    BOOST_TEST(ended(pair_.main) == calls_to_renderer_, boost::test_tools::per_element());
    BOOST_TEST(cancelled_calls_ == 1);
    BOOST_TEST(pair_.client.current().calls_open() == 0u);
    BOOST_TEST(pair_.main_session->calls_open() == 0u);
    BOOST_TEST(pair_.client.current().wire_stream().queued_bytes() == 0u);
    BOOST_TEST(pair_.main_session->wire_stream().queued_bytes() == 0u);
    BOOST_TEST(joined(pair_.main.news) == "created");
    BOOST_TEST(pair_.client.why().text == "");
  }

 private:
  // All has arrived, been dispatched and been answered.
  bool over() {
    const auto quiet = [](const session::session& s) {
      return s.calls_open() == 0 && s.wire_stream().queued_bytes() == 0;
    };
    return pair_.idle() && quiet(*pair_.main_session) && quiet(pair_.client.current());
  }

  session_pair pair_;
  std::uint32_t next_ = 0;
  std::uint64_t cancelled_ = 0;
  int cancelled_calls_ = 0;
  std::vector<std::string> wanted_main_;
  std::vector<std::string> wanted_renderer_;
  std::vector<std::string> calls_to_main_;
  std::vector<std::string> calls_to_renderer_;

  void send(side& from, std::size_t times, std::size_t padding, std::vector<std::string>& wanted,
            std::vector<std::string>& calls) {
    for (std::size_t i = 0; i < times; ++i) {
      const std::string number = std::to_string(++next_);
      if (next_ % 2 == 0) {
        from.event(next_, padding);
        wanted.push_back("event " + number);
      } else {
        from.call(next_, pair_.now + 1h, padding);
        wanted.push_back("call " + number);
        calls.push_back("call " + number + " reply");
      }
    }
  }
  void to_main(std::size_t times, std::size_t padding = 0) {
    send(pair_.renderer, times, padding, wanted_main_, calls_to_main_);
  }
  void to_renderer(std::size_t times, std::size_t padding = 0) {
    // Main may not know it yet, or not any more: then the script has nobody to send to.
    if (pair_.main.s == nullptr) return;
    send(pair_.main, times, padding, wanted_renderer_, calls_to_renderer_);
  }
  // In the order of the calls: replies to different frames may come as they like.
  static std::vector<std::string> ended(const side& s) {
    auto all = s.ended;
    const auto number = [](const std::string& text) { return std::stoi(text.substr(5)); };
    std::sort(all.begin(), all.end(),
              [&](const auto& a, const auto& b) { return number(a) < number(b); });
    return all;
  }
};

const session_pair::options roomy{};
const session_pair::options narrow{.main_window = 1000, .renderer_window = 1000};
const session_pair::options tiny{.main_window = 1, .renderer_window = 1};
const session_pair::options far_away{.latency = 60ms, .main_window = 1000, .renderer_window = 1000};

void replay(const session_pair::options& o, fault what) {
  std::size_t frames = 0;
  {
    play p(o);
    p.run();
    p.check();
    frames = p.pair().frames;
  }
  BOOST_TEST_MESSAGE(frames << " frames");
  BOOST_TEST_REQUIRE(frames > 40u);
  for (std::size_t at = 1; at <= frames; ++at) {
    play p(o);
    p.pair().what = what;
    p.pair().fault_at = at;
    p.run();
    BOOST_TEST_CONTEXT("fault at frame " << at << ": " << joined(p.pair().trace)) { p.check(); }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_)

BOOST_AUTO_TEST_CASE(a_cut_at_every_step_loses_doubles_and_reorders_nothing) {
  for (const auto& o : {roomy, narrow, tiny, far_away}) replay(o, fault::cut);
}

BOOST_AUTO_TEST_CASE(a_lost_frame_at_every_step_loses_doubles_and_reorders_nothing) {
  for (const auto& o : {roomy, narrow, tiny, far_away}) replay(o, fault::lose);
}

BOOST_AUTO_TEST_CASE(a_frame_that_comes_twice_at_every_step_doubles_and_reorders_nothing) {
  for (const auto& o : {roomy, narrow, tiny, far_away}) replay(o, fault::duplicate);
}

BOOST_AUTO_TEST_CASE(many_faults_in_one_run_lose_double_and_reorder_nothing) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    for (const auto& o : {roomy, narrow, tiny, far_away}) {
      play p(o);
      std::minstd_rand random(seed);
      std::size_t left = 30;  // an end to the trouble
      p.pair().chance = [&] {
        const auto n = random() >> 8;
        if (left == 0 || n % 4 != 0) return fault::none;
        --left;
        return static_cast<fault>(1 + n / 4 % 3);
      };
      p.run();
      BOOST_TEST_CONTEXT("seed " << seed << ": " << joined(p.pair().trace)) { p.check(); }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
