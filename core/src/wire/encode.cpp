// SPDX-License-Identifier: MIT
#include "wire/encode.hpp"

#include "wire/cursor.hpp"
#include "wire/writer.hpp"

namespace ipczmq::wire {

namespace {

constexpr std::size_t head_max = 2;  // of a message: array head and kind

std::size_t str_max(std::string_view text) { return text_head_max + text.size(); }

std::byte* put_head(std::byte* out, unsigned elements, kind k) {
  return put_byte(put_fixarray(out, elements), static_cast<unsigned>(k));
}

}  // namespace

frame_builder::frame_builder() = default;

// The header's place is kept free as soon as something is written; an idle builder holds no memory.
std::byte* frame_builder::begin(std::size_t room) {
  if (bytes_.size() == 0) {
    std::byte* start = bytes_.end_with_room(header_size + room);
    bytes_.set_end(start + header_size);
    return start + header_size;
  }
  return bytes_.end_with_room(room);
}

void frame_builder::end(const std::byte* out) noexcept {
  bytes_.set_end(out);
  ++messages_;
}

// Appends the bytes, and moves the references to this frame's numbering of attachments.
std::byte* frame_builder::put_packed(std::byte* out, const packed_view& p) {
  std::byte* behind = put_bytes(out, p.bytes.data(), p.bytes.size());
  if (p.attachments.empty()) return behind;

  const auto before = static_cast<std::uint32_t>(attachments_.size());
  if (before != 0) {
    for (const std::uint32_t at : p.refs) {
      store(out + at, load<std::uint32_t>(out + at) + before);
    }
  }
  for (const buffer& attachment : p.attachments) {
    attachments_.push_back(attachment);
    attachment_bytes_ += attachment.size();
  }
  return behind;
}

void frame_builder::event(std::string_view channel, const packed_view& args) {
  std::byte* out = begin(head_max + str_max(channel) + args.bytes.size());
  out = put_head(out, 3, kind::event);
  out = put_str(out, channel);
  end(put_packed(out, args));
}

void frame_builder::call(kind k, std::uint64_t id, std::uint64_t deadline, std::string_view channel,
                         const packed_view& args) {
  std::byte* out = begin(head_max + 2 * uint_max + str_max(channel) + args.bytes.size());
  out = put_head(out, 5, k);
  out = put_uint(out, id);
  out = put_uint(out, deadline);
  out = put_str(out, channel);
  end(put_packed(out, args));
}

void frame_builder::reply(std::uint64_t id, const packed_view& value) {
  std::byte* out = begin(head_max + uint_max + value.bytes.size());
  out = put_head(out, 3, kind::reply);
  out = put_uint(out, id);
  end(put_packed(out, value));
}

void frame_builder::error_reply(std::uint64_t id, std::string_view code, std::string_view name,
                                std::string_view message, bytes_view data) {
  std::byte* out = begin(head_max + uint_max + str_max(code) + str_max(name) + str_max(message) +
                         data.size() + 1);
  out = put_head(out, 6, kind::error_reply);
  out = put_uint(out, id);
  out = put_str(out, code);
  out = put_str(out, name);
  out = put_str(out, message);
  end(data.empty() ? put_nil(out) : put_bytes(out, data.data(), data.size()));
}

void frame_builder::cancel(std::uint64_t id, std::string_view reason) {
  std::byte* out = begin(head_max + uint_max + str_max(reason));
  out = put_head(out, 3, kind::cancel);
  out = put_uint(out, id);
  end(put_str(out, reason));
}

void frame_builder::subscription(kind k, std::string_view channel) {
  std::byte* out = begin(head_max + str_max(channel));
  out = put_head(out, 2, k);
  end(channel.empty() ? put_nil(out) : put_str(out, channel));
}

void frame_builder::handshake(kind k, bytes_view map) {
  std::byte* out = begin(head_max + map.size());
  out = put_head(out, 2, k);
  end(put_bytes(out, map.data(), map.size()));
}

void frame_builder::refuse(std::string_view code, std::string_view message) {
  std::byte* out = begin(head_max + str_max(code) + str_max(message));
  out = put_head(out, 3, kind::refuse);
  out = put_str(out, code);
  end(put_str(out, message));
}

void frame_builder::ping(kind k, std::uint64_t token, std::uint64_t clock, std::uint64_t highest) {
  std::byte* out = begin(head_max + 3 * uint_max);
  out = put_head(out, 4, k);
  out = put_uint(out, token);
  out = put_uint(out, clock);
  end(put_uint(out, highest));
}

void frame_builder::bye(std::string_view reason, std::uint64_t highest) {
  std::byte* out = begin(head_max + str_max(reason) + uint_max);
  out = put_head(out, 3, kind::bye);
  out = put_str(out, reason);
  end(put_uint(out, highest));
}

std::vector<buffer> frame_builder::finish(const header& h) {
  if (bytes_.size() == 0) bytes_.set_end(begin(0));
  write_header(bytes_.data(), h);
  std::vector<buffer> parts;
  parts.reserve(1 + attachments_.size());
  parts.push_back(bytes_.take());
  for (buffer& attachment : attachments_) parts.push_back(std::move(attachment));
  clear();
  return parts;
}

void frame_builder::clear() {
  bytes_.clear();
  attachments_.clear();
  attachment_bytes_ = 0;
  messages_ = 0;
}

void write_header(std::byte* out, const header& h) noexcept {
  out = put_byte(out, 0x94);
  out = put_byte(put_byte(out, 0xcc), h.flags);
  for (const std::uint64_t number : {h.seq, h.received, h.dispatched}) {
    out = store(put_byte(out, 0xcf), number);
  }
}

}  // namespace ipczmq::wire
