// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <utility>

namespace ipczmq::detail {

// A std::stop_token in options. It survives gcc 12, which destroys an aggregate that is written as
// a temporary inside a co_await expression twice: `co_await r.invoke<int>({.stop = token}, "x")`.
class stop_slot {
 public:
  stop_slot() noexcept : token_(), alive_(this) {}
  stop_slot(std::stop_token t) noexcept : token_(std::move(t)), alive_(this) {}
  stop_slot(const stop_slot& o) noexcept : token_(o.token_), alive_(this) {}
  stop_slot& operator=(const stop_slot& o) noexcept {
    if (this != &o) token_ = o.token_;
    return *this;
  }
  ~stop_slot() {
    if (alive_ != this) return;
    alive_ = nullptr;
    token_.~stop_token();
  }

  operator const std::stop_token&() const noexcept { return token_; }
  [[nodiscard]] bool stop_possible() const noexcept { return token_.stop_possible(); }
  [[nodiscard]] bool stop_requested() const noexcept { return token_.stop_requested(); }

 private:
  union {
    std::stop_token token_;  // NOLINT(readability-identifier-naming): a private member all the same
  };
  const volatile void* volatile alive_;  // a plain store in a destructor would be optimised away
};

}  // namespace ipczmq::detail
