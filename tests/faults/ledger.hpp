// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ipczmq::faults {

// What a stream of numbered messages is for. Each is numbered from 1 by itself.
enum class stream : std::uint64_t {
  flow = 1,   // events and calls, from one thread of their sender
  reply = 2,  // events that listeners send back
  all = 3,    // broadcasts of main
};

// What one process has sent into, or received from, one stream. In a file that is mapped, so that
// it outlives a kill -9 at any moment; ledger.py has the same layout.
struct slot {
  using number = std::atomic<std::uint64_t>;
  number role;     // 1 sent, 2 received
  number stream;   //
  number sender;   // the process that numbers, by the number that the harness gave it
  number session;  // of main's messages: the renderer's id in main; of a renderer's, once received:
                   // as well
  number attempted;  // sent: the last number for which a send verb was called
  number accepted;   // sent: the last one for which it returned
  number first;      // received
  number last;
  number disorder;  // received: messages that were not the next one
  number wanted;    // the first of those: what had to come
  number got;       // and what came
  number skipped;  // received: calls that did not come, between messages that did; their caller has
                   // to be gone
  number corrupt;  // received: messages whose arguments are not what was sent
  number calls;    // sent: those among them that are calls
  number answered;
  number failed;
  number wrong;  // calls with an answer that is not theirs, or with two outcomes
};

class ledger {
 public:
  ledger(const std::string& path, std::size_t slots) : slots_max_(slots) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const std::size_t bytes = slots * sizeof(slot);
    if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) fail(path);
    // All of it at once: the memory of the process is measured.
    void* const at =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    ::close(fd);
    if (at == MAP_FAILED) fail(path);
    slots_ = static_cast<slot*>(at);
  }
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  // Thread-safe. Never given back.
  slot& add(bool sent, stream s, std::uint64_t sender, std::uint64_t session) {
    const std::size_t i = used_.fetch_add(1);
    if (i >= slots_max_) fail("the ledger is full");
    slot& l = slots_[i];
    l.stream = static_cast<std::uint64_t>(s);
    l.sender = sender;
    l.session = session;
    l.role = sent ? 1 : 2;  // last: it tells the reader that the rest is there
    return l;
  }

 private:
  [[noreturn]] static void fail(const std::string& what) {
    std::perror(what.c_str());
    std::_Exit(2);
  }

  const std::size_t slots_max_;
  slot* slots_ = nullptr;
  std::atomic<std::size_t> used_{0};
};

// Receiving: `n` has to be the next number, but the first of a stream may be any. `calls_only`
// tells whether all messages from one number to before another are calls.
template <class F>
void note_received(slot& l, std::uint64_t n, bool intact, F calls_only) {
  const std::uint64_t last = l.last;
  if (last == 0) {
    l.first = n;
  } else if (n > last + 1 && calls_only(last + 1, n)) {
    l.skipped += n - last - 1;
  } else if (n != last + 1) {
    if (l.disorder == 0) {
      l.wanted = last + 1;
      l.got = n;
    }
    ++l.disorder;
  }
  l.last = n;
  if (!intact) ++l.corrupt;
}

}  // namespace ipczmq::faults
