// SPDX-License-Identifier: MIT
// The call that a handler answers.
#pragma once

#include <ipczmq/event.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ipczmq::test {

// Writes down what it is told: "42", "!the error", "dropped".
class recorder final : public detail::responder {
 public:
  explicit recorder(std::vector<std::string>& log) : log_(log) {}
  ~recorder() override {
    if (!answered_) log_.emplace_back("dropped");
  }
  bool answer(const detail::packed& v) override {
    answered_ = true;
    const value_view view(v.bytes, v.attachments);
    log_.push_back(view.is_nil() ? "nil" : std::to_string(view.as<int>()));
    return true;
  }
  bool fail(std::exception_ptr e) override {
    answered_ = true;
    try {
      std::rethrow_exception(e);
    } catch (const std::exception& x) {
      log_.push_back("!" + std::string(x.what()));
    }
    return true;
  }
  [[nodiscard]] std::stop_token stop_token() const noexcept override { return {}; }

 private:
  std::vector<std::string>& log_;
  bool answered_ = false;
};

struct calls {
  std::vector<std::string> log;
  std::shared_ptr<recorder> call() { return std::make_shared<recorder>(log); }
};

}  // namespace ipczmq::test
