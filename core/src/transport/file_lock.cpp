// SPDX-License-Identifier: MIT
#include "transport/file_lock.hpp"

#include "transport/errno_error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace ipczmq::transport {
namespace {

unique_fd open_lock(const std::string& path) {
  unique_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  throw path_error("cannot open the lock file " + path, errno);
}

// The holder before us removed the file that we had opened: a lock on it excludes nobody.
bool still_there(const std::string& path, const unique_fd& fd) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd.get(), &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace

file_lock::file_lock(std::string path) : path_(std::move(path)) {
  using namespace std::chrono_literals;
  // Polled: flock() has no timeout, and a stopped holder must not stop us too.
  const auto give_up = std::chrono::steady_clock::now() + 2s;
  for (;;) {
    unique_fd fd = open_lock(path_);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      if (!still_there(path_, fd)) continue;
      fd_ = std::move(fd);
      return;
    }
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw errno_error(errc::system, "cannot lock " + path_, errno);
    if (std::chrono::steady_clock::now() > give_up)
      throw error(errc::endpoint_in_use,
                  "another main is starting on this endpoint, and has held " + path_ +
                      " for two seconds; stop it, or choose another endpoint with IPCZMQ_ENDPOINT");
    std::this_thread::sleep_for(5ms);
  }
}

// Removed while it is held, so nobody can lock the old file and believe it current.
file_lock::~file_lock() { ::unlink(path_.c_str()); }

}  // namespace ipczmq::transport
