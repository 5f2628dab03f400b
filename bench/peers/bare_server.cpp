// SPDX-License-Identifier: MIT
#include "bare.hpp"

#include <set>
#include <vector>

namespace bench {
namespace {

class server {
 public:
  explicit server(const job& j) : router_(context(), zmq::socket_type::router) {
    set_marks(router_, j.size);
    router_.set(zmq::sockopt::router_mandatory, true);  // a full pipe blocks instead of dropping
    router_.bind(j.endpoint);
    ready(router_.get(zmq::sockopt::last_endpoint));
  }

  [[noreturn]] void run() {
    for (;;) {
      (void)router_.recv(who_);
      const header h = take(router_, head_, body_, listeners_);
      switch (h.kind) {
        case 'r':
          answer(h);
          break;
        case 'h':
          known_.insert(who_.to_string());
          answer(h);
          break;
        case 'c':
          answer({'c', listeners_.counted, "", 0});
          break;
        case 'f':
          flood(h);
          break;
        case 'b':
          broadcast(h);
          break;
        default:
          break;
      }
    }
  }

 private:
  // The received parts go back as they are.
  void answer(const header& h) {
    router_.send(who_, zmq::send_flags::sndmore);
    router_.send(zmq::buffer(&h, sizeof h), zmq::send_flags::sndmore);
    router_.send(body_, zmq::send_flags::none);
  }
  void push(std::string_view to, const header& h, std::string_view payload) {
    router_.send(zmq::buffer(to), zmq::send_flags::sndmore);
    post(router_, h, payload);
  }
  void flood(const header& h) {
    const std::string to = who_.to_string();
    const std::string payload = body_.to_string();
    const auto until = clock::now() + std::chrono::milliseconds(h.id);
    const int stride = payload.size() <= 1024 ? 64 : 4;
    do {
      for (int i = 0; i < stride; ++i) push(to, {'e', 0, "event", payload.size()}, payload);
    } while (clock::now() < until);
    push(to, {'d', 0, "", 0}, {});
  }
  void broadcast(const header& h) {
    const std::string payload = body_.to_string();
    const header event{'e', 0, "event", payload.size()};
    for (std::uint64_t i = 0; i < h.id; ++i)
      for (const auto& to : known_) push(to, event, payload);
  }

  zmq::socket_t router_;
  zmq::message_t who_, head_, body_;
  counting_listeners listeners_;
  std::set<std::string> known_;
};

class dealers : public crowd {
 public:
  explicit dealers(const job& j) : payload_(j.payload()) {
    for (std::size_t i = 0; i < j.clients; ++i)
      sockets_.push_back(
          dealer(j, "client" + std::to_string(::getpid()) + "." + std::to_string(i)));
  }

  void connect() override {
    // The two round trips of a welcome and a first call, all sockets at once.
    for (auto& s : sockets_) post(s, {'h', 0, "echo", payload_.size()}, payload_);
    for (auto& s : sockets_) {
      (void)take(s, head_, body_, listeners_);
      post(s, {'r', 0, "echo", payload_.size()}, payload_);
    }
    for (auto& s : sockets_) (void)take(s, head_, body_, listeners_);
  }
  void broadcast(std::size_t count) override {
    const auto wanted = listeners_.counted + count * sockets_.size();
    post(sockets_.front(), {'b', count, "", payload_.size()}, payload_);
    std::vector<zmq::pollitem_t> items;
    for (auto& s : sockets_) items.push_back({s.handle(), 0, ZMQ_POLLIN, 0});
    while (listeners_.counted < wanted) {
      zmq::poll(items, std::chrono::milliseconds(-1));
      for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].revents != 0) drain(sockets_[i]);
    }
  }
  void fan_in(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      for (auto& s : sockets_) post(s, {'e', 0, "event", payload_.size()}, payload_);
    for (auto& s : sockets_) post(s, {'c', 0, "", 0}, {});
    for (auto& s : sockets_) (void)take(s, head_, body_, listeners_);
  }

 private:
  void drain(zmq::socket_t& s) {
    while (s.recv(head_, zmq::recv_flags::dontwait)) {
      (void)s.recv(body_);
      header h;
      std::memcpy(static_cast<void*>(&h), head_.data(), sizeof h);
      listeners_.call(h.name(), {static_cast<const char*>(body_.data()), body_.size()});
    }
  }

  const std::string payload_;
  std::vector<zmq::socket_t> sockets_;
  zmq::message_t head_, body_;
  counting_listeners listeners_;
};

}  // namespace

void bare_serve(const job& j) { server(j).run(); }

std::unique_ptr<crowd> bare_crowd(const job& j) { return std::make_unique<dealers>(j); }

}  // namespace bench
