// SPDX-License-Identifier: MIT
// Cap'n Proto RPC: calls, streaming calls for events (with its flow control), promises for calls in
// flight.
#include "common/listeners.hpp"
#include "common/program.hpp"

#include "capnp.capnp.h"

#include <capnp/ez-rpc.h>
#include <capnp/message.h>
#include <unistd.h>

#include <deque>
#include <memory>
#include <string>

namespace bench {
namespace {

constexpr capnp::ReaderOptions unlimited{.traversalLimitInWords = std::uint64_t{1} << 60,
                                         .nestingLimit = 64};

std::string_view view(capnp::Text::Reader t) { return {t.cStr(), t.size()}; }
std::string_view view(capnp::Data::Reader d) {
  return {reinterpret_cast<const char*>(d.begin()), d.size()};
}
capnp::Data::Reader bytes_of(const std::string& s) {
  return {reinterpret_cast<const kj::byte*>(s.data()), s.size()};
}

// "unix:path" or "127.0.0.1:port".
std::string target(const std::string& endpoint) {
  return endpoint.starts_with("ipc://") ? "unix:" + endpoint.substr(6) : endpoint.substr(6);
}

struct flooding {
  Sink::Client sink;
  clock::time_point until;
  std::string payload;
};

kj::Promise<void> go_on(std::shared_ptr<flooding> f) {
  if (clock::now() >= f->until) return kj::READY_NOW;
  auto event = f->sink.eventRequest();
  event.setChannel("event");
  event.setPayload(bytes_of(f->payload));
  return event.send().then([f] { return go_on(f); });
}

class service final : public Peer::Server {
 protected:
  kj::Promise<void> echo(EchoContext c) override {
    table_.call(view(c.getParams().getChannel()), view(c.getParams().getPayload()));
    c.getResults().setPayload(c.getParams().getPayload());
    return kj::READY_NOW;
  }
  kj::Promise<void> event(EventContext c) override {
    table_.call(view(c.getParams().getChannel()), view(c.getParams().getPayload()));
    return kj::READY_NOW;
  }
  kj::Promise<void> counted(CountedContext c) override {
    c.getResults().setTotal(table_.counted);
    return kj::READY_NOW;
  }
  kj::Promise<void> flood(FloodContext c) override {
    const auto wish = c.getParams();
    return go_on(std::make_shared<flooding>(
        flooding{wish.getSink(), clock::now() + std::chrono::milliseconds(wish.getMs()),
                 std::string(wish.getSize(), 'x')}));
  }

 private:
  counting_listeners table_;
};

class sink final : public Sink::Server {
 public:
  explicit sink(counting_listeners& table) : table_(table) {}

 protected:
  kj::Promise<void> event(EventContext c) override {
    table_.call(view(c.getParams().getChannel()), view(c.getParams().getPayload()));
    return kj::READY_NOW;
  }

 private:
  counting_listeners& table_;
};

void serve(const job& j) {
  const bool any_port = j.endpoint.ends_with(":*");
  capnp::EzRpcServer server(kj::heap<service>(),
                            any_port ? kj::StringPtr("127.0.0.1:0") : target(j.endpoint).c_str(), 0,
                            unlimited);
  auto& scope = server.getWaitScope();
  const auto port = server.getPort().wait(scope);
  ready(any_port ? "tcp://127.0.0.1:" + std::to_string(port) : j.endpoint);
  kj::NEVER_DONE.wait(scope);
}

class capnp_client : public client {
 public:
  explicit capnp_client(const job& j)
      : payload_(j.payload()),
        rpc_(std::make_unique<capnp::EzRpcClient>(target(j.endpoint).c_str(), 0, unlimited)),
        peer_(std::make_unique<Peer::Client>(rpc_->getMain<Peer>())) {}

  void round_trip() override { take(call()); }
  void send() override {
    auto event = peer_->eventRequest();
    event.setChannel("event");
    event.setPayload(bytes_of(payload_));
    event.send().wait(rpc_->getWaitScope());  // waits only when the window of the stream is full
  }
  std::uint64_t counted() override {
    return peer_->countedRequest().send().wait(rpc_->getWaitScope()).getTotal();
  }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    const auto before = table_.counted;
    auto wish = peer_->floodRequest();
    wish.setSink(kj::heap<sink>(table_));
    wish.setMs(static_cast<std::uint64_t>(time.count()));
    wish.setSize(payload_.size());
    wish.send().wait(rpc_->getWaitScope());
    return table_.counted - before;
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    std::deque<capnp::RemotePromise<Peer::EchoResults>> open;
    for (std::size_t i = 0; i < depth; ++i) open.push_back(call());
    std::uint64_t answered = 0;
    while (!open.empty()) {
      auto first = std::move(open.front());
      open.pop_front();
      take(std::move(first));
      ++answered;
      if (clock::now() < until) open.push_back(call());
    }
    return answered;
  }

 private:
  capnp::RemotePromise<Peer::EchoResults> call() {
    auto request = peer_->echoRequest();
    request.setChannel("echo");
    request.setPayload(bytes_of(payload_));
    return request.send();
  }
  void take(capnp::RemotePromise<Peer::EchoResults> answer) {
    const auto results = answer.wait(rpc_->getWaitScope());
    table_.call("echo", view(results.getPayload()));
  }

  const std::string payload_;
  std::unique_ptr<capnp::EzRpcClient> rpc_;  // whose destructors may throw
  std::unique_ptr<Peer::Client> peer_;
  counting_listeners table_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, [](const bench::job& j) {
                                           return std::make_unique<bench::capnp_client>(j);
                                         }});
}
