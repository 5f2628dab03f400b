// SPDX-License-Identifier: MIT
#include "transport/private_directory.hpp"

#include "transport/errno_error.hpp"
#include "transport/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ipczmq::transport {
namespace {

// Checked through a descriptor and without following links: /tmp is everybody's, and whoever owns
// this directory can put a socket of his own where we look for main.
unique_fd open_directory(const std::string& path) {
  return unique_fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw error(errc::forbidden, "the directory " + path + " " + why +
                                   "; remove it, or choose another endpoint with IPCZMQ_ENDPOINT");
}

void check_owner(const std::string& path, const unique_fd& directory) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0)
    throw errno_error(errc::system, "cannot look at " + path, errno);
  if (status.st_uid != ::geteuid())
    refuse(path, "belongs to another user (uid " + std::to_string(status.st_uid) + ")");
  if ((status.st_mode & 077) != 0) refuse(path, "lets other users in (its mode is not 0700)");
}

[[noreturn]] void refuse_unopened(const std::string& path, int number) {
  if (number == ENOTDIR || number == ELOOP) refuse(path, "is not a directory");
  if (number == EACCES) refuse(path, "may not be read by this user");
  throw errno_error(errc::system, "cannot open the directory " + path, number);
}

}  // namespace

void make_private_directory(const std::string& path) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno == ENOENT)
    throw error(
        errc::bad_endpoint,
        "cannot make the directory " + path +
            ": its parent does not exist; create that, correct XDG_RUNTIME_DIR, or choose an "
            "endpoint with IPCZMQ_ENDPOINT");
  if (!made && errno != EEXIST) throw path_error("cannot make the directory " + path, errno);
  // The umask may have taken our own bits too, and an unreadable directory cannot be opened below.
  if (made) ::chmod(path.c_str(), 0700);
  const unique_fd directory = open_directory(path);
  if (!directory.valid()) refuse_unopened(path, errno);
  check_owner(path, directory);
}

void check_private_directory(const std::string& path) {
  const unique_fd directory = open_directory(path);
  if (directory.valid()) return check_owner(path, directory);
  if (errno != ENOENT) refuse_unopened(path, errno);
}

}  // namespace ipczmq::transport
