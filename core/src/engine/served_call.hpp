// SPDX-License-Identifier: MIT
#pragma once

#include "support/mutex.hpp"
#include "wire/frame.hpp"

#include <ipczmq/event.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>

namespace ipczmq::engine {

class endpoint;
class remote;

// An incoming call that is open: answers once, through the endpoint. Thread-safe; never used under
// the endpoint's lock but for its id.
class served_call : public detail::responder {
 public:
  served_call(std::shared_ptr<remote> from, std::uint32_t generation, const wire::message& m);
  ~served_call() override;

  bool answer(const detail::packed& value) override;
  bool fail(std::exception_ptr exception) override;
  [[nodiscard]] std::stop_token stop_token() const noexcept override;

  // A framework's error.
  bool fail(errc code, const std::string& text);
  // What a listener threw: the answer, if nobody gives another.
  void set_thrown(std::exception_ptr e) override;
  [[nodiscard]] bool has_thrown() const;
  [[nodiscard]] bool answered() const noexcept { return answered_.load(); }
  void request_stop();
  // It was answered by other means.
  void abandon() noexcept { answered_ = true; }

  const wire::kind kind;
  const std::uint32_t generation;  // of the caller's session
  const std::uint64_t id;
  const std::string channel;

 private:
  const std::shared_ptr<remote> from_;
  std::atomic<bool> answered_{false};
  mutable mutex mutex_;
  // Made when somebody asks for it: few handlers do, and it is an allocation.
  mutable std::stop_source stop_ GUARDED_BY(mutex_){std::nostopstate};
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::exception_ptr thrown_ GUARDED_BY(mutex_);
};

}  // namespace ipczmq::engine
