// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ipczmq::test {

using namespace std::chrono_literals;

// True as soon as `condition` is; false when it was not within the time, which only a failure uses
// up.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = 5s) {
  const auto give_up = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// What listeners saw, on whatever thread. (Boost.Test's checks belong on one thread only.)
template <class T>
class collected {
 public:
  void add(T v) {
    const std::lock_guard l(mutex_);
    items_.push_back(std::move(v));
  }
  [[nodiscard]] std::vector<T> all() const {
    const std::lock_guard l(mutex_);
    return items_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard l(mutex_);
    return items_.size();
  }
  [[nodiscard]] bool reaches(std::size_t n, std::chrono::milliseconds within = 5s) const {
    return eventually([&] { return size() >= n; }, within);
  }
  // Waits for exactly these, in this order.
  [[nodiscard]] bool is(const std::vector<T>& wanted) const {
    return reaches(wanted.size()) && all() == wanted;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<T> items_;
};

class stopwatch {
 public:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ipczmq::test
