// SPDX-License-Identifier: MIT
#pragma once

#include "engine/connections.hpp"
#include "engine/endpoint.hpp"
#include "session/roster.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ipczmq::engine {

// What only main is configured with.
struct main_settings {
  bool replace_duplicates = false;
  std::chrono::milliseconds resume_for{0};
  std::size_t connections_max = 100000;
};

// Main: many peers behind one ROUTER.
class main_endpoint final : public endpoint {
 public:
  main_endpoint(settings s, main_settings m, std::shared_ptr<consumer> c);

  // Binds; to be called once, right after construction. Throws error.
  void open(const std::vector<transport::address>& where);
  [[nodiscard]] std::vector<std::string> endpoints();
  // Sends to all, or to those that have subscribed; returns how many.
  std::size_t broadcast(std::string_view channel, const detail::packed& p, bool subscribers_only);
  [[nodiscard]] std::vector<std::shared_ptr<remote>> remotes();
  [[nodiscard]] std::shared_ptr<remote> find(std::uint64_t id);
  [[nodiscard]] std::shared_ptr<remote> find(std::string_view identity);
  void kill(const std::shared_ptr<remote>& r);

  // Connections are told of here, and a flood of them must not wait for a listener to return.
  [[nodiscard]] int urgent_descriptor() const noexcept override { return monitor_fd_; }

 protected:
  void on_incoming(transport::incoming& in, session::time_point now) override REQUIRES(mutex_);
  void on_link(const transport::monitor_event& e, session::time_point now) override
      REQUIRES(mutex_);
  void tick_remote(const std::shared_ptr<remote>& r, session::time_point now) override
      REQUIRES(mutex_);
  [[nodiscard]] session::time_point due_of(const remote& r) override REQUIRES(mutex_);
  session::time_point on_time(session::time_point now) override REQUIRES(mutex_);
  void flush_remote(const std::shared_ptr<remote>& r, session::time_point now) override
      REQUIRES(mutex_);
  void each(const std::function<void(const std::shared_ptr<remote>&)>& f) override REQUIRES(mutex_);
  [[nodiscard]] bool busy() override REQUIRES(mutex_) { return closing_; }
  void give_up(const std::shared_ptr<remote>& to, const std::string& why) override REQUIRES(mutex_);
  [[nodiscard]] std::string name_of(const remote& r) const override;
  [[nodiscard]] std::size_t peers() override REQUIRES(mutex_) { return peers_.size(); }
  void check_reachable(const remote& to) override REQUIRES(mutex_);
  void say_bye(session::time_point now) override REQUIRES(mutex_);
  [[nodiscard]] bool bye_answered() override REQUIRES(mutex_);
  void end_all() override REQUIRES(mutex_);

 private:
  // One renderer and its session.
  struct peer {
    std::shared_ptr<remote> handle;
    session::session session;
  };
  void on_cut(const connections::cuts& c, session::time_point now) REQUIRES(mutex_);
  void on_hello(const wire::frame& f, const wire::message& m, const transport::incoming& in,
                session::time_point now) REQUIRES(mutex_);
  [[nodiscard]] std::string admissible(const wire::frame& f) const;
  std::shared_ptr<remote> admit(const wire::hello& h, std::uint64_t id,
                                const transport::incoming& in, const wire::frame& f,
                                session::time_point now) REQUIRES(mutex_);
  // Whether `holder`, whose name another claims, has still to show that it is there.
  [[nodiscard]] bool in_doubt(const std::shared_ptr<remote>& holder, session::time_point now)
      REQUIRES(mutex_);
  void welcome(remote& r, const wire::hello& h, bool resumed, session::time_point now)
      REQUIRES(mutex_);
  void refuse(const std::string& routing_id, std::string_view code, std::string_view text)
      REQUIRES(mutex_);
  void take_frame(const std::shared_ptr<wire::frame>& f, const transport::incoming& in,
                  session::time_point now) REQUIRES(mutex_);
  void on_malformed(const std::shared_ptr<remote>& r, const transport::incoming& in,
                    std::span<const buffer> f, const std::string& wrong) REQUIRES(mutex_);
  void on_session_frame(const std::shared_ptr<remote>& r,
                        const std::shared_ptr<const wire::frame>& f, session::time_point now)
      REQUIRES(mutex_);
  // The session of `r` goes on over the connection that it has now said hello on.
  void come_back(const std::shared_ptr<remote>& r, std::uint64_t received, std::uint64_t clock,
                 session::time_point now) REQUIRES(mutex_);
  // Asks for a proof, or ends the session of who has read nothing for too long.
  void look_whether_it_reads(const std::shared_ptr<remote>& r, session::time_point now)
      REQUIRES(mutex_);
  // The connection of `r` is gone: it may resume for a while, or has gone.
  void on_lost(const std::shared_ptr<remote>& r, const std::string& text, session::time_point now)
      REQUIRES(mutex_);
  void gone(const std::shared_ptr<remote>& r, gone_reason reason, const std::string& text)
      REQUIRES(mutex_);
  [[nodiscard]] std::shared_ptr<remote> lookup(std::uint64_t id) REQUIRES(mutex_);

  const main_settings main_settings_;
  session::roster roster_ GUARDED_BY(mutex_);
  std::map<std::uint64_t, peer> peers_ GUARDED_BY(mutex_);
  int monitor_fd_ = -1;  // from open() on, constant
  connections connections_ GUARDED_BY(mutex_);
  std::size_t cut_unsaid_ GUARDED_BY(mutex_) = 0;
  session::time_point cut_said_ GUARDED_BY(mutex_) = session::time_point::min();
  std::vector<std::string> bound_ GUARDED_BY(mutex_);
  wire::frame_builder control_ GUARDED_BY(mutex_);
};

}  // namespace ipczmq::engine
