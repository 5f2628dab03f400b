// SPDX-License-Identifier: MIT
// nng's pair sockets: the fastest it has for two processes (req/rep takes longer for a round trip).
#include "streams.hpp"

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

namespace bench {
namespace {

void check(int code) {
  if (code != 0) throw std::runtime_error(nng_strerror(code));
}

class end {
 public:
  end() {
    check(nng_pair0_open(&socket_));
    check(nng_socket_set_int(socket_, NNG_OPT_SENDBUF, 1024));
    check(nng_socket_set_int(socket_, NNG_OPT_RECVBUF, 1024));
    check(nng_socket_set_size(socket_, NNG_OPT_RECVMAXSZ, 0));
  }
  ~end() { nng_close(socket_); }
  end(const end&) = delete;
  end& operator=(const end&) = delete;

  void listen(const std::string& endpoint) {
    nng_listener listener{};
    const bool any_port = endpoint.ends_with(":*");
    check(nng_listen(socket_,
                     (any_port ? endpoint.substr(0, endpoint.size() - 1) + "0" : endpoint).c_str(),
                     &listener, 0));
    int port = 0;
    if (any_port) check(nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port));
    ready(any_port ? endpoint.substr(0, endpoint.size() - 1) + std::to_string(port) : endpoint);
  }
  void dial(const std::string& endpoint) { check(nng_dial(socket_, endpoint.c_str(), nullptr, 0)); }

  void write(const header& h, std::string_view payload) {
    nng_msg* m = nullptr;
    check(nng_msg_alloc(&m, sizeof h + payload.size()));
    auto* to = static_cast<char*>(nng_msg_body(m));
    std::memcpy(to, &h, sizeof h);
    std::memcpy(to + sizeof h, payload.data(), payload.size());
    check(nng_sendmsg(socket_, m, 0));
  }
  void flush() {}
  header read() {
    if (in_ != nullptr) nng_msg_free(in_);
    check(nng_recvmsg(socket_, &in_, 0));
    header h;
    std::memcpy(static_cast<void*>(&h), nng_msg_body(in_), sizeof h);
    return h;
  }
  [[nodiscard]] std::string_view payload() const {
    return {static_cast<const char*>(nng_msg_body(in_)) + sizeof(header),
            nng_msg_len(in_) - sizeof(header)};
  }
  [[nodiscard]] static bool pending() { return false; }
  [[nodiscard]] std::size_t room() const { return 768 * (payload_bytes_ + sizeof(header)); }
  std::size_t payload_bytes_ = 0;

 private:
  nng_socket socket_{};
  nng_msg* in_ = nullptr;
};

void serve(const job& j) {
  end e;
  e.listen(j.endpoint);
  serve_stream(e);
}

std::unique_ptr<client> connect(const job& j) {
  auto e = std::make_unique<end>();
  e->payload_bytes_ = j.size;
  e->dial(j.endpoint);
  return std::make_unique<stream_client<end>>(j, std::move(e));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, bench::connect});
}
