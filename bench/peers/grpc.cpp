// SPDX-License-Identifier: MIT
// gRPC: unary calls for round trips, client and server streaming for events, a bidirectional stream
// for calls in flight (faster than as many unary ones).
#include "common/listeners.hpp"
#include "common/program.hpp"

#include "grpc.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace bench {
namespace {

// Both sides accept any message size.
constexpr int unlimited = -1;

class service final : public Peer::Service {
 public:
  grpc::Status Echo(grpc::ServerContext*, const Message* in, Message* out) override {
    std::lock_guard lock(mutex_);  // listeners run one at a time, as everywhere here
    table_.call(in->channel(), in->payload());
    out->set_channel(in->channel());
    out->set_payload(in->payload());
    return grpc::Status::OK;
  }
  grpc::Status Echoes(grpc::ServerContext*,
                      grpc::ServerReaderWriter<Message, Message>* stream) override {
    for (Message m; stream->Read(&m);) {
      table_.call(m.channel(), m.payload());
      if (!stream->Write(m)) break;
    }
    return grpc::Status::OK;
  }
  grpc::Status Events(grpc::ServerContext*, grpc::ServerReader<Message>* in, Total* out) override {
    for (Message m; in->Read(&m);) table_.call(m.channel(), m.payload());
    out->set_counted(table_.counted);
    return grpc::Status::OK;
  }
  grpc::Status Flood(grpc::ServerContext*, const FloodRequest* wish,
                     grpc::ServerWriter<Message>* out) override {
    Message m;
    m.set_channel("event");
    m.set_payload(std::string(wish->size(), 'x'));
    const auto until = clock::now() + std::chrono::milliseconds(wish->ms());
    do {
      for (int i = 0; i < 4; ++i) out->Write(m);
    } while (clock::now() < until);
    return grpc::Status::OK;
  }

 private:
  std::mutex mutex_;
  counting_listeners table_;
};

// "unix:path" or "127.0.0.1:port".
std::string target(const std::string& endpoint) {
  return endpoint.starts_with("ipc://") ? "unix:" + endpoint.substr(6) : endpoint.substr(6);
}

void serve(const job& j) {
  service s;
  grpc::ServerBuilder builder;
  int port = 0;
  const bool any_port = j.endpoint.ends_with(":*");
  builder.AddListeningPort(any_port ? "127.0.0.1:0" : target(j.endpoint),
                           grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(unlimited);
  builder.RegisterService(&s);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) throw std::runtime_error("grpc cannot listen");
  ready(any_port ? "tcp://127.0.0.1:" + std::to_string(port) : j.endpoint);
  server->Wait();
}

class grpc_client : public client {
 public:
  explicit grpc_client(const job& j) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(unlimited);
    stub_ = Peer::NewStub(grpc::CreateCustomChannel(target(j.endpoint),
                                                    grpc::InsecureChannelCredentials(), arguments));
    request_.set_channel("echo");
    request_.set_payload(j.payload());
    event_.set_channel("event");
    event_.set_payload(j.payload());
  }

  void round_trip() override {
    grpc::ClientContext context;
    check(stub_->Echo(&context, request_, &answer_));
    table_.call(answer_.channel(), answer_.payload());
  }
  void send() override {
    if (!events_) {
      events_context_ = std::make_unique<grpc::ClientContext>();
      events_ = stub_->Events(events_context_.get(), &total_);
    }
    if (!events_->Write(event_)) throw std::runtime_error("the stream broke");
  }
  std::uint64_t counted() override {
    events_->WritesDone();
    check(events_->Finish());
    events_.reset();
    return total_.counted();
  }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    const auto before = table_.counted;
    FloodRequest wish;
    wish.set_ms(time.count());
    wish.set_size(event_.payload().size());
    grpc::ClientContext context;
    const auto events = stub_->Flood(&context, wish);
    for (Message m; events->Read(&m);) table_.call(m.channel(), m.payload());
    check(events->Finish());
    return table_.counted - before;
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    grpc::ClientContext context;
    const auto stream = stub_->Echoes(&context);
    std::mutex mutex;
    std::condition_variable room;
    std::size_t in_flight = 0;
    std::uint64_t answered = 0;
    std::thread reader([&] {
      for (Message m; stream->Read(&m);) {
        table_.call(m.channel(), m.payload());
        std::lock_guard lock(mutex);
        ++answered;
        --in_flight;
        room.notify_one();
      }
    });
    while (clock::now() < until) {
      {
        std::unique_lock lock(mutex);
        room.wait(lock, [&] { return in_flight < depth; });
        ++in_flight;
      }
      stream->Write(request_);
    }
    stream->WritesDone();
    reader.join();
    check(stream->Finish());
    return answered;
  }

 private:
  static void check(const grpc::Status& s) {
    if (!s.ok()) throw std::runtime_error(s.error_message());
  }

  std::unique_ptr<Peer::Stub> stub_;
  Message request_, event_, answer_;
  Total total_;
  std::unique_ptr<grpc::ClientContext> events_context_;
  std::unique_ptr<grpc::ClientWriter<Message>> events_;
  counting_listeners table_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, [](const bench::job& j) {
                                           return std::make_unique<bench::grpc_client>(j);
                                         }});
}
