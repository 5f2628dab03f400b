// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/listeners.hpp"
#include "engine/consumer.hpp"
#include "engine/remote.hpp"
#include "engine/served_call.hpp"
#include "support/mutex.hpp"

#include <ipczmq/ipc_main.hpp>
#include <ipczmq/ipc_renderer.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace ipczmq::dispatch {

// The user's hooks of an endpoint; those of the other role stay empty.
struct hooks {
  error_hook error;
  ipc_main::contents_hook created, destroyed, unresponsive, responsive, drain;
  ipc_main::gone_hook gone;
  ipc_main::recovered_hook recovered;  // of both roles; a renderer's ignores the handle
  ipc_main::overflow_hook overflow;    // likewise
  ipc_renderer::state_hook connected;
  ipc_renderer::disconnect_hook disconnected, closed;
};

// Calls listeners, handlers and hooks, catches what they throw, and turns results into answers.
// Runs on the dispatch thread.
//
// Electron's order: the peer's own listeners, then the endpoint's; of the handlers, the
// peer's first. Unlike Electron, a listener that throws does not rob the others of the
// message.
class dispatcher final : public engine::consumer {
 public:
  // `log` gets one line.
  dispatcher(std::shared_ptr<listeners> own, std::function<void(std::string)> log)
      : own_(std::move(own)), log_(std::move(log)) {}

  std::size_t on_frame(const std::shared_ptr<engine::remote>& from,
                       const std::shared_ptr<const wire::frame>& f) override;
  [[nodiscard]] bool at_last() const override;
  void on_notice(const engine::notice& n) override;
  void forget(engine::remote& r) noexcept override { r.ipc->clear(); }
  [[nodiscard]] bool has_listeners() const override { return own_->has_listeners(); }
  void on_task(std::function<void()>& task) override;
  void on_failure(std::string_view channel, const std::string& peer,
                  std::exception_ptr exception) noexcept override {
    report(channel, peer, std::move(exception));
  }

  // Thread-safe.
  template <class Hook>
  void set_hook(Hook hooks::*which, Hook hook) {
    // The old one leaves with the parameter, after the lock: it may own user objects.
    const lock l(mutex_);
    std::swap(hooks_.*which, hook);
  }

 private:
  // What the messages of one frame have in common.
  struct turn;
  void on_event(turn& t, const wire::message& m);
  void on_sync_call(turn& t, const wire::message& m);
  void on_invoke(turn& t, const wire::message& m);
  // Returns how many listeners of the channel itself were called.
  std::size_t call_listeners(turn& t, event& e, const args& a, engine::served_call* call);
  // `list` is not null.
  std::size_t call_list(listeners& table, const snapshot& list, engine::remote& from, event& e,
                        const args& a, engine::served_call* call);
  void call_hook(const engine::notice& n);
  void report(std::string_view channel, const std::string& peer,
              std::exception_ptr exception) noexcept;
  template <class Hook>
  [[nodiscard]] Hook hook(Hook hooks::*which) {
    const lock l(mutex_);
    return hooks_.*which;
  }
  static event make_event(const std::shared_ptr<engine::remote>& from,
                          const std::shared_ptr<const wire::frame>& f, const wire::message& m,
                          std::shared_ptr<engine::served_call> call);

  const std::shared_ptr<listeners> own_;
  const wire::frame* frame_ = nullptr;  // whose `message_` is being dispatched
  const wire::message* message_ = nullptr;
  const std::function<void(std::string)> log_;
  mutex mutex_;
  hooks hooks_ GUARDED_BY(mutex_);
};

}  // namespace ipczmq::dispatch
