// SPDX-License-Identifier: MIT
// Lines of the log on their way to JavaScript, from whatever thread they come.
#pragma once

#include <ipczmq/options.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq_node {

// Thread-safe. Lines that JavaScript cannot be given any more, or is too busy for, go to stderr.
class log_lines {
 public:
  struct line {
    ipczmq::log_level level;
    std::string text;
  };

  static ipczmq::log_callback writer(std::shared_ptr<log_lines> to);

  // `post` is called, from any thread, when there is something to take again. Empty: nothing is.
  void post_to(std::function<void()> post);
  std::vector<line> take();
  void end();

 private:
  void write(ipczmq::log_level level, std::string_view text);

  std::mutex mutex_;  // guards the rest
  std::function<void()> post_;
  std::vector<line> waiting_;
  bool ended_ = false;
};

}  // namespace ipczmq_node
