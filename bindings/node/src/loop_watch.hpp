// SPDX-License-Identifier: MIT
// One endpoint in Node's event loop: its descriptor, and a mailbox for other threads.
#pragma once

#include <node_api.h>
#include <uv.h>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace ipczmq_node {

class loop_watch {
 public:
  // `ready` is called on the loop's thread when `fd` is readable. `ending` is called once when the
  // environment (the process, or a worker) ends while the watch is open. Closed by `close` only.
  static loop_watch* open(napi_env env, int fd, std::function<void()> ready,
                          std::function<void()> ending);

  // Runs `task` on the loop's thread, soon. Any thread; false when it is closing.
  bool post(std::function<void()> task);
  // Whether the loop stays alive for it. At first it does.
  void keep_alive(bool on);
  // Deletes it, once the loop has let it go.
  void close();

 private:
  loop_watch() = default;
  ~loop_watch() = default;
  void run_tasks();
  void closed();

  napi_env env_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  std::unique_ptr<uv_poll_t> poll_ = std::make_unique<uv_poll_t>();
  std::unique_ptr<uv_async_t> async_ = std::make_unique<uv_async_t>();
  std::function<void()> ready_;
  std::function<void()> ending_;
  int handles_ = 0;

  std::mutex mutex_;  // guards the two below
  std::vector<std::function<void()>> tasks_;
  bool closing_ = false;
};

}  // namespace ipczmq_node
