// SPDX-License-Identifier: MIT
#pragma once

#include "session/calls.hpp"

#include <ipczmq/call.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ipczmq::engine {

class endpoint;
class remote;

// An outgoing call: the state behind `call<R>` and `send_sync`. Its fields are guarded by the
// endpoint's lock until `done`, and constant afterwards.
class pending_call : public detail::call_state,
                     public session::call_sink,
                     public std::enable_shared_from_this<pending_call> {
 public:
  pending_call(std::shared_ptr<endpoint> e, std::shared_ptr<remote> peer, bool sync_call,
               std::string_view name);

  const value& wait(const std::chrono::steady_clock::time_point* until) override;
  [[nodiscard]] bool ready() const override;
  void cancel() override;
  void then(std::function<void()> f) override;
  [[nodiscard]] std::string_view channel_name() const noexcept override { return channel; }
  bool suspend(std::function<void()> f) override;

  // Under the lock: completes it; `hint` is added to the framework's own text. Runs no user code.
  void complete(session::outcome& o, const std::string& hint);
  // Cancels when `t` is asked to stop. Not under the lock: it may be asked already.
  void watch(std::stop_token t);

  const std::shared_ptr<endpoint> owner;
  const std::shared_ptr<remote> to;
  const bool sync;
  const std::string channel;
  std::uint64_t id = 0;
  std::atomic<bool> done{false};  // set under the lock
  value answer;
  std::exception_ptr error;
  std::vector<std::function<void()>> continuations;

 private:
  struct canceller {
    std::weak_ptr<pending_call> call;
    void operator()() const;
  };
  std::optional<std::stop_callback<canceller>> on_stop_;
};

}  // namespace ipczmq::engine
