// SPDX-License-Identifier: MIT
// A handler that takes a struct and returns another one.
#include "order.hpp"

#include <iostream>

int main() {
  ipczmq::ipc_main main;
  int orders = 0;
  main.handle("place-order", [&orders](ipczmq::event&, const order& o) {
    receipt r;
    r.number = ++orders;
    for (const item& i : o.items) r.pieces += i.count;
    r.text = "thank you, " + o.customer + (o.note ? " (" + *o.note + ")" : "");
    std::cout << "order of " << o.customer << ": " << o.items.size() << " items" << std::endl;
    return r;
  });
  main.run();
}
