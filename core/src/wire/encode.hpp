// SPDX-License-Identifier: MIT
// Messages to bytes.
#pragma once

#include "wire/byte_sink.hpp"
#include "wire/frame.hpp"

namespace ipczmq::wire {

// An outgoing frame under construction: room for the header, then messages back to back, then
// attachments. The append functions never fail; who calls them has checked channel and sizes.
// Reusable: clear() keeps the memory.
class frame_builder {
 public:
  frame_builder();

  void event(std::string_view channel, const packed_view& args);
  // `k` is sync_call or invoke.
  void call(kind k, std::uint64_t id, std::uint64_t deadline, std::string_view channel,
            const packed_view& args);
  void reply(std::uint64_t id, const packed_view& value);
  // `data`: one msgpack value, or empty for nil.
  void error_reply(std::uint64_t id, std::string_view code, std::string_view name,
                   std::string_view message, bytes_view data);
  void cancel(std::uint64_t id, std::string_view reason);
  // `k` is subscribe or unsubscribe; an empty channel stands for every channel.
  void subscription(kind k, std::string_view channel);
  // `k` is hello or welcome; `map` is its packed map.
  void handshake(kind k, bytes_view map);
  void refuse(std::string_view code, std::string_view message);
  // `k` is ping or pong.
  void ping(kind k, std::uint64_t token, std::uint64_t clock, std::uint64_t highest);
  void bye(std::string_view reason, std::uint64_t highest);

  // Bytes of the first part so far, header included, and of the attachments.
  [[nodiscard]] std::size_t size() const noexcept {
    return (bytes_.size() > header_size ? bytes_.size() : header_size) + attachment_bytes_;
  }
  [[nodiscard]] std::size_t messages() const noexcept { return messages_; }
  [[nodiscard]] std::size_t attachments() const noexcept { return attachments_.size(); }
  [[nodiscard]] bool empty() const noexcept { return messages() == 0; }

  // Writes the header and gives the parts away: the first part, then the attachments. Afterwards
  // the builder is empty.
  [[nodiscard]] std::vector<buffer> finish(const header& h);
  void clear();

 private:
  byte_sink bytes_;
  std::vector<buffer> attachments_;
  std::size_t attachment_bytes_ = 0;
  std::size_t messages_ = 0;

  // A message is written between begin(), which makes room for the most that it can take, and
  // end().
  [[nodiscard]] std::byte* begin(std::size_t room);
  void end(const std::byte* out) noexcept;
  [[nodiscard]] std::byte* put_packed(std::byte* out, const packed_view& p);
};

void write_header(std::byte* out, const header& h) noexcept;  // header_size bytes

}  // namespace ipczmq::wire
