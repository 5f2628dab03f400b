// SPDX-License-Identifier: MIT
// Whatever leaves the table is moved out of it first, and destroyed when the lock is gone: its
// destructor is the user's, and may come back here.
#include "dispatch/listeners.hpp"

#include "dispatch/channel.hpp"

#include <ipczmq/error.hpp>

#include <algorithm>
#include <utility>

namespace ipczmq::dispatch {

namespace {

// Ids are unique in the process, so that the token of one table means nothing to another.
std::uint64_t next_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::shared_ptr<registration> make_registration(detail::listener_fn f, bool once) {
  auto r = std::make_shared<registration>();
  r->id = next_id();
  r->call = std::move(f);
  r->once = once;
  return r;
}

std::shared_ptr<const listener_hook> shared_hook(listener_hook hook) {
  return hook ? std::make_shared<const listener_hook>(std::move(hook)) : nullptr;
}

registration_list::const_iterator find_id(const registration_list& list, std::uint64_t id) {
  return std::find_if(list.begin(), list.end(), [id](const auto& r) { return r->id == id; });
}

}  // namespace

listeners::listeners(callbacks c) : callbacks_(std::move(c)) {}

ipczmq::listener listeners::add(std::string_view channel, detail::listener_fn f, bool once,
                                bool prepend) {
  check_channel(channel);
  if (!f)
    throw error(errc::bad_arguments,
                "the listener for channel " + quoted(channel) + " is empty: nothing to call");
  return add(channel, make_registration(std::move(f), once), prepend);
}

ipczmq::listener listeners::add_any(detail::listener_fn f) {
  if (!f) throw error(errc::bad_arguments, "the listener for on_any is empty: nothing to call");
  return add({}, make_registration(std::move(f), false), false);
}

ipczmq::listener listeners::add(std::string_view channel, const std::shared_ptr<registration>& r,
                                bool prepend) {
  ipczmq::listener token(weak_from_this(), r->id);
  std::shared_ptr<const listener_hook> hook;
  {
    const lock l(mutex_);
    hook = added_;
  }
  if (hook) (*hook)(channel, token);

  snapshot before;
  std::size_t now = 0;
  std::size_t limit = 0;  // 0: nothing to warn of
  {
    const lock l(mutex_);
    slot* s = &any_;
    const std::string* name = nullptr;
    if (!channel.empty()) {
      auto found = slots_.find(channel);
      if (found == slots_.end()) found = slots_.emplace(channel, slot{}).first;
      name = &found->first;
      s = &found->second;
    }
    insert(*s, r, prepend, before);
    channel_of_.emplace(r->id, name);
    now = s->list->size();
    if (overfull(*s)) limit = max_;
  }
  if (before == nullptr && callbacks_.changed) callbacks_.changed(channel);
  if (limit != 0 && callbacks_.warn) {
    const std::string where = channel.empty() ? "of on_any" : "on channel " + quoted(channel);
    callbacks_.warn("possible listener leak: " + std::to_string(now) + " listeners " + where +
                    " of " + callbacks_.name + " (limit " + std::to_string(limit) +
                    "); remove some, or raise the limit with set_max_listeners()");
  }
  return token;
}

void listeners::insert(slot& s, const std::shared_ptr<registration>& r, bool prepend,
                       snapshot& before) {
  auto list = std::make_shared<registration_list>();
  list->reserve(s.list ? s.list->size() + 1 : 1);
  if (prepend) list->push_back(r);
  if (s.list) list->insert(list->end(), s.list->begin(), s.list->end());
  if (!prepend) list->push_back(r);
  if (!s.list) s.order = ++slots_made_;
  before = std::exchange(s.list, std::move(list));
  if (&s == &any_) has_any_.store(true, std::memory_order_release);
  version_.fetch_add(1, std::memory_order_release);
}

bool listeners::overfull(slot& s) {
  if (max_ == 0 || s.list->size() <= max_ || s.warned) return false;
  return s.warned = true;
}

bool listeners::remove(std::string_view channel, std::uint64_t id) {
  removal gone;
  {
    const lock l(mutex_);
    if (!unlink(channel, id, gone)) return false;
  }
  report(gone);
  return true;
}

bool listeners::unlink(std::string_view channel, std::uint64_t id, removal& out) {
  const auto found = channel_of_.find(id);
  if (found == channel_of_.end()) return false;
  const std::string* name = found->second;
  if (!channel.empty() && (name == nullptr || *name != channel)) return false;

  slot& s = name == nullptr ? any_ : slots_.find(*name)->second;
  if (s.list->size() == 1) {
    empty(name == nullptr ? std::string_view{} : *name, s, out);
    return true;
  }
  const auto at = find_id(*s.list, id);
  auto list = std::make_shared<registration_list>();
  list->reserve(s.list->size() - 1);
  list->insert(list->end(), s.list->begin(), at);
  list->insert(list->end(), at + 1, s.list->end());
  if (name != nullptr) out.channel = *name;
  out.only = id;
  out.hook = removed_;
  out.before = std::exchange(s.list, std::move(list));
  version_.fetch_add(1, std::memory_order_release);
  channel_of_.erase(found);
  return true;
}

void listeners::empty(std::string_view channel, slot& s, removal& out) {
  out.channel = channel;
  out.last = true;
  out.hook = removed_;
  for (const auto& r : *s.list) channel_of_.erase(r->id);
  out.before = std::exchange(s, {}).list;
  version_.fetch_add(1, std::memory_order_release);
  if (&s == &any_) {
    has_any_.store(false, std::memory_order_release);
  } else {
    slots_.erase(slots_.find(out.channel));
  }
}

void listeners::report(const removal& r) {
  if (r.last && callbacks_.changed) callbacks_.changed(r.channel);
  if (!r.hook) return;
  // The last one first, as Node does.
  for (auto at = r.before->rbegin(); at != r.before->rend(); ++at) {
    if (r.only == 0 || r.only == (*at)->id) (*r.hook)(r.channel, {weak_from_this(), (*at)->id});
  }
}

void listeners::remove_all(std::string_view channel) {
  removal gone;
  {
    const lock l(mutex_);
    const auto found = slots_.find(channel);
    if (found == slots_.end()) return;
    empty(channel, found->second, gone);
  }
  report(gone);
}

void listeners::remove_all() {
  for (const auto& name : names()) remove_all(name);
  removal gone;
  {
    const lock l(mutex_);
    if (any_.list == nullptr) return;
    empty({}, any_, gone);
  }
  report(gone);
}

std::size_t listeners::count(std::string_view channel) const {
  const snapshot list = find(channel);
  return list == nullptr ? 0 : list->size();
}

bool listeners::has_any() const noexcept { return has_any_.load(std::memory_order_acquire); }

bool listeners::has_listeners() const {
  const lock l(mutex_);
  return !slots_.empty() || !handlers_.empty() || has_any_.load();
}

std::vector<std::string> listeners::names() const {
  std::vector<std::pair<std::uint64_t, std::string>> ordered;
  {
    const lock l(mutex_);
    ordered.reserve(slots_.size());
    for (const auto& [name, s] : slots_) ordered.emplace_back(s.order, name);
  }
  std::sort(ordered.begin(), ordered.end());
  std::vector<std::string> out;
  out.reserve(ordered.size());
  for (auto& [order, name] : ordered) out.push_back(std::move(name));
  return out;
}

void listeners::set_max(std::size_t n) {
  const lock l(mutex_);
  max_ = n;
}

std::size_t listeners::max() const {
  const lock l(mutex_);
  return max_;
}

void listeners::set_added_hook(listener_hook hook) {
  auto held = shared_hook(std::move(hook));
  const lock l(mutex_);
  added_.swap(held);
}

void listeners::set_removed_hook(listener_hook hook) {
  auto held = shared_hook(std::move(hook));
  const lock l(mutex_);
  removed_.swap(held);
}

snapshot listeners::find(std::string_view channel) const {
  const lock l(mutex_);
  const auto found = slots_.find(channel);
  return found == slots_.end() ? nullptr : found->second.list;
}

snapshot listeners::find_any() const {
  if (!has_any()) return nullptr;
  const lock l(mutex_);
  return any_.list;
}

bool listeners::take_once(std::string_view channel, registration& r) {
  if (r.fired.exchange(true, std::memory_order_acq_rel)) return false;
  remove(channel, r.id);
  return true;
}

}  // namespace ipczmq::dispatch
