// SPDX-License-Identifier: MIT
// The hot paths without sockets, threads and clocks, so that they can be counted: hot_paths PATH
// MESSAGES. Prints what was allocated per message, as JSON; guard_test.py runs it, also under
// callgrind, which counts between the two markers.
#include "dispatch/dispatcher.hpp"
#include "engine/frame_pool.hpp"
#include "engine/remote.hpp"
#include "session/session.hpp"
#include "wire/decode.hpp"

#include <ipczmq/ipczmq.hpp>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

using namespace ipczmq;
using session::time_point;

constexpr std::size_t batch = 256;  // messages in a frame, where they gather
const time_point begin = time_point{} + std::chrono::seconds(1000);

session::config config_of(bool main_side) {
  session::config c;
  c.main_side = main_side;
  c.epoch = begin - std::chrono::seconds(5);
  return c;
}

struct waiting final : session::call_sink {};

// A renderer's session and main's, whose frames are handed over by hand.
class connection {
 public:
  connection() {
    renderer_.establish(wire::limits{}, 5000, begin);
    main_.establish(wire::limits{}, 5000, begin);
    table_->add("event", detail::make_listener([this](event&, std::string_view text) {
                  seen_ += text.size();
                }),
                false, false);
  }

  void send(const std::string& text) {
    detail::pack_lease p;
    detail::pack_args(*p, text);
    renderer_.event("event", {p->bytes, p->attachments, p->refs});
  }
  void flush_events() { renderer_.flush(begin, to_main_); }

  void receive_events() {
    for (auto& parts : to_main_.send) take_events(parts);
    to_main_.clear();
    // Main's acknowledgement, without which the renderer keeps everything.
    main_.wire_stream().owe_ack_now();
    main_.flush(begin, to_renderer_);
    for (auto& parts : to_renderer_.send) {
      const auto f = read(parts);
      renderer_.on_frame(f, begin, scratch_);
    }
    to_renderer_.clear();
    scratch_.clear();
  }

  void call(const std::string& text) {
    {
      detail::pack_lease p;
      detail::pack_args(*p, text);
      renderer_.call(wire::kind::invoke, "echo", {p->bytes, p->attachments, p->refs},
                     session::never, sink_);
    }
    renderer_.flush(begin, to_main_);
    for (auto& parts : to_main_.send) answer(parts);
    to_main_.clear();
    main_.flush(begin, to_renderer_);
    for (auto& parts : to_renderer_.send) renderer_.on_frame(read(parts), begin, scratch_);
    if (scratch_.completed.size() != 1) throw std::runtime_error("the call was not answered");
    to_renderer_.clear();
    scratch_.clear();
  }

  [[nodiscard]] std::size_t seen() const { return seen_; }

 private:
  std::shared_ptr<wire::frame> read(session::parts& parts) {
    auto f = frames_->take();
    f->parts.swap(parts);
    if (const std::string wrong = wire::decode(*f, {}); !wrong.empty())
      throw std::runtime_error(wrong);
    return f;
  }
  void take_events(session::parts& parts) {
    const std::shared_ptr<const wire::frame> f = read(parts);
    main_.on_frame(f, begin, scratch_);
    dispatcher_.on_frame(remote_, f);
    main_.dispatched(f->header.seq, f->bytes, begin);
    scratch_.clear();
  }
  void answer(session::parts& parts) {
    const auto f = read(parts);
    main_.on_frame(f, begin, scratch_);
    const wire::message& m = f->messages.at(0);
    const args a(m.payload, f->attachments());
    detail::pack_lease p;
    detail::pack_one(*p, a.get<std::string_view>(0));
    main_.reply(m.id, {p->bytes, p->attachments, p->refs});
    main_.dispatched(f->header.seq, f->bytes, begin);
    scratch_.clear();
  }

  std::size_t seen_ = 0;
  session::session renderer_{config_of(false), begin};
  session::session main_{config_of(true), begin};
  session::effects to_main_, to_renderer_, scratch_;
  std::shared_ptr<session::call_sink> sink_ = std::make_shared<waiting>();
  std::shared_ptr<engine::frame_pool> frames_ = std::make_shared<engine::frame_pool>();
  std::shared_ptr<dispatch::listeners> table_ = std::make_shared<dispatch::listeners>(
      dispatch::listeners::callbacks{"main", nullptr, nullptr});
  std::shared_ptr<engine::remote> remote_ = std::make_shared<engine::remote>(
      1, "renderer", std::weak_ptr<engine::endpoint>(),
      std::make_shared<dispatch::listeners>(
          dispatch::listeners::callbacks{"renderer", nullptr, nullptr}));
  dispatch::dispatcher dispatcher_{table_,
                                   [](const std::string& line) { std::puts(line.c_str()); }};
};

}  // namespace

// What callgrind counts: their names are in guard_test.py.
extern "C" {
[[gnu::noinline]] void hot_send(void* c, const char* text, std::size_t n) {
  const std::string payload(text);
  for (std::size_t i = 0; i < n; ++i) static_cast<connection*>(c)->send(payload);
  static_cast<connection*>(c)->flush_events();
}
[[gnu::noinline]] void hot_receive(void* c) { static_cast<connection*>(c)->receive_events(); }
[[gnu::noinline]] void hot_call(void* c, const char* text) {
  static_cast<connection*>(c)->call(text);
}
}

int main(int argc, char** argv) {
  const std::string_view path = argc > 2 ? argv[1] : "";
  const std::size_t messages = argc > 2 ? std::stoul(argv[2]) : 0;
  const std::string text(32, 'x');
  connection c;
  std::size_t counted[2] = {0, 0};
  const auto counting = [](std::size_t& into, auto f) {
    const std::size_t before = allocations;
    f();
    into += allocations - before;
  };
  std::size_t done = 0;
  if (path == "events") {
    // Once before it counts: memory that is kept is there then.
    for (int warm = 0; warm < 4; ++warm) hot_send(&c, text.c_str(), batch), hot_receive(&c);
    for (; done < messages; done += batch) {
      counting(counted[0], [&] { hot_send(&c, text.c_str(), batch); });
      counting(counted[1], [&] { hot_receive(&c); });
    }
    if (c.seen() != (messages + 4 * batch) * text.size()) return 1;
    std::printf("{\"send\": %.4f, \"receive\": %.4f}\n",
                static_cast<double>(counted[0]) / static_cast<double>(done),
                static_cast<double>(counted[1]) / static_cast<double>(done));
    return 0;
  }
  if (path == "calls") {
    for (int warm = 0; warm < 64; ++warm) hot_call(&c, text.c_str());
    for (; done < messages; ++done) counting(counted[0], [&] { hot_call(&c, text.c_str()); });
    std::printf("{\"call\": %.4f}\n", static_cast<double>(counted[0]) / static_cast<double>(done));
    return 0;
  }
  std::fprintf(stderr, "usage: hot_paths events|calls MESSAGES (a multiple of %zu)\n", batch);
  return 2;
}
