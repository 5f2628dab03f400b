// SPDX-License-Identifier: MIT
// One side of the conformance suite, in C++: see peers.py for what a peer does.
#include <ipczmq/ipczmq.hpp>

#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace {

using ipczmq::args;
using ipczmq::event;
using ipczmq::value;
using bytes = std::vector<std::byte>;

void say(const std::string& line) { std::cout << line << std::endl; }

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

std::string to_hex(ipczmq::bytes_view b) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::byte each : b) {
    out += digits[std::to_integer<unsigned>(each) >> 4];
    out += digits[std::to_integer<unsigned>(each) & 15];
  }
  return out;
}

bytes from_hex(std::string_view hex) {
  bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(std::byte(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

// The text of a member of a flat JSON object without escapes; empty when there is none.
std::string member(const std::string& json, const std::string& name) {
  const auto key = json.find('"' + name + '"');
  if (key == std::string::npos) return {};
  const auto from = json.find('"', json.find(':', key)) + 1;
  return json.substr(from, json.find('"', from) - from);
}

void be_main(const std::string& endpoint) {
  ipczmq::ipc_main main(endpoint);
  main.on("echo-event", [](event& e, args a) {
    e.sender.send_raw("echo-event-reply", a.bytes(), a.attachments());
  });
  main.on("echo-sync", [](event& e, value v) { e.return_value = v; });
  main.handle("echo-invoke", [](event&, value v) { return v; });
  main.handle("throw",
              [](event&, std::string text) -> int { throw ipczmq::remote_error("Error", text); });
  main.on("quit", [&main](event&) { main.stop(); });
  say("{\"ready\":[" + in_quotes(main.endpoints().front()) + "]}");
  main.run();
}

bytes perform(ipczmq::ipc_renderer& r, const std::string& line) {
  const bytes packed = from_hex(member(line, "hex"));
  const std::string verb = member(line, "verb"), given = member(line, "channel");
  const auto channel = [&](const char* usual) { return given.empty() ? usual : given; };
  const ipczmq::call_options o{.deadline = std::chrono::seconds(30)};
  if (verb == "sendSync") return ipczmq::pack(r.send_sync_raw(o, channel("echo-sync"), packed));
  if (verb == "invoke") return ipczmq::pack(r.invoke_raw(o, channel("echo-invoke"), packed).get());
  std::optional<bytes> reply;
  r.once("echo-event-reply", [&](event&, args a) {
    reply = ipczmq::pack(ipczmq::value_view(a.bytes(), a.attachments()));
  });
  r.send_raw(channel("echo-event"), packed);
  if (!given.empty() && given != "echo-event") return {std::byte{0xc0}};
  while (!reply) r.poll(std::chrono::seconds(1));
  return *reply;
}

void be_renderer(const std::string& endpoint) {
  ipczmq::ipc_renderer renderer(endpoint);
  std::string line;
  while (std::getline(std::cin, line)) {
    try {
      say("{\"ok\":true,\"hex\":\"" + to_hex(perform(renderer, line)) + "\"}");
    } catch (const ipczmq::error& e) {
      say("{\"ok\":false,\"error\":" + in_quotes(e.what()) +
          ",\"code\":" + in_quotes(ipczmq::errc_name(e.kind())) + "}");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::string_view(argv[1]) == "main" ? be_main(argv[2]) : be_renderer(argv[2]);
}
