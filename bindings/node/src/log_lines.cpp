// SPDX-License-Identifier: MIT
#include "log_lines.hpp"

#include <cstdio>
#include <utility>

namespace ipczmq_node {

namespace {

// So many wait for a thread that is busy, such as one that is blocked in sendSync.
constexpr std::size_t waiting_max = 1000;

void to_stderr(ipczmq::log_level level, std::string_view text) {
  if (level >= ipczmq::log_level::warning)
    std::fprintf(stderr, "ipczmq: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace

ipczmq::log_callback log_lines::writer(std::shared_ptr<log_lines> to) {
  return [to = std::move(to)](ipczmq::log_level level, std::string_view text) {
    to->write(level, text);
  };
}

void log_lines::write(ipczmq::log_level level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (ended_ || waiting_.size() >= waiting_max) {
    to_stderr(level, text);
    return;
  }
  waiting_.push_back({level, std::string(text)});
  if (waiting_.size() == 1 && post_) post_();
}

void log_lines::post_to(std::function<void()> post) {
  const std::lock_guard lock(mutex_);
  post_ = std::move(post);
  if (!waiting_.empty() && post_) post_();
}

std::vector<log_lines::line> log_lines::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void log_lines::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (const line& each : std::exchange(waiting_, {})) to_stderr(each.level, each.text);
}

}  // namespace ipczmq_node
