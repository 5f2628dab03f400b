// SPDX-License-Identifier: MIT
// Takes pictures of a megabyte each. A `buffer` is neither copied into nor out of msgpack.
#include <ipczmq/ipczmq.hpp>

#include <algorithm>
#include <iostream>

struct frame {
  int number = 0, width = 0, height = 0;
  ipczmq::buffer pixels;
  MSGPACK_DEFINE(number, width, height, pixels)
};

int main() {
  ipczmq::ipc_main main;
  int intact = 0;
  main.on("frame", [&](ipczmq::event&, const frame& f) {
    const auto wanted = static_cast<std::byte>(f.number);
    const bool whole = f.pixels.size() == static_cast<std::size_t>(f.width * f.height) &&
                       f.pixels.data()[0] == wanted &&
                       f.pixels.data()[f.pixels.size() - 1] == wanted;
    if (whole) ++intact;
  });
  main.on("off", [&](ipczmq::event& event) {
    std::cout << intact << " frames came whole" << std::endl;
    event.return_value = intact;
    main.stop();
  });
  main.run();
}
