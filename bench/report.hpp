// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;

// Measures, and prints one line of JSON.
class report {
 public:
  template <class F>
  void round_trips(int count, F once) {
    for (int i = 0; i < count / 10 + 1; ++i) once(i);
    std::vector<double> us;
    us.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const auto from = clock::now();
      once(i);
      us.push_back(std::chrono::duration<double, std::micro>(clock::now() - from).count());
    }
    std::sort(us.begin(), us.end());
    const auto at = [&](double q) {
      return us[static_cast<std::size_t>(q * static_cast<double>(us.size() - 1))];
    };
    std::printf(R"({"p50_us": %.2f, "p90_us": %.2f, "p99_us": %.2f})"
                "\n",
                at(0.5), at(0.9), at(0.99));
  }

  // `all_counted` returns when the other side has counted every message.
  template <class Send, class Counted>
  void one_way(int count, Send send, Counted all_counted) {
    for (int i = 0; i < count / 10 + 1; ++i) send(i);
    all_counted();
    const auto from = clock::now();
    for (int i = 0; i < count; ++i) send(i);
    all_counted();
    const double s = std::chrono::duration<double>(clock::now() - from).count();
    std::printf(R"({"per_s": %.0f})"
                "\n",
                count / s);
  }
};

}  // namespace bench
