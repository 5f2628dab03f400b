// SPDX-License-Identifier: MIT
// A network cable between this network namespace and that of another process, which loses, delays,
// reorders and repeats packets as it is told, from a seed: what `tc netem` does, where the kernel
// has it.
//   fault_link PID DEVICE SEED     makes the TUN device DEVICE in both namespaces and joins them
// Commands on stdin, each answered "ok": set loss=0.01 delay=20 jitter=10 repeat=0.01
// (milliseconds, shares); what is not named is 0. loss=1 is a cable that is cut without anybody
// hearing of it.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

void check(int rc, const char* what) {
  if (rc >= 0) return;
  std::perror(what);
  std::exit(1);
}

int open_tun(const char* name) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  check(fd, "/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  check(::ioctl(fd, TUNSETIFF, &request), "TUNSETIFF");
  return fd;
}

struct weather {
  double loss = 0;
  double repeat = 0;
  double delay = 0;   // ms
  double jitter = 0;  // ms; packets overtake each other within it
};

class cable {
 public:
  cable(int here, int there, std::uint64_t seed) : ends_{here, there}, random_(seed) {}

  void set(const weather& w) { weather_ = w; }

  void run() {
    for (;;) {
      pollfd watched[3] = {{ends_[0], POLLIN, 0}, {ends_[1], POLLIN, 0}, {0, POLLIN, 0}};
      ::poll(watched, 3, wait_ms());
      for (int from : {0, 1}) {
        if ((watched[from].revents & POLLIN) != 0) take(from);
      }
      if (watched[2].revents != 0 && !command()) return;
      deliver();
    }
  }

 private:
  struct packet {
    int to;
    std::vector<char> bytes;
  };

  int wait_ms() const {
    if (under_way_.empty()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(under_way_.begin()->first - clock_type::now());
    return static_cast<int>(std::max<long>(0, left.count()));
  }
  bool chance(double share) { return share > 0 && unit_(random_) < share; }

  void take(int from) {
    char bytes[65536];
    for (int i = 0; i < 64; ++i) {
      const ssize_t n = ::read(ends_[from], bytes, sizeof bytes);
      if (n <= 0) return;
      if (chance(weather_.loss)) continue;
      const int copies = chance(weather_.repeat) ? 2 : 1;
      for (int c = 0; c < copies; ++c) {
        if (weather_.delay == 0 && weather_.jitter == 0 && under_way_.empty()) {
          write_to(1 - from, bytes, static_cast<std::size_t>(n));
        } else {
          const double ms = weather_.delay + weather_.jitter * unit_(random_);
          under_way_.emplace(
              clock_type::now() + std::chrono::microseconds(static_cast<long>(ms * 1000)),
              packet{1 - from, {bytes, bytes + n}});
        }
      }
    }
  }
  // A device that is down, or full, loses it: as a cable does.
  void write_to(int end, const char* bytes, std::size_t n) {
    if (::write(ends_[end], bytes, n) < 0) ++lost_;
  }
  void deliver() {
    const auto now = clock_type::now();
    while (!under_way_.empty() && under_way_.begin()->first <= now) {
      const packet& p = under_way_.begin()->second;
      write_to(p.to, p.bytes.data(), p.bytes.size());
      under_way_.erase(under_way_.begin());
    }
  }
  bool command() {
    char bytes[4096];
    const ssize_t n = ::read(0, bytes, sizeof bytes);
    if (n <= 0) return false;
    input_.append(bytes, static_cast<std::size_t>(n));
    for (std::size_t end; (end = input_.find('\n')) != std::string::npos;) {
      std::istringstream line(input_.substr(0, end));
      input_.erase(0, end + 1);
      weather w;
      for (std::string word; line >> word;) {
        const auto at = word.find('=');
        if (at == std::string::npos) continue;
        const double value = std::atof(word.c_str() + at + 1);
        const std::string name = word.substr(0, at);
        if (name == "loss") w.loss = value;
        if (name == "repeat") w.repeat = value;
        if (name == "delay") w.delay = value;
        if (name == "jitter") w.jitter = value;
      }
      set(w);
      std::puts("ok");
      std::fflush(stdout);
    }
    return true;
  }

  int ends_[2];
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> unit_{0, 1};
  weather weather_;
  std::multimap<clock_type::time_point, packet> under_way_;
  std::string input_;
  std::uint64_t lost_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int here = open_tun(argv[2]);
  const std::string path = std::string("/proc/") + argv[1] + "/ns/net";
  const int ns = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  check(ns, path.c_str());
  check(::setns(ns, CLONE_NEWNET), "setns");
  const int there = open_tun(argv[2]);
  std::puts("ready");
  std::fflush(stdout);
  cable(here, there, std::strtoull(argv[3], nullptr, 10)).run();
}
