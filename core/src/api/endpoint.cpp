// SPDX-License-Identifier: MIT
#include "engine/endpoint.hpp"

#include "dispatch/dispatcher.hpp"

#include <ipczmq/endpoint.hpp>

namespace ipczmq {

namespace {

// The end of a spawned task.
struct spawned {
  std::weak_ptr<engine::endpoint> owner;
  std::stop_token stop;

  void succeed() const {}
  void fail(std::exception_ptr exception) const {
    if (stop.stop_requested()) {
      try {
        std::rethrow_exception(exception);
      } catch (const error& e) {
        if (e.code() == errc::cancelled) return;
      } catch (...) {
        // Worth telling.
      }
    }
    if (const auto e = owner.lock()) e->report_failure({}, e->identity(), std::move(exception));
  }
};

}  // namespace

endpoint::endpoint(std::shared_ptr<engine::endpoint> e, std::shared_ptr<dispatch::dispatcher> d,
                   std::shared_ptr<dispatch::listeners> table)
    : emitter(std::move(table)), engine_(std::move(e)), dispatcher_(std::move(d)) {}

endpoint::~endpoint() { engine_->close(); }

void endpoint::spawn(task<> t, std::stop_token stop) {
  spawned end{engine_, stop};
  detail::coroutine_kind<task<>>::begin(std::move(end), std::move(t), std::move(stop));
}

void endpoint::run() { engine_->run(); }
void endpoint::stop() { engine_->stop(); }
void endpoint::start() { engine_->start(); }
int endpoint::fd() { return engine_->fd(); }
std::size_t endpoint::poll(std::chrono::milliseconds wait) { return engine_->poll(wait); }
drain_result endpoint::drain(std::chrono::milliseconds within) { return engine_->drain(within); }
void endpoint::close() { engine_->close(); }
bool endpoint::is_closed() const { return engine_->is_closed(); }
void endpoint::on_error(error_hook hook) {
  dispatcher_->set_hook(&dispatch::hooks::error, std::move(hook));
}
const std::string& endpoint::identity() const noexcept { return engine_->identity(); }
ipczmq::statistics endpoint::statistics() const { return engine_->statistics(); }

loop_handle::loop_handle(endpoint& e) : engine_(e.engine_), fd_(engine_->fd()) {}
loop_handle::~loop_handle() {
  if (engine_ != nullptr) engine_->release_fd();
}

bool loop_handle::poll() {
  const auto e = engine_;  // a listener may destroy this
  if (e->is_closed()) return false;
  try {
    e->poll(std::chrono::milliseconds{0});
  } catch (const error& x) {
    if (x.code() != errc::closed) throw;
  }
  return !e->is_closed();
}

bool loop_handle::try_poll() noexcept {
  const auto e = engine_;
  try {
    return poll();
  } catch (const std::exception& x) {
    e->log(log_level::error,
           "'" + e->identity() + "' is not driven by its loop any more: " + x.what());
    return false;
  }
}

}  // namespace ipczmq
