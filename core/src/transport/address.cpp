// SPDX-License-Identifier: MIT
#include "transport/address.hpp"

#include <ipczmq/error.hpp>

#include <arpa/inet.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace ipczmq::transport {
namespace {

// sockaddr_un has 108 bytes, the last of which is the NUL.
constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view examples =
    "write ipc:///path/to/main.sock, tcp://127.0.0.1:5555 or inproc://name";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  std::string message = "bad endpoint \"";
  message += text;
  message += "\": ";
  message += why;
  throw error(errc::bad_endpoint, std::move(message));
}

address parse_ipc(std::string_view text, std::string_view path) {
  if (path.empty() || path == "@")
    refuse(text, "it names no socket; write ipc:///path/to/main.sock, or ipc://@name");
  // libzmq would bind a socket of its own invention, which nobody could find.
  if (path == "*") refuse(text, "ipc:// has no wildcard; name a path: ipc:///path/to/main.sock");
  if (path.back() == '/') refuse(text, "it names a directory; add the socket's name: main.sock");
  if (path.size() > path_bytes_max)
    refuse(text, "the path has " + std::to_string(path.size()) +
                     " bytes, and a socket's may have " + std::to_string(path_bytes_max) +
                     "; choose a shorter directory, such as one in /tmp or /run");
  return {scheme::ipc, std::string(text), std::string(path), true};
}

bool is_ipv4_loopback(const std::string& host) {
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 && (ntohl(parsed.s_addr) >> 24) == 127;
}

// What is between the brackets of [::1]. A zone (fe80::1%eth0) is left to the resolver.
bool check_ipv6(std::string_view text, std::string_view inner) {
  in6_addr parsed{};
  const std::string bare(inner.substr(0, inner.find('%')));
  if (inet_pton(AF_INET6, bare.c_str(), &parsed) != 1)
    refuse(text, "what is in brackets is not an IPv6 address; write tcp://[::1]:5555");
  return IN6_IS_ADDR_LOOPBACK(&parsed) && inner.find('%') == std::string_view::npos;
}

// True when the host can only be this machine.
bool check_host(std::string_view text, std::string_view host) {
  if (host.empty())
    refuse(text,
           "the host is missing; write tcp://127.0.0.1:5555, or tcp://*:5555 for every "
           "network interface");
  if (host.front() == '[' && host.back() == ']')
    return check_ipv6(text, host.substr(1, host.size() - 2));
  if (host.find(':') != std::string_view::npos)
    refuse(text, "an IPv6 address goes in brackets; write tcp://[::1]:5555");
  if (host.find_first_of("[]/;@ \t\r\n") != std::string_view::npos)
    refuse(text, "the host is not a name or an address; write tcp://127.0.0.1:5555");
  return host == "localhost" || is_ipv4_loopback(std::string(host));
}

address parse_tcp(std::string_view text, std::string_view rest) {
  const std::size_t colon = rest.rfind(':');
  if (rest.empty()) refuse(text, "host and port are missing; write tcp://127.0.0.1:5555");
  if (colon == std::string_view::npos || rest.find(']', colon) != std::string_view::npos)
    refuse(text, "the port is missing; write " + std::string(text) + ":5555");
  const bool loopback = check_host(text, rest.substr(0, colon));

  std::string_view port = rest.substr(colon + 1);
  if (port == "*") port = "0";  // ZeroMQ's other word for any free port
  unsigned number = 0;
  const char* const end = port.data() + port.size();
  const auto [stop, failure] = std::from_chars(port.data(), end, number);
  if (failure != std::errc() || stop != end || number > 65535)
    refuse(text, "the port must be a number from 1 to 65535, or 0 for any free one");

  // Binding wants an address, and a resolver's idea of the name is none to rely on.
  std::string_view host = rest.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";

  std::string normal = "tcp://";
  normal.append(host) += ':';
  normal += std::to_string(number);
  return {scheme::tcp, std::move(normal), {}, loopback};
}

}  // namespace

address parse_address(std::string_view text) {
  if (text.empty())
    throw error(errc::bad_endpoint, "the endpoint is empty; " + std::string(examples));
  if (text.find('\0') != std::string_view::npos)
    refuse(text.substr(0, text.find('\0')), "it continues after a NUL byte");

  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos)
    refuse(text, "the scheme is missing; " + std::string(examples));
  const std::string_view scheme_name = text.substr(0, mark);
  const std::string_view rest = text.substr(mark + 3);
  if (scheme_name == "ipc") return parse_ipc(text, rest);
  if (scheme_name == "tcp") return parse_tcp(text, rest);
  if (scheme_name == "inproc") {
    if (rest.empty()) refuse(text, "the name is missing; write inproc://name");
    return {scheme::inproc, std::string(text), {}, true};
  }
  refuse(text, "the scheme must be ipc, tcp or inproc; " + std::string(examples));
}

std::string default_directory() {
  // A relative one is invalid by the XDG specification, and would differ from process to process.
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') {
    std::string directory(runtime);
    while (directory.ends_with('/')) directory.pop_back();
    return directory + "/ipczmq";
  }
  return "/tmp/ipczmq-" + std::to_string(::geteuid());
}

std::string default_endpoint() {
  const char* const chosen = std::getenv("IPCZMQ_ENDPOINT");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  return "ipc://" + default_directory() + "/main.sock";
}

}  // namespace ipczmq::transport
