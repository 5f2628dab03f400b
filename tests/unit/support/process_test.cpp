// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using ipczmq::support::local_process;

// While it lives the process can open nothing.
class no_descriptors {
 public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

struct child {
  child() : pid(::fork()) {
    if (pid != 0) return;
    for (;;) ::pause();
  }
  ~child() {
    if (!over) end();
    if (!reaped) reap();
  }
  // It becomes a zombie.
  void end() {
    ::kill(pid, SIGKILL);
    siginfo_t info;
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
    over = true;
  }
  void reap() {
    ::waitpid(pid, nullptr, 0);
    reaped = true;
  }
  [[nodiscard]] local_process process() const {
    return local_process(static_cast<std::uint64_t>(pid));
  }

  pid_t pid;
  bool over = false;
  bool reaped = false;
};

BOOST_AUTO_TEST_SUITE(process)

BOOST_AUTO_TEST_CASE(child_is_alive_until_it_ends) {
  child c;
  const local_process p = c.process();
  BOOST_TEST(p.known());
  BOOST_TEST(p.alive());
  c.end();
  BOOST_TEST(!p.alive());
  c.reap();
  BOOST_TEST(!p.alive());
  BOOST_TEST(!c.process().known());
}

BOOST_AUTO_TEST_CASE(nobody_is_dead_because_we_have_no_descriptor_left) {
  child c;
  const local_process p = c.process();
  {
    const no_descriptors none;
    BOOST_TEST(p.alive());
  }
  c.end();
  c.reap();
  const no_descriptors none;
  BOOST_TEST(!p.alive());
}

BOOST_AUTO_TEST_CASE(nobody_is_not_alive) {
  BOOST_TEST(!local_process().known());
  BOOST_TEST(!local_process().alive());
  BOOST_TEST(!local_process(0).known());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
