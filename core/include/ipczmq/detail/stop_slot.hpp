// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <utility>

namespace ipczmq::detail {

// A std::stop_token in options. It survives gcc 12, which destroys an aggregate that is written as
// a temporary inside a co_await expression twice: `co_await r.invoke<int>({.stop = token}, "x")`.
class stop_slot {
 public:
  stop_slot() noexcept : token(), alive_(this) {}
  stop_slot(std::stop_token t) noexcept : token(std::move(t)), alive_(this) {}
  stop_slot(const stop_slot& o) noexcept : token(o.token), alive_(this) {}
  stop_slot& operator=(const stop_slot& o) noexcept {
    if (this != &o) token = o.token;
    return *this;
  }
  ~stop_slot() {
    if (alive_ != this) return;
    alive_ = nullptr;
    token.~stop_token();
  }

  operator const std::stop_token&() const noexcept { return token; }
  [[nodiscard]] bool stop_possible() const noexcept { return token.stop_possible(); }
  [[nodiscard]] bool stop_requested() const noexcept { return token.stop_requested(); }

 private:
  union {
    std::stop_token token;
  };
  const volatile void* volatile alive_;  // a plain store in a destructor would be optimised away
};

}  // namespace ipczmq::detail
