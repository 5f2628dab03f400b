// SPDX-License-Identifier: MIT
#pragma once

#include "engine/endpoint.hpp"
#include "session/client.hpp"

#include <ipczmq/ipc_renderer.hpp>

#include <optional>
#include <set>
#include <string>

namespace ipczmq::engine {

// A renderer: one peer, main.
class renderer_endpoint final : public endpoint {
 public:
  renderer_endpoint(settings s, std::shared_ptr<consumer> c, transport::address main_at);

  // Connects; to be called once, right after construction.
  void open();
  // Waits for main's welcome; throws error when there is none in time, or a refusal.
  void wait_connected(std::chrono::milliseconds within);
  [[nodiscard]] const std::shared_ptr<remote>& main() const noexcept { return main_; }
  [[nodiscard]] bool connected();
  // The listeners of `channel` (empty: of every channel) have come or gone: main is told.
  void subscription_changed(std::string_view channel);

 protected:
  void on_incoming(transport::incoming& in, session::time_point now) override REQUIRES(mutex_);
  void on_link(const transport::monitor_event& e, session::time_point now) override
      REQUIRES(mutex_);
  void tick_remote(const std::shared_ptr<remote>& r, session::time_point now) override
      REQUIRES(mutex_);
  [[nodiscard]] session::time_point due_of(const remote& r) override REQUIRES(mutex_);
  void flush_remote(const std::shared_ptr<remote>& r, session::time_point now) override
      REQUIRES(mutex_);
  void each(const std::function<void(const std::shared_ptr<remote>&)>& f) override REQUIRES(mutex_);
  [[nodiscard]] bool busy() override REQUIRES(mutex_);
  void give_up(const std::shared_ptr<remote>& to, const std::string& why) override REQUIRES(mutex_);
  [[nodiscard]] std::string name_of(const remote& r) const override;
  void check_reachable(const remote& to) override REQUIRES(mutex_);
  [[nodiscard]] std::string unreachable_hint() override REQUIRES(mutex_);
  [[nodiscard]] bool over() override REQUIRES(mutex_) { return client_.closed(); }
  void say_bye(session::time_point now) override REQUIRES(mutex_);
  [[nodiscard]] bool bye_answered() override REQUIRES(mutex_);
  void end_all() override REQUIRES(mutex_);

 private:
  void connect_socket(bool keep_name) REQUIRES(mutex_);
  void reconnect(bool keep_name) REQUIRES(mutex_);
  void settle(const std::shared_ptr<const wire::frame>& f, session::time_point now)
      REQUIRES(mutex_);
  void on_connected() REQUIRES(mutex_);
  void look_for_main(session::time_point now) REQUIRES(mutex_);
  [[nodiscard]] bool introduced() REQUIRES(mutex_);
  void announce(std::string_view channel) REQUIRES(mutex_);
  void report(notice::kind what, const session::client_effects::ended& e) REQUIRES(mutex_);

  const transport::address address_;
  std::string routing_id_ GUARDED_BY(mutex_);
  std::shared_ptr<remote> main_;
  session::client client_ GUARDED_BY(mutex_);
  session::client_effects fx_ GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> announced_ GUARDED_BY(mutex_);
  session::time_point warn_at_ GUARDED_BY(mutex_);
  session::time_point look_at_ GUARDED_BY(mutex_);  // inproc: whether main has come
  bool crowded_ GUARDED_BY(mutex_) = false;         // more channels than main takes by name
  bool bye_seen_ GUARDED_BY(mutex_) = false;
};

}  // namespace ipczmq::engine
