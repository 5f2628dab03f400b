// SPDX-License-Identifier: MIT
// Main in a loop of one's own: poll(2) over its descriptor and a timer's.
#include <ipczmq/ipczmq.hpp>

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>

int main() {
  ipczmq::ipc_main main;
  bool running = true;
  main.handle("finish", [&running](ipczmq::event&) {
    running = false;
    return "goodbye";
  });

  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  const itimerspec every_20_ms{{0, 20'000'000}, {0, 20'000'000}};
  timerfd_settime(timer, 0, &every_20_ms, nullptr);

  pollfd watched[] = {{main.fd(), POLLIN, 0}, {timer, POLLIN, 0}};
  while (running) {
    poll(watched, 2, -1);
    if (watched[0].revents != 0) main.poll();  // runs the listeners of what has arrived
    if (std::uint64_t ticks = 0; read(timer, &ticks, sizeof ticks) > 0) main.broadcast("tick");
  }
  close(timer);
  std::cout << "finished" << std::endl;
}
