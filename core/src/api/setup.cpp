// SPDX-License-Identifier: MIT
#include "api/setup.hpp"

#include "engine/endpoint.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::api {

std::shared_ptr<dispatch::listeners> make_table(const late_engine& late, std::string name,
                                                std::function<void(std::string_view)> changed) {
  return std::make_shared<dispatch::listeners>(dispatch::listeners::callbacks{
      std::move(name), std::move(changed), [late](std::string_view line) {
        if (const auto e = late->lock()) e->log(log_level::warning, std::string(line));
      }});
}

parts_base make_parts(const std::string& name, std::function<void(std::string_view)> changed) {
  parts_base p;
  p.late = std::make_shared<std::weak_ptr<engine::endpoint>>();
  p.table = make_table(p.late, name, std::move(changed));
  p.dispatcher = std::make_shared<dispatch::dispatcher>(p.table, [late = p.late](std::string line) {
    if (const auto e = late->lock()) e->log(log_level::warning, std::move(line));
  });
  return p;
}

transport::address usable_address(std::string_view text, bool insecure) {
  auto a = transport::parse_address(text);
  if (!a.loopback && !insecure)
    throw error(errc::forbidden,
                "'" + std::string(text) +
                    "' reaches beyond this machine, and there are no keys yet (they come with a "
                    "later version): use "
                    "127.0.0.1 or ipc://, or set `insecure` when the network is trusted");
  return a;
}

void check_pings(std::chrono::milliseconds interval, std::chrono::milliseconds timeout) {
  if (interval.count() <= 0 || timeout < interval)
    throw error(errc::bad_arguments,
                "ping_interval must be above 0, and ping_timeout at least as long");
}

void check_times(
    std::initializer_list<std::pair<std::string_view, std::chrono::milliseconds>> named) {
  for (const auto& [name, time] : named) {
    if (time.count() < 0)
      throw error(errc::bad_arguments, std::string(name) + " is " + std::to_string(time.count()) +
                                           " ms; it cannot be negative");
  }
}

void check_identity(std::string_view identity) {
  if (identity.size() > 200 || !wire::valid_utf8(identity) ||
      identity.find('\0') != std::string_view::npos || identity.empty())
    throw error(errc::bad_arguments, "an identity is 1 to 200 bytes of UTF-8 without NUL");
}

wire::limits wire_limits(const limits& l, std::size_t queue_bytes) {
  wire::limits w;
  // Every peer may rely on the minima (PROTOCOL.md §7).
  w.frame_bytes = std::clamp<std::uint64_t>(l.part_bytes, 1 << 20, std::uint64_t{1} << 40);
  w.messages = std::max<std::uint32_t>(l.messages, 1024);
  w.attachments = std::max<std::uint32_t>(l.attachments, 16);
  w.depth = std::clamp<std::uint32_t>(l.depth, 64, 512);
  w.window = std::max<std::uint64_t>(queue_bytes, 1 << 16);
  return w;
}

}  // namespace ipczmq::api
