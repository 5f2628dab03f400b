// SPDX-License-Identifier: MIT
// The same work through ipczmq: typed arguments decoded, a listener called. "main" or "renderer"
// ENDPOINT WORK SIZE COUNT.
#include "report.hpp"

#include <ipczmq/ipczmq.hpp>

#include <string>

int main(int, char** argv) {
  const std::string role = argv[1];
  const std::string endpoint = argv[2];
  if (role == "main") {
    ipczmq::ipc_main main(endpoint);
    std::uint64_t counted = 0;
    std::size_t bytes = 0;
    main.on("echo", [](ipczmq::event& event, std::string_view text) { event.return_value = text; });
    main.handle("echo", [](ipczmq::event&, std::string_view text) { return text; });
    main.on("event", [&](ipczmq::event&, std::string_view text) {
      ++counted;
      bytes += text.size();
    });
    main.on("count", [&](ipczmq::event& event) { event.return_value = counted; });
    main.on("quit", [&](ipczmq::event&) { main.stop(); });
    main.run();
    return 0;
  }
  const std::string work = argv[3];
  const std::string payload(std::stoul(argv[4]), 'x');
  const int count = std::stoi(argv[5]);
  ipczmq::ipc_renderer renderer(endpoint);
  bench::report report;
  if (work == "roundtrip") {
    report.round_trips(count, [&](int) { renderer.send_sync<std::string>("echo", payload); });
  } else if (work == "invoke") {
    report.round_trips(count, [&](int) { renderer.invoke<std::string>("echo", payload).get(); });
  } else {
    report.one_way(
        count, [&](int) { renderer.send("event", payload); },
        [&] { (void)renderer.send_sync<std::uint64_t>("count"); });
  }
  renderer.send("quit");
}
