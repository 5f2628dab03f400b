// SPDX-License-Identifier: MIT
// Handlers that return at once and are answered by worker threads, so that a slow one holds up
// nobody.
#include <ipczmq/ipczmq.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

class workers {
 public:
  explicit workers(int n) {
    while (n-- > 0) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  void add(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    wake_.notify_one();
  }

 private:
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::jthread> threads_;  // last, so that it ends first
};

int main() {
  ipczmq::ipc_main main;
  workers pool(4);

  // invoke: return a deferred and complete a copy of it later, from any thread.
  main.handle("brew", [&pool](ipczmq::event& event, const std::string& what, int ms) {
    ipczmq::deferred<std::string> answer;
    pool.add([answer, event, what, ms] {
      std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      if (event.cancelled()) return;  // nobody waits for it any more
      if (what == "whisky") {
        answer.reject("not at work");
      } else {
        answer.resolve(what + " is ready");
      }
    });
    return answer;
  });
  // send_sync: a copy of the event keeps the call open.
  main.on("brew-now", [&pool](ipczmq::event& event, const std::string& what) {
    pool.add([event, what] { event.return_value = what + " at once"; });
  });
  main.run();
}
