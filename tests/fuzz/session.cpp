// SPDX-License-Identifier: MIT
// A whole session: a renderer and a main on a network that the input plays. The two honest ones
// must lose, double and reorder nothing, whatever a third peer says to main; or, with frames that
// are altered on the way, at least nothing may crash, grow without bound or count backwards.
#include "../unit/session/world.hpp"
#include "target.hpp"

#include <cstdlib>

namespace {

using namespace session_world;
using fuzz::check;
using fuzz::input;
using fate = enum world::fate;

constexpr std::size_t steps_max = 600;

class play {
 public:
  play(input& in, const world::options& o, bool altered) : in_(in), world_(o), altered_(altered) {}

  void run() {
    for (std::size_t i = 0; i < steps_max && !in_.empty(); ++i) {
      const std::uint8_t op = in_.byte();
      step(op & 31, op >> 5);
      check_bounds();
    }
    if (!altered_) world_.heal();
  }

 private:
  input& in_;
  world world_;
  const bool altered_;  // frames between the two may be altered

  // `n`: how much of it, from 0 to 7.
  void step(unsigned op, unsigned n) {
    world& w = world_;
    connection* c = w.link();
    const bool outward = c != nullptr && !c->to_main.empty();
    const bool inward = c != nullptr && !c->to_renderer.empty();
    const std::size_t padding = n < 4 ? n : std::size_t{1} << 2 * n;  // up to 16 KiB
    switch (op) {
      case 0:
        return w.connect();
      case 1:
        return w.renderer_sends(padding);
      case 2:
        return w.main_sends(padding);
      case 3:
        return w.renderer_calls(n == 0 ? never : w.now + std::chrono::milliseconds(n * n * 10));
      case 4:
        return w.main_calls(n == 0 ? never : w.now + std::chrono::milliseconds(n * n * 10));
      case 5:
        return w.renderer_cancels();
      case 6:
        return w.renderer_busy((n & 1) != 0);
      case 7:
        return w.main_busy((n & 1) != 0);
      case 8:
        return w.cut();
      case 9:
        return w.main_notices();
      case 10:
        return w.net.lose_all();
      case 11:
        if (c != nullptr) return deliver(*c, n + 1);
        return;
      case 12:
        if (outward) w.to_main(*c);
        return;
      case 13:
        if (inward) w.to_renderer(*c);
        return;
      case 14:
        if (outward) w.to_main(*c, fate::lost);
        return;
      case 15:
        if (inward) w.to_renderer(*c, fate::lost);
        return;
      case 16:
        if (outward) w.to_main(*c, fate::twice);
        return;
      case 17:
        if (inward) w.to_renderer(*c, fate::twice);
        return;
      case 18:
        if (connection* late = w.net.stale(true)) w.to_main(*late);
        return;
      case 19:
        if (connection* late = w.net.stale(false)) w.to_renderer(*late);
        return;
      case 20:
        return w.tick();
      case 21:
        return w.pass(std::chrono::milliseconds(1 << n));
      case 22:
        return w.pass(std::chrono::milliseconds(200 << n));
      case 23:
        return n == 0 ? w.restart_renderer() : n == 1 ? w.restart_main() : w.tick();
      case 24:
        return n < 4 ? w.renderer_subscribes("c", true) : w.renderer_subscribes("", n == 4);
      case 25:
        return intrude(n);
      default:
        if (altered_ && c != nullptr) return alter(op % 2 == 0 ? c->to_main : c->to_renderer);
        if (c != nullptr) deliver(*c, 1);
    }
  }

  void deliver(connection& c, unsigned times) {
    const std::uint64_t number = c.number;
    for (unsigned i = 0; i < times; ++i) {
      connection* now = world_.link();
      if (now == nullptr || now->number != number) return;
      if (!now->to_main.empty()) world_.to_main(*now);
      now = world_.link();
      if (now == nullptr || now->number != number) return;
      if (!now->to_renderer.empty()) world_.to_renderer(*now);
    }
  }

  // A third peer, "h", says what it likes: to main, under its own name.
  void intrude(unsigned n) {
    static const std::string names[] = {std::string("h\0", 2) + std::string(16, 'h'),
                                        std::string("h\0", 2) + std::string(16, 'i'), "h", ""};
    connection from;
    from.routing_id = names[n & 3];
    from.number = 1'000'000 + (n & 3);
    parts p = {frame_of_input(n >= 4)};
    if ((n & 3) == 1) p.push_back(fuzz::exact(in_.bytes(in_.byte() & 15)));
    world_.intrude(from, std::move(p));
  }
  buffer frame_of_input(bool hello) {
    std::vector<std::byte> bytes(wire::header_size);
    const std::uint8_t seq = in_.byte();
    wire::write_header(bytes.data(), {in_.byte(), seq, in_.byte(), in_.byte()});
    if (hello) {
      wire::frame_builder b;
      wire::hello h;
      h.identity = "h";
      b.handshake(kind::hello, wire::encode(h));
      return b.finish({})[0];
    }
    const bytes_view more = in_.bytes(in_.byte() & 63);
    bytes.insert(bytes.end(), more.begin(), more.end());
    return fuzz::exact(bytes);
  }

  // Some bytes of the frame that comes next are others.
  void alter(std::deque<parts>& way) {
    if (way.empty()) return;
    buffer& part = way.front()[0];
    std::vector<std::byte> bytes(part.data(), part.data() + part.size());
    for (unsigned n = in_.byte() & 3; n != 0; --n) {
      const std::size_t at = in_.byte();
      if (at < bytes.size()) bytes[at] = static_cast<std::byte>(in_.byte());
    }
    const std::uint8_t cut = in_.byte();
    if (cut < 128) bytes.resize(std::min<std::size_t>(bytes.size(), cut));
    part = fuzz::exact(bytes);
  }

  // Whatever a peer does: what is kept for it, and what came of it, has bounds.
  void check_bounds() {
    check(world_.main().sessions() <= 3, "as many sessions as renderers");
    check(world_.renderer().waiting() < 5000 && world_.main().to_others().waiting() < 5000,
          "what waits for dispatch has a bound");
  }
};

}  // namespace

// First byte: windows, resume window, and whether frames between the honest two are altered.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::uint64_t windows[] = {64u << 20, 1, 300, 4000};
  input in(data, size);
  const std::uint8_t choice = in.byte();
  world::options o;
  o.main.window = windows[choice & 3];
  o.renderer_window = windows[choice >> 2 & 3];
  if ((choice & 16) != 0) o.main.resume_for = std::chrono::milliseconds(0);
  const bool altered = (choice & 32) != 0;
  o.honest = !altered;
  try {
    play(in, o, altered).run();
  } catch (const broken& e) {
    check(false, e.what());
  }
  return 0;
}
