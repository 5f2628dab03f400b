// SPDX-License-Identifier: MIT
// Writes the maps of hello and welcome; handshake_read.cpp reads them.
#include "wire/handshake.hpp"
#include "wire/writer.hpp"

#include <string_view>

namespace ipczmq::wire {

namespace {

// Every map has a 2-byte count, which is filled in when its entries are known: a few bytes more,
// and no counting ahead.
class map_writer {
 public:
  explicit map_writer(std::vector<std::byte>& out) : out_(out), head_(out.size()) {
    append(3, [](std::byte* at) { return store(put_byte(at, 0xde), std::uint16_t{0}); });
  }
  ~map_writer() { store(&out_[head_ + 1], entries_); }
  map_writer(const map_writer&) = delete;
  map_writer& operator=(const map_writer&) = delete;

  void put_number(std::string_view key, std::uint64_t value) {
    put_key(key);
    append(uint_max, [&](std::byte* at) { return put_uint(at, value); });
  }
  void put_flag(std::string_view key, bool value) {
    put_key(key);
    append(1, [&](std::byte* at) { return put_bool(at, value); });
  }
  void put_text(std::string_view key, std::string_view value) {
    put_key(key);
    append_str(value);
  }
  void put_secret(std::string_view key, const secret& value) {
    put_key(key);
    append(2 + value.size(), [&](std::byte* at) { return put_bin8(at, value); });
  }
  void put_texts(std::string_view key, const std::vector<std::string>& values) {
    put_key(key);
    append(3, [&](std::byte* at) {
      return store(put_byte(at, 0xdc), static_cast<std::uint16_t>(values.size()));
    });
    for (const std::string& value : values) append_str(value);
  }
  [[nodiscard]] map_writer put_map(std::string_view key) {
    put_key(key);
    return map_writer(out_);
  }

 private:
  std::vector<std::byte>& out_;
  std::size_t head_;
  std::uint16_t entries_ = 0;

  void put_key(std::string_view key) {
    append_str(key);
    ++entries_;
  }
  void append_str(std::string_view text) {
    append(text_head_max + text.size(), [&](std::byte* at) { return put_str(at, text); });
  }
  template <class Put>
  void append(std::size_t room, Put put) {
    const std::size_t before = out_.size();
    out_.resize(before + room);
    out_.resize(static_cast<std::size_t>(put(out_.data() + before) - out_.data()));
  }
};

void put_limits(map_writer& map, const limits& l) {
  map_writer inner = map.put_map("limits");
  inner.put_number("frame_bytes", l.frame_bytes);
  inner.put_number("messages", l.messages);
  inner.put_number("attachments", l.attachments);
  inner.put_number("depth", l.depth);
  inner.put_number("window", l.window);
}

// What is not known is left out.
void put_process(map_writer& map, const process_info& p) {
  if (p.pid != 0) map.put_number("pid", p.pid);
  if (!p.host.empty()) map.put_text("host", p.host);
  if (!p.boot.empty()) map.put_text("boot", p.boot);
  if (!p.library.empty()) map.put_text("library", p.library);
}

}  // namespace

std::vector<std::byte> encode(const hello& h) {
  std::vector<std::byte> out;
  {
    map_writer map(out);
    map.put_number("protocol", h.protocol);
    if (h.protocol_min != h.protocol) map.put_number("protocol_min", h.protocol_min);
    map.put_text("identity", h.identity);
    map.put_number("clock", h.clock);
    put_limits(map, h.limits);
    map.put_texts("capabilities", h.capabilities);
    put_process(map, h.process);
    if (h.resume) {
      map_writer resume = map.put_map("resume");
      resume.put_secret("session", h.resume->session);
      resume.put_secret("secret", h.resume->secret);
      resume.put_number("received", h.resume->received);
    }
    if (h.instance) map.put_secret("instance", *h.instance);
    if (h.attempt != 0) map.put_number("attempt", h.attempt);
  }
  return out;
}

std::vector<std::byte> encode(const welcome& w) {
  std::vector<std::byte> out;
  {
    map_writer map(out);
    map.put_number("protocol", w.protocol);
    map.put_secret("session", w.session);
    map.put_secret("secret", w.secret);
    map.put_number("id", w.id);
    map.put_number("clock", w.clock);
    put_limits(map, w.limits);
    map.put_texts("capabilities", w.capabilities);
    map.put_number("ping_interval", w.ping_interval);
    map.put_number("ping_timeout", w.ping_timeout);
    map.put_number("resume_for", w.resume_for);
    map.put_flag("resumed", w.resumed);
    map.put_number("received", w.received);
    if (!w.identity.empty()) map.put_text("identity", w.identity);
    if (w.attempt != 0) map.put_number("attempt", w.attempt);
    put_process(map, w.process);
  }
  return out;
}

}  // namespace ipczmq::wire
