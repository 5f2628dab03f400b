// SPDX-License-Identifier: MIT
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ipczmq::test {

// A directory of its own, gone afterwards.
class temp_dir {
 public:
  temp_dir() {
    char name[] = "/tmp/ipczmq-test-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string ipc(std::string_view name = "main.sock") const {
    return "ipc://" + path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

// Where a main may bind without meeting anybody: "ipc", "tcp" or "inproc". Of tcp, the port is
// known afterwards only.
inline std::string fresh_endpoint(std::string_view transport, const temp_dir& dir) {
  static std::atomic<int> count{0};
  if (transport == "ipc") return dir.ipc("main" + std::to_string(++count) + ".sock");
  if (transport == "tcp") return "tcp://127.0.0.1:*";
  return "inproc://test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

}  // namespace ipczmq::test
