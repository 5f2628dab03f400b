// SPDX-License-Identifier: MIT
// This library, used as its README shows: typed arguments, typed listeners, everything promised.
#include "ipczmq_peer.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

using ipczmq::buffer;
using ipczmq::ipc_renderer;

// What one round trip or event is depends on the variant: send_sync or invoke; string, view or
// buffer; and for the cost of channels, a name out of many.
class renderer_client : public client {
 public:
  explicit renderer_client(const job& j)
      : variant_(j.variant),
        payload_(j.payload()),
        binary_(buffer::copy(payload_)),
        renderer_(j.endpoint) {
    renderer_.on("event", [this](ipczmq::event&, std::string_view) { ++counted_; });
    renderer_.on("event_string", [this](ipczmq::event&, const std::string&) { ++counted_; });
    renderer_.on("event_buffer", [this](ipczmq::event&, const buffer&) { ++counted_; });
    renderer_.on("done", [this](ipczmq::event&) { done_ = true; });
    for (std::size_t i = 0; j.variant == "channels" && i < j.count; ++i)
      channels_.push_back("channel" + std::to_string(i));
    (void)renderer_.invoke<std::string>("echo", "hello").get();
  }

  void round_trip() override {
    if (variant_ == "send_sync") {
      (void)renderer_.send_sync<std::string>("echo", payload_);
    } else if (variant_ == "send_sync_buffer") {
      (void)renderer_.send_sync<buffer>("echo_buffer", binary_);
    } else if (variant_ == "invoke_buffer") {
      (void)renderer_.invoke<buffer>("echo_buffer", binary_).get();
    } else {
      (void)renderer_.invoke<std::string>("echo", payload_).get();
    }
  }
  void send() override {
    if (variant_ == "buffer") {
      renderer_.send("event_buffer", binary_);
    } else if (variant_ == "string") {
      renderer_.send("event_string", payload_);
    } else if (variant_ == "channels") {
      renderer_.send(channels_[next_channel_++ % channels_.size()], payload_);
    } else {
      renderer_.send("event", payload_);
    }
  }
  std::uint64_t counted() override { return renderer_.send_sync<std::uint64_t>("counted"); }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    const auto before = counted_;
    done_ = false;
    renderer_.send("flood", variant_, payload_.size(), time.count());
    while (!done_) renderer_.poll(std::chrono::seconds(1));
    return counted_ - before;
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    if (variant_ == "buffer") return calls<buffer>("echo_buffer", binary_, depth, until);
    return calls<std::string>("echo", payload_, depth, until);
  }

 private:
  template <class R>
  std::uint64_t calls(std::string_view channel, const R& argument, std::size_t depth,
                      clock::time_point until) {
    std::deque<ipczmq::call<R>> open;
    for (std::size_t i = 0; i < depth; ++i) open.push_back(renderer_.invoke<R>(channel, argument));
    std::uint64_t answered = 0;
    for (; clock::now() < until; ++answered) {
      (void)open.front().get();
      open.pop_front();
      open.push_back(renderer_.invoke<R>(channel, argument));
    }
    for (; !open.empty(); open.pop_front(), ++answered) (void)open.front().get();
    return answered;
  }

  const std::string variant_;
  const std::string payload_;
  const buffer binary_;
  std::vector<std::string> channels_;
  std::size_t next_channel_ = 0;
  std::uint64_t counted_ = 0;
  bool done_ = false;
  ipc_renderer renderer_;
};

// Many renderers in one process and one thread, which waits for all their descriptors.
class renderers : public crowd {
 public:
  explicit renderers(const job& j) : payload_(j.payload()), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < j.clients; ++i) {
      all_.push_back(std::make_unique<ipc_renderer>(j.endpoint));
      all_.back()->on("event", [this](ipczmq::event&, std::string_view) { ++counted_; });
    }
  }
  ~renderers() override { ::close(epoll_); }

  void connect() override {
    std::vector<ipczmq::call<std::string>> calls;
    for (const auto& r : all_) calls.push_back(r->invoke<std::string>("echo", payload_));
    for (const auto& c : calls) (void)c.get();
  }
  void broadcast(std::size_t count) override {
    watch();
    const auto wanted = counted_ + count * all_.size();
    all_.front()->send("broadcast", count, payload_.size());
    std::array<epoll_event, 256> ready{};
    while (counted_ < wanted) {
      const int n = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 10000);
      if (n == 0) throw std::runtime_error("nothing has come for 10 s");
      for (int i = 0; i < n; ++i)
        static_cast<ipc_renderer*>(ready[static_cast<std::size_t>(i)].data.ptr)->poll();
    }
  }
  void fan_in(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      for (const auto& r : all_) r->send("event", payload_);
    for (const auto& r : all_) (void)r->send_sync<std::uint64_t>("counted");
  }

 private:
  void watch() {
    for (; watched_ < all_.size(); ++watched_) {
      epoll_event e{};
      e.events = EPOLLIN;
      e.data.ptr = all_[watched_].get();
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, all_[watched_]->fd(), &e);
    }
  }

  const std::string payload_;
  int epoll_;
  std::size_t watched_ = 0;
  std::uint64_t counted_ = 0;
  std::vector<std::unique_ptr<ipc_renderer>> all_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(
      argc, argv,
      {bench::ipczmq_serve,
       [](const bench::job& j) { return std::make_unique<bench::renderer_client>(j); },
       [](const bench::job& j) { return std::make_unique<bench::renderers>(j); }});
}
