// SPDX-License-Identifier: MIT
// The camera. When main does not keep up, send() waits: the queue holds `queue_bytes` and no more.
// A camera that would rather drop a frame than wait asks writable() first.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <vector>

struct frame {
  int number = 0, width = 0, height = 0;
  ipczmq::buffer pixels;
  MSGPACK_DEFINE(number, width, height, pixels)
};

int main() {
  ipczmq::ipc_renderer renderer({.queue_bytes = 16 << 20});
  constexpr int width = 1024;
  constexpr int height = 1024;
  for (int n = 0; n < 100; ++n) {
    std::vector<std::byte> pixels(width * height, static_cast<std::byte>(n));
    renderer.send("frame", frame{n, width, height, ipczmq::buffer::take(std::move(pixels))});
  }
  std::cout << renderer.send_sync<int>("off") << " of 100 frames arrived" << std::endl;
}
