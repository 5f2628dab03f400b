// SPDX-License-Identifier: MIT
// A limit: plain Unix or TCP stream sockets, one thread an end, nothing promised. Events gather for
// 64 KiB, answers until no request is waiting.
#include "streams.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t gathered = 64 * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

// "ipc://path" or "tcp://127.0.0.1:port"; port * is any.
address parse_address(const std::string& endpoint) {
  address a;
  if (endpoint.starts_with("ipc://")) {
    auto& un = reinterpret_cast<sockaddr_un&>(a.bytes);
    un.sun_family = AF_UNIX;
    endpoint.copy(un.sun_path, sizeof un.sun_path - 1, 6);
    a.size = sizeof un;
    return a;
  }
  auto& in = reinterpret_cast<sockaddr_in&>(a.bytes);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string port = endpoint.substr(endpoint.rfind(':') + 1);
  in.sin_port = htons(static_cast<std::uint16_t>(port == "*" ? 0 : std::stoi(port)));
  a.size = sizeof in;
  return a;
}

class end {
 public:
  explicit end(int fd) : fd_(fd), in_(256 * 1024) {
    const int bytes = 8 << 20;  // as far as the kernel allows
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  void write(const header& h, std::string_view payload) {
    const auto* head = reinterpret_cast<const char*>(&h);
    out_.insert(out_.end(), head, head + sizeof h);
    out_.insert(out_.end(), payload.begin(), payload.end());
    if (out_.size() >= gathered) flush();
  }
  void flush() {
    for (std::size_t done = 0; done < out_.size();) {
      const auto n = ::send(fd_, out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
      if (n < 0) fail("send");
      done += static_cast<std::size_t>(n);
    }
    out_.clear();
  }
  header read() {
    begin_ += taken_;
    taken_ = 0;
    need(sizeof(header));
    header h;
    std::memcpy(static_cast<void*>(&h), in_.data() + begin_, sizeof h);
    need(sizeof h + h.size);
    taken_ = sizeof h + h.size;
    return h;
  }
  [[nodiscard]] std::string_view payload() const {
    return {in_.data() + begin_ + sizeof(header), taken_ - sizeof(header)};
  }
  [[nodiscard]] bool pending() const { return end_ - begin_ > taken_; }
  [[nodiscard]] std::size_t room() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    ::getsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &bytes, &size);
    return static_cast<std::size_t>(bytes) / 4;
  }

 private:
  void need(std::size_t bytes) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (begin_ + bytes > in_.size()) {
      std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      if (bytes > in_.size()) in_.resize(bytes * 2);
    }
    while (end_ - begin_ < bytes) {
      const auto n = ::recv(fd_, in_.data() + end_, in_.size() - end_, 0);
      if (n <= 0) fail("recv");
      end_ += static_cast<std::size_t>(n);
    }
  }

  int fd_;
  std::vector<char> in_, out_;
  std::size_t begin_ = 0, end_ = 0, taken_ = 0;
};

void serve(const job& j) {
  const address a = parse_address(j.endpoint);
  const int listener = ::socket(a.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&a.bytes), a.size) != 0) fail("bind");
  if (::listen(listener, 1) != 0) fail("listen");
  std::string endpoint = j.endpoint;
  if (a.bytes.ss_family == AF_INET) {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&bound), &size);
    endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(bound.sin_port));
  }
  ready(endpoint);
  end e(::accept(listener, nullptr, nullptr));
  serve_stream(e);
}

std::unique_ptr<client> connect(const job& j) {
  const address a = parse_address(j.endpoint);
  const int fd = ::socket(a.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a.bytes), a.size) != 0) fail("connect");
  return std::make_unique<stream_client<end>>(j, std::make_unique<end>(fd));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, bench::connect});
}
