// SPDX-License-Identifier: MIT
#include "program.hpp"

#include "usage.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bench {
namespace {

double seconds(clock::duration d) { return std::chrono::duration<double>(d).count(); }

class report {
 public:
  report& add(const char* name, double value) {
    if (!std::isfinite(value)) return *this;
    char text[64];
    std::snprintf(text, sizeof text, "%s\"%s\": %.4f", text_.empty() ? "" : ", ", name, value);
    text_ += text;
    return *this;
  }
  void used(const usage& before, const usage& after, double messages, const job& j) {
    add("cpu_us", (after.cpu_us - before.cpu_us) / messages);
    add("switches", (after.switches - before.switches) / messages);
    if (j.allocations.empty()) return;
    add("allocations", (after.allocations - before.allocations) / messages);
    add("news", (after.news - before.news) / messages);
  }
  void print() const { std::printf("{%s}\n", text_.c_str()); }

 private:
  std::string text_;
};

void rate(report& r, double count, double s, std::size_t size) {
  r.add("per_s", count / s)
      .add("mb_per_s", count * static_cast<double>(size) / s / 1e6)
      .add("count", count);
}

void measure_round_trips(client& c, const job& j, const usage_meter& meter, report& r) {
  const auto warm = clock::now() + (j.count != 0 ? clock::duration::zero() : j.time / 5);
  for (int i = 0; i < 20 || clock::now() < warm; ++i) c.round_trip();
  std::vector<double> us;
  us.reserve(1 << 16);
  const auto before = meter.now();
  const auto until = clock::now() + j.time;
  while (j.count != 0 ? us.size() < j.count : us.size() < 50 || clock::now() < until) {
    const auto from = clock::now();
    c.round_trip();
    us.push_back(seconds(clock::now() - from) * 1e6);
  }
  const auto after = meter.now();
  r.used(before, after, static_cast<double>(us.size()), j);
  std::sort(us.begin(), us.end());
  const auto at = [&](double q) {
    return us[static_cast<std::size_t>(q * static_cast<double>(us.size() - 1))];
  };
  r.add("p50_us", at(0.5)).add("p90_us", at(0.9)).add("p99_us", at(0.99)).add("p999_us", at(0.999));
  r.add("count", static_cast<double>(us.size()));
}

// For so long, or as many as `limit` says.
std::uint64_t send_for(client& c, const job& j, std::chrono::milliseconds time, std::size_t limit) {
  // The clock is read once in a while only: 32 B messages cost less than reading it.
  const std::size_t stride = j.size <= 1024 ? 64 : 4;
  const auto until = clock::now() + time;
  std::uint64_t sent = 0;
  do {
    for (std::size_t i = 0; i < stride; ++i) c.send();
    sent += stride;
  } while (limit != 0 ? sent < limit : clock::now() < until);
  return sent;
}

void measure_one_way(client& c, const job& j, const usage_meter& meter, report& r) {
  // The growing number of channels or listeners is no limit.
  const std::size_t limit = j.variant == "channels" || j.variant == "listeners" ? 0 : j.count;
  send_for(c, j, j.time / 5, limit != 0 ? 1 : 0);
  const auto before_count = c.counted();
  const auto before = meter.now();
  const auto from = clock::now();
  const auto sent = send_for(c, j, j.time, limit);
  const auto counted = c.counted() - before_count;
  const double s = seconds(clock::now() - from);
  r.used(before, meter.now(), static_cast<double>(sent), j);
  rate(r, static_cast<double>(counted), s, j.size);
  r.add("lost", static_cast<double>(sent) - static_cast<double>(counted));
}

// `run` works for as long as it is told, and says how much it has done.
template <class F>
void measure_rate(const job& j, const usage_meter& meter, report& r, F run) {
  (void)run(j.time / 5);
  const auto before = meter.now();
  const auto from = clock::now();
  const auto count = static_cast<double>(run(j.time));
  const double s = seconds(clock::now() - from);
  r.used(before, meter.now(), count, j);
  rate(r, count, s, j.size);
}

void measure_crowd(const peer& p, const job& j, const usage_meter& meter, report& r) {
  if (!p.gather) throw unsupported();
  const double idle_kib = j.server == 0 ? 0 : resident_kib(j.server);
  const auto before = meter.now();
  const auto from = clock::now();
  const auto all = p.gather(j);
  all->connect();
  const double connected = seconds(clock::now() - from);
  if (j.work == "connect") {
    r.used(before, meter.now(), static_cast<double>(j.clients), j);
    r.add("s", connected).add("us_per_client", connected * 1e6 / static_cast<double>(j.clients));
    if (j.server != 0)
      r.add("server_kib", (resident_kib(j.server) - idle_kib) / static_cast<double>(j.clients));
    return;
  }
  const auto work = [&](std::size_t count) {
    j.work == "broadcast" ? all->broadcast(count) : all->fan_in(count);
  };
  const std::size_t each = std::max<std::size_t>(1, j.count / j.clients);
  work(std::max<std::size_t>(1, each / 5));
  const auto before_work = meter.now();
  const auto from_work = clock::now();
  work(each);
  const double s = seconds(clock::now() - from_work);
  const auto messages = static_cast<double>(each * j.clients);
  r.used(before_work, meter.now(), messages, j);
  rate(r, messages, s, j.size);
}

// Connections that stay and do nothing, until this process is killed.
[[noreturn]] void stay(const peer& p, const job& j) {
  const auto all = p.gather(j);
  all->connect();
  std::printf("ready\n");
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

void measure(const peer& p, const job& j) {
  const usage_meter meter(j);
  report r;
  if (j.work == "connect" || j.work == "broadcast" || j.work == "fan_in") {
    measure_crowd(p, j, meter, r);
    r.print();
    return;
  }
  const auto c = p.connect(j);
  if (j.work == "round_trip") {
    measure_round_trips(*c, j, meter, r);
  } else if (j.work == "one_way") {
    measure_one_way(*c, j, meter, r);
  } else if (j.work == "flood") {
    measure_rate(j, meter, r, [&](std::chrono::milliseconds t) { return c->flood(t); });
  } else if (j.work == "pipeline") {
    measure_rate(j, meter, r, [&](std::chrono::milliseconds t) {
      return c->pipeline(j.depth, clock::now() + t);
    });
  } else {
    throw std::invalid_argument("no such work: " + j.work);
  }
  r.print();
}

}  // namespace

int run_program(int argc, char** argv, const peer& p) {
  try {
    if (argc > 1 && (std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h")) {
      std::cout << help_text << '\n';
      return 0;
    }
    const job j = parse(argc, argv);
    if (j.role == "server") {
      p.serve(j);
      return 0;
    }
    if (j.role == "idle") stay(p, j);
    if (j.role == "both") {
      std::thread([&] { p.serve(j); }).detach();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    measure(p, j);
    std::fflush(stdout);
    // No goodbyes: what ends here has been measured, and the server is about to be killed.
    std::_Exit(0);
  } catch (const unsupported&) {
    std::printf("{\"unsupported\": 1}\n");
    return 0;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}

}  // namespace bench
