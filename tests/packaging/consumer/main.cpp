// SPDX-License-Identifier: MIT
// Main and renderer in one process, by all that a consumer needs: headers, msgpack, the library,
// libzmq.
#include <ipczmq/ipczmq.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

struct point {
  int x = 0, y = 0;
  MSGPACK_DEFINE(x, y)
};

int main() {
  const std::string endpoint = "inproc://consumer-" + std::to_string(getpid());
  ipczmq::ipc_main main(endpoint);
  main.handle("twice", [](ipczmq::event&, point p) { return point{2 * p.x, 2 * p.y}; });
  main.start();
  ipczmq::ipc_renderer renderer(endpoint);
  const auto p = renderer.invoke<point>("twice", point{20, 21}).get();
  std::printf("%d %d %s\n", p.x, p.y, ipczmq::library_version_string());
  return p.x == 40 && p.y == 42 ? 0 : 1;
}
