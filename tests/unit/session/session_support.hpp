// SPDX-License-Identifier: MIT
// Frames and messages for the tests of this room, by hand and in words.
#pragma once

#include "session/session.hpp"
#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/writer.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace session_test {

using namespace ipczmq;
using namespace std::chrono_literals;
using session::never;
using session::parts;
using session::time_point;
using wire::kind;

inline const time_point start = time_point{} + 1000s;

// [number, padding]: arguments that a test can tell apart.
class numbered {
 public:
  explicit numbered(std::uint32_t number, std::size_t padding = 0) {
    bytes_.resize(16 + padding);
    std::byte* out = wire::put_fixarray(bytes_.data(), 2);
    out = wire::put_uint(out, number);
    out = wire::put_str(out, std::string(padding, 'x'));
    bytes_.resize(static_cast<std::size_t>(out - bytes_.data()));
  }
  [[nodiscard]] wire::packed_view view() const { return {bytes_, {}, {}}; }

 private:
  std::vector<std::byte> bytes_;
};

inline std::uint64_t number_in(bytes_view payload) {
  wire::cursor in(payload);
  std::size_t count = 0;
  std::uint64_t number = 0;
  BOOST_REQUIRE(in.read_array(count) && in.read_uint(number));
  return number;
}

using frame_ptr = std::shared_ptr<const wire::frame>;

inline frame_ptr read(parts p) {
  auto f = std::make_shared<wire::frame>();
  f->parts = std::move(p);
  const std::string wrong = wire::decode(*f, {});
  BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
  return f;
}

inline const char* name_of(kind k) {
  switch (k) {
    case kind::event:
      return "event";
    case kind::sync_call:
      return "sync";
    case kind::invoke:
      return "invoke";
    case kind::reply:
      return "reply";
    case kind::error_reply:
      return "error";
    case kind::cancel:
      return "cancel";
    case kind::subscribe:
      return "subscribe";
    case kind::unsubscribe:
      return "unsubscribe";
    case kind::hello:
      return "hello";
    case kind::welcome:
      return "welcome";
    case kind::refuse:
      return "refuse";
    case kind::ping:
      return "ping";
    case kind::pong:
      return "pong";
    case kind::bye:
      return "bye";
  }
  return "?";
}

// "event 3", "reply 1", "cancel 1 timed_out", "bye closed".
inline std::string text_of(const wire::message& m) {
  std::string text = name_of(m.kind);
  const auto add = [&text](const std::string& more) { text.append(" ").append(more); };
  switch (m.kind) {
    case kind::event:
      add(std::to_string(number_in(m.payload)));
      break;
    case kind::sync_call:
    case kind::invoke:
    case kind::reply:
      add(std::to_string(m.id));
      break;
    case kind::error_reply:
    case kind::cancel:
      add(std::to_string(m.id));
      [[fallthrough]];
    case kind::bye:
    case kind::refuse:
      add(std::string(m.code.empty() ? m.text : m.code));
      break;
    case kind::subscribe:
    case kind::unsubscribe:
      add(m.every_channel ? "*" : std::string(m.channel));
      break;
    default:
      break;
  }
  return text;
}

// "#2 event 1, event 2", "#0" for a plain acknowledgement; flags as "#3! " (ack_now), "#0? " (gap),
// "#3~" (resent).
inline std::string text_of(const wire::frame& f) {
  std::string text = "#" + std::to_string(f.header.seq);
  if ((f.header.flags & wire::flag_ack_now) != 0) text += "!";
  if ((f.header.flags & wire::flag_gap) != 0) text += "?";
  if ((f.header.flags & wire::flag_resent) != 0) text += "~";
  for (std::size_t i = 0; i < f.messages.size(); ++i) {
    text.append(i == 0 ? " " : ", ").append(text_of(f.messages[i]));
  }
  return text;
}

// All frames, joined by "; ".
inline std::string text_of(const std::vector<parts>& frames) {
  std::string text;
  for (const parts& p : frames) text.append(text.empty() ? "" : "; ").append(text_of(*read(p)));
  return text;
}

struct sink final : session::call_sink {
  explicit sink(std::string n) : name(std::move(n)) {}
  std::string name;
};

inline std::shared_ptr<sink> named(std::string name) {
  return std::make_shared<sink>(std::move(name));
}

// "a reply", "b timed_out", "c error no_handler".
inline std::string text_of(const session::outcome& o) {
  std::string text = static_cast<const sink&>(*o.call).name + " ";
  if (o.answer == nullptr) return text.append(errc_name(o.code));
  text.append(name_of(o.answer->kind));
  return o.answer->kind == kind::error_reply ? text.append(" ").append(o.answer->code) : text;
}

inline std::vector<std::string> texts_of(const std::vector<session::outcome>& outcomes) {
  std::vector<std::string> all;
  for (const auto& o : outcomes) all.push_back(text_of(o));
  return all;
}

inline std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& t : texts) all.append(all.empty() ? "" : "; ").append(t);
  return all;
}

inline wire::secret secret_of(int first) {
  wire::secret s{};
  for (std::size_t i = 0; i < s.size(); ++i) s[i] = static_cast<std::byte>(first + int(i));
  return s;
}

}  // namespace session_test
