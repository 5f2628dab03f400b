// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipczmq::transport {

enum class scheme : std::uint8_t { ipc, tcp, inproc };

// An endpoint, checked.
struct address {
  transport::scheme scheme{};
  std::string text;  // as ZeroMQ takes it: "ipc:///run/x", "tcp://127.0.0.1:5000", "inproc://name"
  std::string path;  // ipc: the socket's path, or "@name" for an abstract one
  bool loopback = true;  // false for tcp when the host is, or may be, another machine's ("*", an
                         // interface, a name)
};

// Throws error(bad_endpoint) that names what is wrong and shows a right one: unknown scheme,
// missing or bad port, empty or too long path (107 bytes). A relative ipc path is allowed.
// `tcp://*:0` asks for any free port.
[[nodiscard]] address parse_address(std::string_view text);

// XDG_RUNTIME_DIR/ipczmq, or /tmp/ipczmq-<uid>. Does not touch the file system.
[[nodiscard]] std::string default_directory();

// IPCZMQ_ENDPOINT when set and not empty, else ipc://DIR/main.sock with DIR = default_directory().
[[nodiscard]] std::string default_endpoint();

}  // namespace ipczmq::transport
