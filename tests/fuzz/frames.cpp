// SPDX-License-Identifier: MIT
// The frame decoder. What it accepts points into the frame alone, and written again reads the same.
#include "target.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <array>
#include <string>

namespace {

using namespace fuzz;
using namespace ipczmq::wire;

bool inside(bytes_view view, const std::vector<buffer>& parts) {
  if (view.empty()) return true;
  return std::any_of(parts.begin(), parts.end(), [&](const buffer& p) {
    return view.data() >= p.data() && view.data() + view.size() <= p.data() + p.size();
  });
}
bool inside(std::string_view view, const std::vector<buffer>& parts) {
  return inside(bytes_view(reinterpret_cast<const std::byte*>(view.data()), view.size()), parts);
}

// The payload as what a builder takes. Its references count from the message's base.
class packed_again {
 public:
  packed_again(const message& m, const frame& f) : message_(m) {
    attachments_ = f.attachments().subspan(m.base);
    check(check_value(m.payload, depth_max_, attachments_.size(), false, &refs_).empty(),
          "a payload that was accepted is one value");
  }
  [[nodiscard]] packed_view view() const { return {message_.payload, attachments_, refs_}; }

 private:
  static constexpr std::uint32_t depth_max_ = 512;
  const message& message_;
  std::span<const buffer> attachments_;
  std::vector<std::uint32_t> refs_;
};

void write(frame_builder& b, const message& m, const frame& f) {
  const std::string_view channel = m.every_channel ? std::string_view() : m.channel;
  switch (m.kind) {
    case kind::event:
      return b.event(m.channel, packed_again(m, f).view());
    case kind::sync_call:
    case kind::invoke:
      return b.call(m.kind, m.id, m.deadline, m.channel, packed_again(m, f).view());
    case kind::reply:
      return b.reply(m.id, packed_again(m, f).view());
    case kind::error_reply:
      // Left out, for the same reason as the maps below.
      return b.error_reply(m.id, m.code, m.name, m.text, {});
    case kind::cancel:
      return b.cancel(m.id, m.text);
    case kind::subscribe:
    case kind::unsubscribe:
      return b.subscription(m.kind, channel);
    case kind::hello:
    case kind::welcome:
      return b.handshake(m.kind, m.payload);
    case kind::refuse:
      return b.refuse(m.code, m.text);
    case kind::ping:
    case kind::pong:
      return b.ping(m.kind, m.token, m.clock, m.highest);
    case kind::bye:
      return b.bye(m.text, m.highest);
  }
}

bool same(const message& a, const message& b) {
  return a.kind == b.kind && a.every_channel == b.every_channel && a.id == b.id &&
         a.deadline == b.deadline && a.channel == b.channel && a.code == b.code &&
         a.name == b.name && a.text == b.text && a.token == b.token && a.clock == b.clock &&
         a.highest == b.highest &&
         (a.kind == kind::error_reply || a.payload.size() == b.payload.size());
}

void write_again(const frame& f) {
  for (const message& m : f.messages) {
    // A map is written as it is: references in there would have to come with their attachments.
    if ((m.kind == kind::hello || m.kind == kind::welcome) && f.parts.size() > 1) continue;
    frame_builder b;
    write(b, m, f);
    frame again;
    again.parts = b.finish(f.header);
    const std::string wrong = decode(again, {.attachments = 100'000, .depth = 512});
    check(wrong.empty(), "what was read can be written and read: " + wrong);
    check(again.header == f.header && again.messages.size() == 1 && same(m, again.messages[0]),
          "what was read, written and read is the same");
  }
}

unsigned look_at(const frame& f) {
  unsigned sum = 0;
  for (const message& m : f.messages) {
    for (const std::string_view text : {m.channel, m.code, m.name, m.text}) {
      check(inside(text, f.parts), "texts lie within the frame");
      sum += touch(text);
    }
    check(inside(m.payload, f.parts), "payloads lie within the frame");
    sum += touch(m.payload);
    check(is_control(m.kind) == (f.header.seq == 0), "control stands in control frames alone");
    check(m.base <= f.attachments().size(), "references count from within the attachments");
    if (!m.channel.empty()) check(valid_channel(m.channel), "a channel that was accepted is valid");
  }
  return sum;
}

}  // namespace

// First byte: the limits, how many attachments, and whether the header is made here (so that the
// messages behind it are reached at once) or read like the rest.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr limits table[] = {
      {},
      {.frame_bytes = 64, .messages = 2, .attachments = 1, .depth = 4},
  };
  input in(data, size);
  const std::uint8_t choice = in.byte();
  const limits& accepted = table[choice & 1];
  const body_and_attachments content(in, choice >> 1 & 3);

  std::vector<std::byte> first;
  if ((choice & 8) == 0) {
    first.resize(header_size);
    write_header(first.data(), {.seq = choice & 16u, .received = 3, .dispatched = 2});
  }
  first.insert(first.end(), content.body.begin(), content.body.end());
  frame f;
  f.parts.push_back(exact(first));
  f.parts.insert(f.parts.end(), content.attachments.begin(), content.attachments.end());

  (void)begins_with_refuse(f.parts);
  const std::string wrong = decode(f, accepted);
  check(wrong.size() < 2000, "what is wrong is said in a few words");
  if (!wrong.empty()) return 0;
  check(f.messages.size() + f.unknown <= accepted.messages, "the limit of messages holds");
  check(f.parts.size() - 1 <= accepted.attachments, "the limit of attachments holds");
  check(f.header.dispatched <= f.header.received, "dispatched is never beyond received");
  look_at(f);
  write_again(f);
  return 0;
}
