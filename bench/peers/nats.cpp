// SPDX-License-Identifier: MIT
// NATS: request/reply and publish, through a nats-server that the harness starts. Publishes are
// flushed at once where a round trip is measured, and gather where a rate is.
#include "common/listeners.hpp"
#include "common/program.hpp"

#include <nats/nats.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>

namespace bench {
namespace {

void check(natsStatus s) {
  if (s != NATS_OK) throw std::runtime_error(natsStatus_GetText(s));
}

natsConnection* connected(const job& j, bool at_once) {
  natsOptions* options = nullptr;
  natsConnection* c = nullptr;
  check(natsOptions_Create(&options));
  check(natsOptions_SetURL(options, ("nats://" + j.endpoint.substr(6)).c_str()));
  check(natsOptions_SetSendAsap(options, at_once));
  check(natsOptions_SetMaxPendingMsgs(options, 1 << 20));
  check(natsConnection_Connect(&c, options));
  return c;
}

class message {
 public:
  explicit message(natsMsg* m) : m_(m) {}
  ~message() { natsMsg_Destroy(m_); }
  message(const message&) = delete;
  message& operator=(const message&) = delete;
  [[nodiscard]] std::string_view text() const {
    return {natsMsg_GetData(m_), static_cast<std::size_t>(natsMsg_GetDataLength(m_))};
  }
  [[nodiscard]] const char* reply_to() const { return natsMsg_GetReply(m_); }
  [[nodiscard]] const char* subject() const { return natsMsg_GetSubject(m_); }

 private:
  natsMsg* m_;
};

void publish(natsConnection* c, const char* subject, std::string_view text) {
  check(natsConnection_Publish(c, subject, text.data(), static_cast<int>(text.size())));
}

struct server {
  natsConnection* connection;
  counting_listeners table;
};

// One subscription for all subjects, so that one thread serves them in order.
void on_message(natsConnection* c, natsSubscription*, natsMsg* m, void* closure) {
  auto& s = *static_cast<server*>(closure);
  const message in(m);
  const std::string_view subject = std::string_view(in.subject()).substr(5);
  if (subject == "counted") {
    publish(c, in.reply_to(), std::to_string(s.table.counted));
  } else if (subject == "flood") {
    const auto comma = in.text().find(',');
    const std::chrono::milliseconds time(std::stol(std::string(in.text().substr(0, comma))));
    const std::string payload(std::stoul(std::string(in.text().substr(comma + 1))), 'x');
    const std::string to = in.reply_to();
    const auto until = clock::now() + time;
    do {
      for (int i = 0; i < 16; ++i) publish(c, to.c_str(), payload);
    } while (clock::now() < until);
    publish(c, to.c_str(), "");
  } else {
    s.table.call(subject, in.text());
    if (in.reply_to() != nullptr) publish(c, in.reply_to(), in.text());
  }
}

void serve(const job& j) {
  const bool at_once = j.work == "round_trip";
  server s{connected(j, at_once), {}};
  natsSubscription* all = nullptr;
  check(natsConnection_Subscribe(&all, s.connection, "main.>", on_message, &s));
  check(natsSubscription_SetPendingLimits(all, -1, -1));
  check(natsConnection_Flush(s.connection));
  ready(j.endpoint);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

class nats_client : public client {
 public:
  explicit nats_client(const job& j)
      : payload_(j.payload()), connection_(connected(j, j.work == "round_trip")) {}

  void round_trip() override { table_.call("echo", request("main.echo", payload_)->text()); }
  void send() override { publish(connection_, "main.event", payload_); }
  std::uint64_t counted() override {
    check(natsConnection_Flush(connection_));
    return std::stoull(std::string(request("main.counted", "")->text()));
  }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    natsInbox* inbox = nullptr;
    natsSubscription* events = nullptr;
    check(natsInbox_Create(&inbox));
    check(natsConnection_SubscribeSync(&events, connection_, inbox));
    check(natsSubscription_SetPendingLimits(events, -1, -1));
    const std::string wish = std::to_string(time.count()) + "," + std::to_string(payload_.size());
    check(natsConnection_PublishRequest(connection_, "main.flood", inbox, wish.data(),
                                        static_cast<int>(wish.size())));
    check(natsConnection_Flush(connection_));
    const auto before = table_.counted;
    for (;;) {
      natsMsg* m = nullptr;
      check(natsSubscription_NextMsg(&m, events, 10000));
      const message in(m);
      if (in.text().empty()) break;
      table_.call("event", in.text());
    }
    natsSubscription_Destroy(events);
    natsInbox_Destroy(inbox);
    return table_.counted - before;
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    natsInbox* inbox = nullptr;
    natsSubscription* answers = nullptr;
    check(natsInbox_Create(&inbox));
    check(natsConnection_SubscribeSync(&answers, connection_, inbox));
    const auto ask = [&] {
      check(natsConnection_PublishRequest(connection_, "main.echo", inbox, payload_.data(),
                                          static_cast<int>(payload_.size())));
    };
    const auto answer = [&] {
      natsMsg* m = nullptr;
      check(natsSubscription_NextMsg(&m, answers, 10000));
      table_.call("echo", message(m).text());
    };
    for (std::size_t i = 0; i < depth; ++i) ask();
    std::uint64_t answered = 0;
    for (; clock::now() < until; ++answered) {
      answer();
      ask();
    }
    for (std::size_t i = 0; i < depth; ++i) answer();
    natsSubscription_Destroy(answers);
    natsInbox_Destroy(inbox);
    return answered + depth;
  }

 private:
  std::unique_ptr<message> request(const char* subject, std::string_view text) {
    natsMsg* m = nullptr;
    check(natsConnection_Request(&m, connection_, subject, text.data(),
                                 static_cast<int>(text.size()), 60000));
    return std::make_unique<message>(m);
  }

  const std::string payload_;
  natsConnection* connection_;
  counting_listeners table_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, [](const bench::job& j) {
                                           return std::make_unique<bench::nats_client>(j);
                                         }});
}
