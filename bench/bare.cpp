// SPDX-License-Identifier: MIT
// The baseline: ROUTER and DEALER as one writes them by hand, with a header part and a payload
// part. "main" or "renderer" ENDPOINT WORK SIZE COUNT.
#include "report.hpp"

#include <zmq.hpp>

#include <cstring>
#include <iostream>
#include <string>

namespace {

// What a request carries besides its payload: kind, correlation id, channel.
struct header {
  char kind;
  std::uint64_t id;
  char channel[16];
};

void serve(zmq::context_t& context, const std::string& endpoint) {
  zmq::socket_t router(context, zmq::socket_type::router);
  router.set(zmq::sockopt::sndhwm, 0);
  router.set(zmq::sockopt::rcvhwm, 0);
  router.bind(endpoint);
  std::uint64_t counted = 0;
  std::size_t bytes = 0;
  for (;;) {
    zmq::message_t who, head, payload;
    (void)router.recv(who);
    (void)router.recv(head);
    (void)router.recv(payload);
    header h{};
    std::memcpy(&h, head.data(), sizeof h);
    if (h.kind == 'q') return;
    if (h.kind == 'e') {
      ++counted;
      bytes += payload.size();
      continue;
    }
    if (h.kind == 'c') payload = zmq::message_t(std::to_string(counted));
    router.send(who, zmq::send_flags::sndmore);
    router.send(head, zmq::send_flags::sndmore);
    router.send(payload, zmq::send_flags::none);
  }
}

void send(zmq::socket_t& dealer, char kind, std::uint64_t id, const std::string& payload) {
  header h{kind, id, "channel"};
  dealer.send(zmq::buffer(&h, sizeof h), zmq::send_flags::sndmore);
  dealer.send(zmq::buffer(payload), zmq::send_flags::none);
}

void answer(zmq::socket_t& dealer) {
  zmq::message_t head, payload;
  (void)dealer.recv(head);
  (void)dealer.recv(payload);
}

}  // namespace

int main(int, char** argv) {
  zmq::context_t context;
  const std::string role = argv[1];
  const std::string endpoint = argv[2];
  if (role == "main") {
    serve(context, endpoint);
    return 0;
  }
  const std::string work = argv[3];
  const std::string payload(std::stoul(argv[4]), 'x');
  const int count = std::stoi(argv[5]);
  zmq::socket_t dealer(context, zmq::socket_type::dealer);
  dealer.set(zmq::sockopt::sndhwm, 0);
  dealer.set(zmq::sockopt::rcvhwm, 0);
  dealer.set(zmq::sockopt::routing_id, "renderer");
  dealer.connect(endpoint);
  bench::report report;
  if (work == "roundtrip") {
    report.round_trips(count, [&](int i) {
      send(dealer, 'r', static_cast<std::uint64_t>(i), payload);
      answer(dealer);
    });
  } else {
    report.one_way(
        count, [&](int i) { send(dealer, 'e', static_cast<std::uint64_t>(i), payload); },
        [&] {
          send(dealer, 'c', 0, payload);
          answer(dealer);
        });
  }
  send(dealer, 'q', 0, payload);
}
