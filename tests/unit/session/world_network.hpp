// SPDX-License-Identifier: MIT
// What lies between: connections that break, and what was under way on them, which may come late or
// never.
#pragma once

#include "world_user.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace session_world {

struct connection {
  std::uint64_t number = 0;
  std::string routing_id;
  bool open = true;
  time_point broken_at = never;
  bool heard = false;        // by main
  time_point heard_at;       // or when it was made
  std::size_t main_era = 0;  // which main it led to
  std::deque<parts> to_main;
  std::deque<parts> to_renderer;
};

// The connections of all renderers to one main, in the order in which they were made.
class network {
 public:
  connection& connect(const std::string& routing_id, time_point now) {
    all_.push_back({++made_, routing_id, true, never, false, now, era_, {}, {}});
    // What comes too late for too long never comes.
    while (all_.size() > 6 && !all_.front().open) all_.pop_front();
    return all_.back();
  }
  // Both queues stay: what is in them may still arrive, or be lost.
  void cut(const std::string& routing_id, time_point now) {
    for (connection& c : all_) {
      if (c.routing_id != routing_id || !c.open) continue;
      c.open = false;
      c.broken_at = now;
    }
  }
  // The renderer's socket is gone, and with it what was on the way there.
  void close_socket(const std::string& routing_id, time_point now) {
    cut(routing_id, now);
    for (connection& c : all_) {
      if (c.routing_id == routing_id) c.to_renderer.clear();
    }
  }
  // Main's process has ended, and what was on the way there with it. What it had sent is read
  // before anything of the next one, for that answers only what the reader sends after.
  void restart_main() {
    ++era_;
    for (connection& c : all_) c.to_main.clear();
  }
  // A DEALER keeps its queue when it connects anew: it reads what came on one connection before
  // what came on the next.
  void reads_from(const connection& newest) {
    for (connection& c : all_) {
      if (c.main_era < newest.main_era ||
          (c.routing_id == newest.routing_id && c.number < newest.number))
        c.to_renderer.clear();
    }
  }
  // Main cuts a connection without hello after 3 s, and a silent one after 5 s: so late has an end,
  // whether it is broken or only stalled. What has reached the renderer's process is read sooner.
  void on_time(time_point now) {
    for (connection& c : all_) {
      if (!c.open && now - c.broken_at >= 500ms) c.to_renderer.clear();
      if (now - c.heard_at < (c.heard ? 5s : 3s)) continue;
      c.open = false;
      c.to_main.clear();
      c.to_renderer.clear();
    }
  }
  void lose_all() {
    for (connection& c : all_) {
      c.to_main.clear();
      c.to_renderer.clear();
    }
  }
  void lose_stale() {
    for (connection& c : all_) {
      if (c.open) continue;
      c.to_main.clear();
      c.to_renderer.clear();
    }
  }

  // As ROUTER and DEALER do: to the newest connection of that routing id, or nowhere.
  [[nodiscard]] connection* open(const std::string& routing_id) {
    for (auto c = all_.rbegin(); c != all_.rend(); ++c) {
      if (c->open && c->routing_id == routing_id) return &*c;
    }
    return nullptr;
  }
  // The oldest one that is broken and still holds something.
  [[nodiscard]] connection* stale(bool to_main) {
    for (connection& c : all_) {
      if (!c.open && !(to_main ? c.to_main : c.to_renderer).empty()) return &c;
    }
    return nullptr;
  }
  [[nodiscard]] const std::deque<connection>& all() const { return all_; }
  [[nodiscard]] bool empty() const {
    for (const connection& c : all_) {
      if (!c.to_main.empty() || !c.to_renderer.empty()) return false;
    }
    return true;
  }

  // A copy, as on a wire: what the sender does to its own does not change what was sent.
  static void put(std::deque<parts>& way, const parts& p) {
    constexpr std::size_t high_water = 4096;  // frames; beyond, they are lost
    if (way.size() == high_water) return;
    parts copy;
    for (const buffer& b : p) copy.push_back(buffer::copy(b.bytes()));
    way.push_back(std::move(copy));
  }

 private:
  std::uint64_t made_ = 0;
  std::size_t era_ = 0;
  std::deque<connection> all_;
};

// Null when malformed; `wrong` says why.
inline frame_ptr read(parts p, const wire::limits& accepted, std::string& wrong) {
  auto f = std::make_shared<wire::frame>();
  f->parts = std::move(p);
  wrong = wire::decode(*f, accepted);
  return wrong.empty() ? f : nullptr;
}

}  // namespace session_world
