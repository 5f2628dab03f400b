// SPDX-License-Identifier: MIT
// Calls the handler twice: waiting for the answer, and with a callback.
#include "order.hpp"

#include <iostream>

int main() {
  ipczmq::ipc_renderer renderer;

  const order first{"Ada", {{"pencil", 12}, {"ruler", 1}}, "no bag"};
  const auto r = renderer.invoke<receipt>("place-order", first).get();
  std::cout << "receipt " << r.number << ": " << r.pieces << " pieces, " << r.text << std::endl;

  const order second{"Grace", {{"clock", 3}}, {}};
  renderer.invoke<receipt>("place-order", second)
      .then(
          [&renderer](const receipt& later) {
            std::cout << "receipt " << later.number << ": " << later.text << std::endl;
            renderer.stop();
          },
          [&renderer](const std::exception& e) {
            std::cout << e.what() << std::endl;
            renderer.stop();
          });
  renderer.run();  // the callbacks run in here
}
