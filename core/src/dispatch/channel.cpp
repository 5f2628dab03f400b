// SPDX-License-Identifier: MIT
#include "dispatch/channel.hpp"

#include "wire/decode.hpp"

#include <ipczmq/error.hpp>

#include <algorithm>

namespace ipczmq::dispatch {

std::string quoted(std::string_view channel) {
  constexpr std::size_t longest = 80;
  constexpr char digits[] = "0123456789abcdef";
  const bool text = wire::valid_utf8(channel);
  std::size_t size = std::min(channel.size(), longest);
  while (text && size < channel.size() && (channel[size] & 0xc0) == 0x80) --size;

  std::string out = "'";
  for (const char c : channel.substr(0, size)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !text)) {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 0x0f]};
    } else {
      out += c;
    }
  }
  return out += size < channel.size() ? "…'" : "'";
}

void check_channel(std::string_view channel) {
  if (wire::valid_channel(channel)) return;
  if (channel.empty()) throw error(errc::bad_channel, "channel '' is empty");
  std::string why = "is not UTF-8";
  if (channel.size() > wire::channel_bytes_max) {
    why = "is " + std::to_string(channel.size()) + " bytes long, " +
          std::to_string(wire::channel_bytes_max) + " allowed";
  }
  throw error(errc::bad_channel, "channel " + quoted(channel) + " " + why);
}

}  // namespace ipczmq::dispatch
