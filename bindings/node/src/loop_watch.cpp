// SPDX-License-Identifier: MIT
#include "loop_watch.hpp"

#include <stdexcept>
#include <utility>

namespace ipczmq_node {

loop_watch* loop_watch::open(napi_env env, int fd, std::function<void()> ready,
                             std::function<void()> ending) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok)
    throw std::runtime_error("this environment has no event loop");
  auto* w = new loop_watch;
  w->env_ = env;
  w->ready_ = std::move(ready);
  w->ending_ = std::move(ending);
  w->poll_->data = w->async_->data = w;
  uv_async_init(loop, w->async_.get(),
                [](uv_async_t* h) { static_cast<loop_watch*>(h->data)->run_tasks(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(w->async_.get()));
  uv_poll_init(loop, w->poll_.get(), fd);
  uv_poll_start(w->poll_.get(), UV_READABLE,
                [](uv_poll_t* h, int, int) { static_cast<loop_watch*>(h->data)->ready_(); });
  w->handles_ = 2;
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle, void* self) {
        auto* const watch = static_cast<loop_watch*>(self);
        if (auto ending = std::exchange(watch->ending_, nullptr)) ending();
      },
      w, &w->hook_);
  return w;
}

bool loop_watch::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (closing_) return false;
  tasks_.push_back(std::move(task));
  uv_async_send(async_.get());
  return true;
}

void loop_watch::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

void loop_watch::keep_alive(bool on) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(poll_.get());
  if (on) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

void loop_watch::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closing_, true)) return;
    tasks_.clear();
  }
  ending_ = nullptr;
  uv_poll_stop(poll_.get());
  const auto done = [](uv_handle_t* h) { static_cast<loop_watch*>(h->data)->closed(); };
  uv_close(reinterpret_cast<uv_handle_t*>(poll_.get()), done);
  uv_close(reinterpret_cast<uv_handle_t*>(async_.get()), done);
}

void loop_watch::closed() {
  if (--handles_ != 0) return;
  // Until here the end of the environment waits for us.
  napi_remove_async_cleanup_hook(hook_);
  delete this;
}

}  // namespace ipczmq_node
