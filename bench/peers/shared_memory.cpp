// SPDX-License-Identifier: MIT
// A limit: two rings in shared memory; an end that finds its ring empty or full sleeps on a futex.
#include "streams.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace bench {
namespace {

constexpr std::size_t ring_bytes = std::size_t{32} << 20;

// A counter of bytes that one end advances and the other may sleep on.
struct alignas(64) position {
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint32_t> turn{0};
  std::atomic<std::uint32_t> sleeper{0};

  void advance(std::uint64_t to) {
    bytes.store(to, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (sleeper.load(std::memory_order_relaxed) == 0) return;
    sleeper.store(0, std::memory_order_relaxed);
    turn.fetch_add(1, std::memory_order_release);
    ::syscall(SYS_futex, &turn, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
  template <class Ready>
  void wait(Ready is_ready) {
    while (!is_ready(bytes.load(std::memory_order_acquire))) {
      const auto seen = turn.load(std::memory_order_acquire);
      sleeper.store(1, std::memory_order_seq_cst);
      if (is_ready(bytes.load(std::memory_order_seq_cst))) return;
      ::syscall(SYS_futex, &turn, FUTEX_WAIT, seen, nullptr, nullptr, 0);
    }
  }
};

struct ring {
  position written;
  position read;
  char bytes[ring_bytes];
};

struct shared {
  ring to_server;
  ring to_client;
};

shared* map(const job& j, bool create) {
  const std::string path = j.endpoint.substr(6);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  if (create && ::ftruncate(fd, sizeof(shared)) != 0)
    throw std::system_error(errno, std::generic_category(), path);
  void* p =
      ::mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  ::close(fd);
  if (p == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return static_cast<shared*>(p);  // a new file is zeros, which is what the constructors would make
}

class end {
 public:
  end(ring& in, ring& out) : in_(in), out_(out) {}

  void write(const header& h, std::string_view payload) {
    const std::size_t bytes = rounded(sizeof h + payload.size());
    const std::size_t at = written_ % ring_bytes;
    // A message lies in one piece; what is left before the end of the ring is passed over.
    const std::size_t skip = at + bytes > ring_bytes ? ring_bytes - at : 0;
    if (written_ + skip + bytes - read_seen_ > ring_bytes) {
      flush();
      out_.read.wait([&](std::uint64_t read) {
        read_seen_ = read;
        return written_ + skip + bytes - read <= ring_bytes;
      });
    }
    if (skip != 0) {
      const header pad('p', 0, "", skip - sizeof(header));
      std::memcpy(out_.bytes + at, &pad, sizeof pad);
    }
    char* to = out_.bytes + (written_ + skip) % ring_bytes;
    std::memcpy(to, &h, sizeof h);
    std::memcpy(to + sizeof h, payload.data(), payload.size());
    written_ += skip + bytes;
    if (written_ - flushed_ > 64 * 1024) flush();
  }
  void flush() {
    flushed_ = written_;
    out_.written.advance(written_);
  }
  header read() {
    for (;;) {
      read_ += taken_;
      if (taken_ != 0 && (read_ - told_ > ring_bytes / 8 || read_ == written_seen_)) {
        told_ = read_;
        in_.read.advance(read_);
      }
      if (read_ == written_seen_) {
        in_.written.wait([&](std::uint64_t written) {
          written_seen_ = written;
          return written != read_;
        });
      }
      header h;
      std::memcpy(static_cast<void*>(&h), in_.bytes + read_ % ring_bytes, sizeof h);
      size_ = h.size;
      taken_ = rounded(sizeof h + h.size);
      if (h.kind != 'p') return h;
    }
  }
  [[nodiscard]] std::string_view payload() const {
    return {in_.bytes + read_ % ring_bytes + sizeof(header), size_};
  }
  [[nodiscard]] bool pending() const {
    return in_.written.bytes.load(std::memory_order_acquire) != read_ + taken_;
  }
  [[nodiscard]] static std::size_t room() { return ring_bytes / 2; }

 private:
  static std::size_t rounded(std::size_t n) {
    return (n + sizeof(header) - 1) / sizeof(header) * sizeof(header);
  }

  ring& in_;
  ring& out_;
  std::uint64_t written_ = 0, flushed_ = 0, read_seen_ = 0;
  std::uint64_t read_ = 0, told_ = 0, taken_ = 0, written_seen_ = 0, size_ = 0;
};

void serve(const job& j) {
  shared* s = map(j, true);
  end e(s->to_server, s->to_client);
  ready(j.endpoint);
  serve_stream(e);
}

std::unique_ptr<client> connect(const job& j) {
  shared* s = map(j, false);
  return std::make_unique<stream_client<end>>(j, std::make_unique<end>(s->to_client, s->to_server));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::run_program(argc, argv, {bench::serve, bench::connect});
}
