// SPDX-License-Identifier: MIT
#include "wire/messages.hpp"

#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/kinds.hpp"

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace ipczmq::wire {

namespace {

constexpr message blank;

// How many attachments the value packed in each attachment needs, once that has been checked.
// Without it, thousands of messages that all stand for one large attachment would have it checked
// thousands of times.
class value_needs {
 public:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};

  explicit value_needs(std::size_t attachments) : attachments_(attachments) {}
  [[nodiscard]] std::uint64_t& of(std::size_t index) {
    if (needs_.empty()) needs_.assign(attachments_, unknown);
    return needs_[index];
  }

 private:
  std::size_t attachments_;
  std::vector<std::uint64_t> needs_;
};

// Reads the messages of one frame. Every read_… returns false after fail().
class message_reader {
 public:
  message_reader(frame& f, const limits& accepted)
      : frame_(f),
        accepted_(accepted),
        rules_{.depth = accepted.depth, .attachments = f.parts.size() - 1},
        in_(f.parts[0].bytes().subspan(header_size)),
        needs_(f.parts.size() - 1) {}

  // The error text, or nothing.
  std::string read_all() {
    while (!in_.at_end()) {
      if (index_ == accepted_.messages) {
        return "more than " + std::to_string(accepted_.messages) + " messages";
      }
      if (!read_message()) return std::move(error_);
      ++index_;
    }
    return {};
  }

 private:
  frame& frame_;
  const limits& accepted_;
  value_rules rules_;
  cursor in_;
  std::size_t index_ = 0;  // of the message being read
  const char* kind_name_ = nullptr;
  std::string error_;
  value_needs needs_;
  std::string_view last_channel_;  // that was found valid: messages of one channel come together

  bool read_message() {
    std::size_t elements = 0;
    std::uint64_t number = 0;
    if (!in_.read_array(elements)) return wrong("", "an array");
    if (elements == 0) return fail("has no elements");
    if (!in_.read_uint(number)) return wrong("kind", "an integer from 0");

    const kind_entry entry = entry_of(number);
    kind_name_ = entry.name;
    if (entry.name == nullptr) {
      ++frame_.unknown;
    } else {
      const auto k = static_cast<kind>(number);
      if (is_control(k) != (frame_.header.seq == 0)) {
        return fail(is_control(k) ? "in a numbered frame" : "in a control frame");
      }
      if (elements < entry.elements) {
        return fail("has " + std::to_string(elements) + " elements, wanted " +
                    std::to_string(entry.elements));
      }
      // Copied from a blank one: gcc 12 clears one in place with `rep stos`, which costs more than
      // the rest.
      message& m = frame_.messages.emplace_back(blank);
      m.kind = k;
      if (!read_fields(m)) return false;
    }
    for (std::size_t i = entry.elements; i < elements; ++i) {
      if (!skip("an element beyond the known ones")) return false;
    }
    kind_name_ = nullptr;
    return true;
  }

  bool read_fields(message& m) {
    switch (m.kind) {
      case kind::event:
        return read_channel(m) && read_args(m);
      case kind::sync_call:
      case kind::invoke:
        return read_id(m) && read_uint("deadline", m.deadline) && read_channel(m) && read_args(m);
      case kind::reply:
        return read_id(m) && read_value(m);
      case kind::error_reply:
        return read_id(m) && read_str("code", m.code) && read_str("name", m.name) &&
               read_str("message", m.text) && read_data(m);
      case kind::cancel:
        return read_id(m) && read_str("reason", m.text);
      case kind::subscribe:
      case kind::unsubscribe:
        m.every_channel = in_.read_nil();
        return m.every_channel || read_channel(m);
      case kind::hello:
      case kind::welcome:
        return in_.is_map() ? skip("map", m) : wrong("map", "a map");
      case kind::refuse:
        return read_str("code", m.code) && read_str("message", m.text);
      case kind::ping:
      case kind::pong:
        return read_uint("token", m.token) && read_uint("clock", m.clock) &&
               read_uint("highest", m.highest);
      case kind::bye:
        return read_str("reason", m.text) && read_uint("highest", m.highest);
    }
    return true;
  }

  bool read_uint(const char* field, std::uint64_t& out) {
    return in_.read_uint(out) || wrong(field, "an integer from 0");
  }
  bool read_str(const char* field, std::string_view& out) {
    return in_.read_str(out) || wrong(field, "a str");
  }

  bool read_id(message& m) {
    if (!in_.read_uint(m.id)) return wrong("id", "a positive integer");
    return m.id != 0 || fail("id: wanted a positive integer, got 0");
  }

  bool read_channel(message& m) {
    if (!in_.read_str(m.channel)) return wrong("channel", "a str");
    if (m.channel == last_channel_ && !m.channel.empty()) {
      m.channel = last_channel_;  // the very same bytes, so that who compares them sees it at once
      return true;
    }
    if (valid_channel(m.channel)) {
      last_channel_ = m.channel;
      return true;
    }
    if (m.channel.empty()) return fail("channel is empty");
    if (m.channel.size() > channel_bytes_max) {
      return fail("channel is " + std::to_string(m.channel.size()) + " bytes long, " +
                  std::to_string(channel_bytes_max) + " allowed");
    }
    return fail("channel is not UTF-8");
  }

  bool read_args(message& m) {
    if (in_.is_array()) return skip("args", m);
    std::uint32_t index = 0;
    if (!in_.read_whole(index, m.base)) return wrong("args", "an array");
    if (!read_attached("args", index, m)) return false;
    const cursor content(m.payload);
    return content.is_array() || fail("args: attachment " + std::to_string(index) +
                                      ": wanted an array, got " + content.what_is_next());
  }

  bool read_value(message& m) {
    std::uint32_t index = 0;
    if (in_.read_whole(index, m.base)) return read_attached("value", index, m);
    return skip("value", m);
  }

  bool read_data(message& m) { return in_.read_nil() || skip("data", m); }

  // The whole of args or value is in an attachment, and its references count from `m.base`.
  bool read_attached(const char* field, std::uint32_t index, message& m) {
    const std::size_t count = rules_.attachments;
    const auto refuse = [&](const std::string& why) {
      return fail(std::string(field) + ": " + why);
    };
    if (index >= count) return refuse(no_attachment(index, count));
    if (m.base > count)
      return refuse("counts from attachment " + std::to_string(m.base) + ", and there are " +
                    std::to_string(count));
    const auto refuse_content = [&](const std::string& why) {
      return refuse("attachment " + std::to_string(index) + ": " + why);
    };
    m.payload = frame_.parts[index + std::size_t{1}].bytes();
    std::uint64_t& known = needs_.of(index);
    if (known == value_needs::unknown) {
      std::uint64_t needed = 0;
      const value_rules rules{.depth = rules_.depth,
                              .attachments = std::numeric_limits<std::size_t>::max(),
                              .needed = &needed};
      if (const std::string why = check_single(m.payload, rules); !why.empty()) {
        return refuse_content(why);
      }
      known = needed;
    }
    return known <= count - m.base || refuse_content(no_attachment(m.base + known - 1, count));
  }

  bool skip(const char* field) {
    const fault f = in_.skip(rules_);
    return f == fault::none || bad_value(field, f);
  }
  bool skip(const char* field, message& m) {
    const std::byte* start = in_.position();
    if (const fault f = in_.skip(rules_); f != fault::none) return bad_value(field, f);
    m.payload = {start, in_.position()};
    return true;
  }
  [[gnu::cold]] bool bad_value(const char* field, fault f) {
    return fail(std::string(field) + ": " + describe(f, in_, rules_));
  }

  // The next value is not `wanted`, or it is not a value at all.
  [[gnu::cold]] bool wrong(const char* field, const char* wanted) {
    const std::string prefix = *field != 0 ? std::string(field) + ": " : std::string();
    const std::string got = in_.what_is_next();
    if (const fault f = in_.skip(rules_); f != fault::none) {
      return fail(prefix + describe(f, in_, rules_));
    }
    return fail(prefix + "wanted " + wanted + ", got " + got);
  }
  [[gnu::cold]] bool fail(const std::string& what) {
    error_ = "message " + std::to_string(index_);
    if (kind_name_ != nullptr) error_.append(" (").append(kind_name_).append(")");
    error_.append(": ").append(what);
    return false;
  }
};

}  // namespace

std::string read_messages(frame& f, const limits& accepted) {
  return message_reader(f, accepted).read_all();
}

}  // namespace ipczmq::wire
