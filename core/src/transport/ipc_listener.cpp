// SPDX-License-Identifier: MIT
#include "transport/ipc_listener.hpp"

#include "transport/errno_error.hpp"
#include "transport/file_lock.hpp"
#include "transport/private_directory.hpp"
#include "transport/unique_fd.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace ipczmq::transport {
namespace {

constexpr const char* choose_another = "choose another endpoint with IPCZMQ_ENDPOINT";

sockaddr_un socket_address(const address& a) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  // Fits: parse_address() saw to it.
  std::memcpy(result.sun_path, a.path.data(), std::min(a.path.size(), sizeof result.sun_path - 1));
  return result;
}

unique_fd open_socket(const address& a) {
  // Non-blocking also for libzmq, which does not set it on a descriptor handed to it: accept()
  // would block its I/O thread when a client leaves between poll() and accept().
  unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) throw errno_error(errc::system, "cannot make a socket for " + a.text, errno);
  return fd;
}

void prepare_directory(const address& a, const std::string& directory) {
  if (directory == default_directory()) return make_private_directory(directory);
  struct stat status {};
  if (::stat(directory.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return;
    errno = ENOTDIR;
  }
  if (errno == ENOENT)
    throw error(errc::bad_endpoint, "cannot bind " + a.text + ": the directory " + directory +
                                        " does not exist; create it, or " + choose_another);
  throw path_error("cannot bind " + a.text + ": the directory " + directory, errno);
}

[[noreturn]] void refuse_served(const address& a, int fd) {
  std::string who = "another main";
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
    who += " (pid " + std::to_string(peer.pid) + ")";
  throw error(errc::endpoint_in_use,
              a.text + " is served by " + who + "; stop it, or " + choose_another);
}

// Asks who is there by connecting. Returns when the path is free, or holds a socket that nobody
// listens on.
bool is_stale(const address& a) {
  const unique_fd fd = open_socket(a);
  const sockaddr_un to = socket_address(a);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
    refuse_served(a, fd.get());
  switch (errno) {
    case ECONNREFUSED:
      return true;
    case ENOENT:
      return false;
    case EAGAIN:  // its backlog is full: busy, or stopped, but alive
    case EINPROGRESS:
      refuse_served(a, fd.get());
    case EPROTOTYPE:
      throw error(errc::bad_endpoint,
                  "cannot bind " + a.text +
                      ": a socket of another kind is there, which is left alone; " +
                      choose_another);
    case EACCES:
    case EPERM:
      throw error(errc::forbidden, "cannot bind " + a.text +
                                       ": the socket there belongs to another user; " +
                                       choose_another);
    default:
      throw errno_error(errc::system, "cannot tell who serves " + a.text, errno);
  }
}

void clear_path(const address& a, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    throw path_error("cannot bind " + a.text, errno);
  }
  if (!S_ISSOCK(status.st_mode))
    throw error(errc::bad_endpoint,
                "cannot bind " + a.text + ": " + path +
                    " exists and is not a socket, so it is left alone; move it, or " +
                    choose_another);
  if (is_stale(a) && ::unlink(path.c_str()) != 0 && errno != ENOENT)
    throw path_error("cannot remove the dead socket of " + a.text, errno);
}

void bind_privately(const address& a, int fd) {
  // bind() gives the path the mode of the socket's own inode: set before, there is no moment in
  // which others may enter.
  ::fchmod(fd, 0600);
  const sockaddr_un to = socket_address(a);
  // EADDRINUSE: somebody who knows nothing of our lock was quicker.
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw path_error("cannot bind " + a.text, errno);
}

}  // namespace

ipc_listener::ipc_listener(const address& a)
    : path_(std::filesystem::absolute(
          a.path)) {  // as the working directory may change before we remove it
  prepare_directory(a, std::filesystem::path(path_).parent_path());
  const file_lock lock(path_ + ".lock");
  clear_path(a, path_);

  unique_fd fd = open_socket(a);
  bind_privately(a, fd.get());
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0)
    throw errno_error(errc::system, "cannot look at " + path_, errno);
  // An umask can only have taken bits away, our own among them.
  if ((status.st_mode & 0777) != 0600) ::chmod(path_.c_str(), 0600);
  if (::listen(fd.get(), SOMAXCONN) != 0) {
    const int number = errno;
    ::unlink(path_.c_str());
    throw errno_error(errc::system, "cannot listen on " + a.text, number);
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  fd_ = fd.release();
}

// While the socket still listens (libzmq's descriptor is closed after this), nobody takes the path
// for stale; so what is ours by its inode cannot be replaced between the look and the removal.
ipc_listener::~ipc_listener() {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
    ::unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
}

int ipc_listener::release_fd() { return std::exchange(fd_, -1); }

}  // namespace ipczmq::transport
