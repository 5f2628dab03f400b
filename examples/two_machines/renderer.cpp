// SPDX-License-Identifier: MIT
// Measures how long a call to main takes: renderer ENDPOINT
#include <ipczmq/ipczmq.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  ipczmq::ipc_renderer renderer({.endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555",
                                 .insecure = true,
                                 .connect_within = 10s});
  std::vector<double> took;
  for (int i = 0; i < 2000; ++i) {
    const auto before = std::chrono::steady_clock::now();
    renderer.invoke<std::string>({.deadline = 5s}, "echo", "0123456789").get();
    took.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before)
            .count());
  }
  std::sort(took.begin(), took.end());
  std::cout << "2000 calls: median " << static_cast<int>(took[1000]) << " us, 99 % within "
            << static_cast<int>(took[1980]) << " us" << std::endl;
  renderer.send("bye");
}
