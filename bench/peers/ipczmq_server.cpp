// SPDX-License-Identifier: MIT
#include "ipczmq_peer.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace bench {
namespace {

using ipczmq::buffer;

class server {
 public:
  explicit server(const job& j) : main_(j.endpoint) {
    main_.on("echo",
             [](ipczmq::event& event, std::string_view text) { event.return_value = text; });
    main_.handle("echo", [](ipczmq::event&, std::string_view text) { return text; });
    main_.on("echo_buffer", [](ipczmq::event& event, const buffer& b) { event.return_value = b; });
    main_.handle("echo_buffer", [](ipczmq::event&, const buffer& b) { return b; });
    main_.on("event", [this](ipczmq::event&, std::string_view text) { count(text.size()); });
    main_.on("event_string",
             [this](ipczmq::event&, const std::string& text) { count(text.size()); });
    main_.on("event_buffer", [this](ipczmq::event&, const buffer& b) { count(b.size()); });
    main_.on("counted", [this](ipczmq::event& event) { event.return_value = counted_; });
    main_.on("flood", [this](ipczmq::event& event, std::string variant, std::size_t size,
                             std::int64_t ms) {
      std::thread(&server::flood, this, event.sender, variant, size, std::chrono::milliseconds(ms))
          .detach();
    });
    main_.on("broadcast", [this](ipczmq::event&, std::size_t times, std::size_t size) {
      std::thread(&server::broadcast, this, times, size).detach();
    });
    main_.on_drain([this](const ipczmq::web_contents&) {
      std::lock_guard lock(mutex_);
      room_.notify_all();
    });
    add_more(j);
    ready(main_.endpoints().front());
  }

  void run() { main_.run(); }

 private:
  // For the cost of channels and of listeners.
  void add_more(const job& j) {
    for (std::size_t i = 0; j.variant == "channels" && i < j.count; ++i)
      main_.on("channel" + std::to_string(i),
               [this](ipczmq::event&, std::string_view text) { count(text.size()); });
    if (j.variant == "listeners") main_.set_max_listeners(0);
    for (std::size_t i = 1; j.variant == "listeners" && i < j.count; ++i)
      main_.on("event", [this](ipczmq::event&, std::string_view text) { bytes_ += text.size(); });
  }
  void count(std::size_t size) {
    ++counted_;
    bytes_ += size;
  }

  void flood(const ipczmq::web_contents& to, const std::string& variant, std::size_t size,
             std::chrono::milliseconds time) {
    const std::string payload(size, 'x');
    const buffer binary = buffer::copy(payload);
    const auto until = clock::now() + time;
    const int stride = size <= 1024 ? 64 : 4;
    do {
      for (int i = 0; i < stride; ++i) {
        if (variant == "buffer") {
          with_room(to, [&] { to.send("event_buffer", binary); });
        } else {
          with_room(to, [&] { to.send(variant == "string" ? "event_string" : "event", payload); });
        }
      }
    } while (clock::now() < until);
    with_room(to, [&] { to.send("done"); });
  }

  // A full queue is an error in main: wait for its word that there is room.
  template <class Send>
  void with_room(const ipczmq::web_contents& to, Send send) {
    for (;;) {
      try {
        send();
        return;
      } catch (const ipczmq::error& e) {
        if (e.code() != ipczmq::errc::overflow) throw;
      }
      std::unique_lock lock(mutex_);
      room_.wait_for(lock, std::chrono::milliseconds(10), [&] { return to.writable(); });
    }
  }

  // A renderer whose queue is full would be left out, so nobody may come near that.
  void broadcast(std::size_t times, std::size_t size) {
    const std::string payload(size, 'x');
    const std::size_t between_looks =
        std::max<std::size_t>(1, (std::size_t{1} << 20) / (size + 32));
    for (std::size_t i = 0; i < times; ++i) {
      while (i % between_looks == 0 && queues_are_long())
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      main_.broadcast("event", payload);
    }
  }
  bool queues_are_long() {
    std::uint64_t all = 0;
    std::uint64_t longest = 0;
    for (const auto& c : main_.web_contents()) {
      const auto queued = c.info().bytes_queued;
      all += queued;
      longest = std::max(longest, queued);
    }
    return all > (std::uint64_t{256} << 20) || longest > (std::uint64_t{32} << 20);
  }

  std::uint64_t counted_ = 0;
  std::size_t bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable room_;
  ipczmq::ipc_main main_;
};

}  // namespace

void ipczmq_serve(const job& j) { server(j).run(); }

}  // namespace bench
