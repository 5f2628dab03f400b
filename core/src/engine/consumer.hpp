// SPDX-License-Identifier: MIT
#pragma once

#include "session/stream.hpp"

#include <ipczmq/error.hpp>
#include <ipczmq/ipc_main.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ipczmq::engine {

class remote;

// Something about a peer that user code may want to know, in order with its messages.
struct notice {
  enum class kind : std::uint8_t {
    created,
    gone,
    destroyed,
    unresponsive,
    responsive,
    drain,
    connected,
    disconnected,
    recovered,
    overflow,
    closed,
    undelivered
  };
  notice::kind what{};
  std::shared_ptr<remote> who;
  gone_reason reason{};
  errc code{};
  std::string text{};
  undelivered lost{};
  std::size_t repeated = 0;           // disconnected: events; recovered: messages
  std::chrono::milliseconds away{0};  // recovered
  std::size_t dropped = 0;            // overflow; known when it is dispatched
  std::string channel{};              // undelivered
};

// What dispatch is to the engine: runs user code for what the inbox holds. Called on the dispatch
// thread, without the lock; never throws.
class consumer {
 public:
  virtual ~consumer() = default;
  // One frame's events and calls. Returns how many there were.
  virtual std::size_t on_frame(const std::shared_ptr<remote>& from,
                               const std::shared_ptr<const wire::frame>& f) = 0;
  // Inside of on_frame: its last message is being dispatched.
  [[nodiscard]] virtual bool at_last() const = 0;
  virtual void on_notice(const notice& n) = 0;
  // Nothing of `r` will be dispatched any more: what users registered for it alone can go. Called
  // by whoever closes.
  virtual void forget(remote& r) noexcept = 0;
  // Whether users have registered listeners or handlers of the endpoint itself.
  [[nodiscard]] virtual bool has_listeners() const = 0;
  virtual void on_task(std::function<void()>& task) = 0;
  // What user code threw after its turn. Also from other threads, when nothing is dispatched any
  // more.
  virtual void on_failure(std::string_view channel, const std::string& peer,
                          std::exception_ptr exception) noexcept = 0;
};

}  // namespace ipczmq::engine
