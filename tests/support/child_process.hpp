// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

extern char** environ;

namespace ipczmq::test {

// A program that is told lines on its stdin and answers with lines on its stdout. Spawned, never
// forked: the caller may have threads and endpoints. Killed and reaped at the end.
class child_process {
 public:
  explicit child_process(std::vector<std::string> arguments) {
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = out[0];
    if (failed != 0) throw std::system_error(failed, std::generic_category(), arguments[0]);
    ::signal(SIGPIPE, SIG_IGN);
  }
  ~child_process() {
    if (pid_ > 0 && !reaped_) {
      kill(SIGKILL);
      wait();
    }
    hang_up();
    ::close(out_);
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  void say(std::string line) {
    line += '\n';
    if (::write(in_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      throw std::runtime_error("the child does not listen: " + line);
  }
  // Ends its stdin.
  void hang_up() {
    if (in_ >= 0) ::close(in_);
    in_ = -1;
  }

  // The rest of the next line that begins with `prefix`; others are passed over. "(timeout)" or
  // "(end)" instead when none comes.
  std::string expect(std::string_view prefix,
                     std::chrono::milliseconds within = std::chrono::seconds(5)) {
    const auto until = std::chrono::steady_clock::now() + within;
    for (;;) {
      const std::size_t end = buffered_.find('\n');
      if (end != std::string::npos) {
        const std::string line = buffered_.substr(0, end);
        buffered_.erase(0, end + 1);
        seen_.push_back(line);
        if (line.starts_with(prefix)) return line.substr(prefix.size());
        continue;
      }
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
              .count();
      pollfd p{out_, POLLIN, 0};
      if (left <= 0 || ::poll(&p, 1, static_cast<int>(left)) <= 0) return "(timeout)";
      char bytes[4096];
      const ssize_t n = ::read(out_, bytes, sizeof bytes);
      if (n <= 0) return "(end)";
      buffered_.append(bytes, static_cast<std::size_t>(n));
    }
  }
  // Says a line and returns the rest of the answer to it that begins so.
  std::string ask(const std::string& line, std::string_view prefix) {
    say(line);
    return expect(prefix);
  }

  // A SIGSTOP has stopped every thread of it when this returns; sent is not yet stopped.
  void kill(int signal) const {
    ::kill(pid_, signal);
    int status = 0;
    if (signal == SIGSTOP) ::waitpid(pid_, &status, WUNTRACED);
  }
  // The exit status, or minus the signal that ended it.
  int wait() {
    int status = 0;
    if (!reaped_) ::waitpid(pid_, &status, 0);
    reaped_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Every line so far that was looked at.
  [[nodiscard]] const std::vector<std::string>& seen() const { return seen_; }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  bool reaped_ = false;
  std::string buffered_;
  std::vector<std::string> seen_;
};

}  // namespace ipczmq::test
