// SPDX-License-Identifier: MIT
// The baseline: libzmq alone, ROUTER and DEALER, as one who knows them writes them by hand. A
// header part and a payload part, marks by bytes instead of a thousand messages, nothing dropped.
#include "bare.hpp"

#include <memory>

namespace bench {
namespace {

class bare_client : public client {
 public:
  explicit bare_client(const job& j) : payload_(j.payload()), dealer_(dealer(j, "client")) {}

  void round_trip() override {
    post(dealer_, {'r', ++id_, "echo", payload_.size()}, payload_);
    (void)next();
  }
  void send() override { post(dealer_, {'e', 0, "event", payload_.size()}, payload_); }
  std::uint64_t counted() override {
    post(dealer_, {'c', 0, "", 0}, {});
    return next().id;
  }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    const auto before = listeners_.counted;
    post(dealer_, {'f', static_cast<std::uint64_t>(time.count()), "event", payload_.size()},
         payload_);
    while (next().kind != 'd') {
    }
    return listeners_.counted - before;
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    for (std::size_t i = 0; i < depth; ++i)
      post(dealer_, {'r', ++id_, "echo", payload_.size()}, payload_);
    std::uint64_t answered = 0;
    for (; clock::now() < until; ++answered) {
      (void)next();
      post(dealer_, {'r', ++id_, "echo", payload_.size()}, payload_);
    }
    for (std::size_t i = 0; i < depth; ++i) (void)next();
    return answered + depth;
  }

 private:
  header next() { return take(dealer_, head_, body_, listeners_); }

  const std::string payload_;
  zmq::socket_t dealer_;
  zmq::message_t head_, body_;
  counting_listeners listeners_;
  std::uint64_t id_ = 0;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(
      argc, argv,
      {bench::bare_serve,
       [](const bench::job& j) { return std::make_unique<bench::bare_client>(j); },
       bench::bare_crowd});
}
