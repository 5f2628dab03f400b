// SPDX-License-Identifier: MIT
// The handlers of the table. Electron's texts, word for word: bindings show them.
#include "dispatch/channel.hpp"
#include "dispatch/listeners.hpp"

#include <ipczmq/error.hpp>

#include <utility>

namespace ipczmq::dispatch {

void listeners::add_handler(std::string_view channel, detail::handler_fn f, bool once) {
  check_channel(channel);
  auto made = std::make_shared<handler>(handler{std::move(f), once});
  const lock l(mutex_);
  if (handlers_.find(channel) != handlers_.end()) {
    throw error(errc::duplicate_handler,
                "Attempted to register a second handler for '" + std::string(channel) + "'");
  }
  if (!made->call) {
    throw error(errc::bad_arguments,
                "Expected handler to be a function, but found type 'undefined'");
  }
  handlers_.emplace(channel, std::move(made));
  has_handlers_.store(true, std::memory_order_release);
}

void listeners::remove_handler(std::string_view channel) {
  std::shared_ptr<handler> gone;
  const lock l(mutex_);
  const auto found = handlers_.find(channel);
  if (found == handlers_.end()) return;
  gone = std::move(found->second);
  handlers_.erase(found);
}

bool listeners::has_handler(std::string_view channel) const {
  const lock l(mutex_);
  return handlers_.find(channel) != handlers_.end();
}

std::shared_ptr<handler> listeners::take_handler(std::string_view channel) {
  if (!has_handlers_.load(std::memory_order_acquire)) return nullptr;
  const lock l(mutex_);
  const auto found = handlers_.find(channel);
  if (found == handlers_.end()) return nullptr;
  if (!found->second->once) return found->second;
  auto taken = std::move(found->second);
  handlers_.erase(found);
  return taken;
}

void listeners::clear() noexcept {
  // Destroyed after the lock: they own user objects.
  by_channel<slot> slots;
  by_channel<std::shared_ptr<handler>> handlers;
  slot any;
  std::shared_ptr<const listener_hook> added, removed;
  const lock l(mutex_);
  slots.swap(slots_);
  handlers.swap(handlers_);
  std::swap(any, any_);
  added.swap(added_);
  removed.swap(removed_);
  channel_of_.clear();
  version_.fetch_add(1, std::memory_order_release);
  has_any_.store(false, std::memory_order_release);
}

}  // namespace ipczmq::dispatch
