// SPDX-License-Identifier: MIT
// What run.js does with ipczmq in JavaScript, in C++: the difference is the addon's cost.
//
//   c++ -std=c++20 -O2 bench/cost.cpp -o cost $(pkg-config --cflags --libs ipczmq) && ./cost
//   [ROUNDS]
#include <ipczmq/ipczmq.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using microseconds = std::chrono::duration<double, std::micro>;

double worked() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return of(u.ru_utime) + of(u.ru_stime);
}

void serve(const std::string& where) {
  ipczmq::ipc_main main(where);
  int count = 0;
  main.on("data", [&](ipczmq::event&, const std::string&) { ++count; });
  main.on("echo", [](ipczmq::event& e, const std::string& v) { e.return_value = v; });
  main.handle("echo", [](ipczmq::event&, std::string v) { return v; });
  main.handle("count", [&](ipczmq::event&) { return std::exchange(count, 0); });
  main.handle("worked", [](ipczmq::event&) { return worked(); });
  main.on("stop", [&](ipczmq::event&) { main.stop(); });
  main.run();
}

struct sample {
  double time, work;  // of one, in microseconds; work is of both processes
};

template <class F>
sample measure(ipczmq::ipc_renderer& r, int n, F&& run) {
  const double before = worked() + r.invoke<double>("worked").get();
  const auto began = std::chrono::steady_clock::now();
  run();
  const microseconds took = std::chrono::steady_clock::now() - began;
  return {took.count() / n, (worked() + r.invoke<double>("worked").get() - before) / n};
}

void report(const char* what, std::size_t size, std::vector<sample> all) {
  const auto middle = [&](double sample::*of) {
    std::sort(all.begin(), all.end(),
              [&](const sample& a, const sample& b) { return a.*of < b.*of; });
    return all[all.size() / 2].*of;
  };
  std::printf("%-10s %5zu B: %7.2f us, processor time %6.2f us\n", what, size,
              middle(&sample::time), middle(&sample::work));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  char folder[] = "/tmp/ipczmq-cost-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 2;
  const std::string where = "ipc://" + std::string(folder) + "/main";
  const pid_t child = fork();
  if (child == 0) {
    serve(where);
    return 0;
  }
  {
    ipczmq::ipc_renderer r(where);
    for (const std::size_t size : {std::size_t{32}, std::size_t{1024}}) {
      const std::string payload(size, 'x');
      std::vector<sample> flood, sync, invoke;
      for (int i = 0; i <= rounds; ++i) {
        flood.push_back(measure(r, 50000, [&] {
          for (int n = 0; n < 50000; ++n) r.send("data", payload);
          if (r.invoke<int>("count").get() != 50000) std::abort();
        }));
        sync.push_back(measure(r, 2000, [&] {
          for (int n = 0; n < 2000; ++n) (void)r.send_sync<std::string>("echo", payload);
        }));
        invoke.push_back(measure(r, 2000, [&] {
          for (int n = 0; n < 2000; ++n) (void)r.invoke<std::string>("echo", payload).get();
        }));
      }
      for (auto* all : {&flood, &sync, &invoke}) all->erase(all->begin());  // the warm-up
      report("one way", size, flood);
      report("send_sync", size, sync);
      report("invoke", size, invoke);
    }
    r.send("stop");
  }
  waitpid(child, nullptr, 0);
  rmdir(folder);
}
