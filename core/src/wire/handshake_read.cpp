// SPDX-License-Identifier: MIT
// Reads the maps of hello and welcome.
#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace ipczmq::wire {

namespace {

constexpr std::size_t identity_bytes_max = 200;
// What a peer tells about itself is kept as long as its session: a megabyte of host name is not
// information.
constexpr std::size_t text_bytes_max = 1024;
constexpr std::size_t capabilities_max = 256;

using keys = std::span<const std::string_view>;

// Walks over one map. The first failure is kept as a text and ends the walk.
class map_reader {
 public:
  // `name` begins the texts: "hello.limits".
  map_reader(cursor& in, std::string name, keys required, std::string& error)
      : in_(in), name_(std::move(name)), required_(required), error_(error) {}

  // `match` is called for each entry and tries the known keys with field(), positive() and
  // nested(). Other entries are skipped.
  template <class Match>
  void walk(Match match) {
    std::size_t entries = 0;
    if (!in_.read_map(entries)) return fail(name_ + ": wanted a map, got " + in_.what_is_next());
    for (; entries != 0 && error_.empty(); --entries) {
      if (!in_.read_str(key_)) {
        return fail(name_ + ": wanted a str as key, got " + in_.what_is_next());
      }
      if (!match()) skip();
      note_required();
    }
    for (std::size_t i = 0; i != required_.size(); ++i) {
      if ((seen_ >> i & 1) == 0) fail(name_ + "." + std::string(required_[i]) + " is missing");
    }
  }

  // True when the entry is `key`; its value has been read then, or an error noted.
  template <class T>
  bool field(std::string_view key, T& out) {
    if (key_ != key) return false;
    read(out);
    return true;
  }
  template <class T>
  bool positive(std::string_view key, T& out) {
    if (key_ != key) return false;
    read(out);
    if (out == 0) fail_value("wanted a positive integer, got 0");
    return true;
  }
  // `required` are the keys of the inner map; `match` is given its reader.
  template <class Match>
  bool nested(std::string_view key, keys required, Match match) {
    if (key_ != key) return false;
    map_reader inner(in_, name_ + "." + std::string(key), required, error_);
    inner.walk([&] { return match(inner); });
    return true;
  }

 private:
  cursor& in_;
  std::string name_;
  keys required_;
  std::string& error_;
  std::string_view key_;
  std::uint32_t seen_ = 0;  // bit i: required_[i]

  void read(std::uint64_t& out) {
    if (!in_.read_uint(out)) wrong("an integer from 0");
  }
  // Larger values are cut: nobody depends on the difference.
  void read(std::uint32_t& out) {
    std::uint64_t wide = 0;
    read(wide);
    out = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(wide, std::numeric_limits<std::uint32_t>::max()));
  }
  void read(bool& out) {
    if (!in_.read_bool(out)) wrong("a bool");
  }
  void read(std::string& out) {
    std::string_view text;
    if (!in_.read_str(text)) return wrong("a str");
    if (text.size() > text_bytes_max) {
      return fail_value(std::to_string(text.size()) + " bytes, " + std::to_string(text_bytes_max) +
                        " allowed");
    }
    out = text;
  }
  void read(secret& out) {
    bytes_view bytes;
    if (!in_.read_bin(bytes)) return wrong("a bin of 16 bytes");
    if (bytes.size() != out.size()) {
      return fail_value("wanted a bin of 16 bytes, got one of " + std::to_string(bytes.size()));
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
  }
  void read(std::optional<secret>& out) { read(out.emplace()); }
  void read(std::vector<std::string>& out) {
    std::size_t count = 0;
    if (!in_.read_array(count)) return wrong("an array of str");
    if (count > capabilities_max) {
      return fail_value(std::to_string(count) + " elements, " + std::to_string(capabilities_max) +
                        " allowed");
    }
    out.clear();
    for (; count != 0 && error_.empty(); --count) read(out.emplace_back());
  }

  void skip() {
    const value_rules any{.attachments = std::numeric_limits<std::size_t>::max()};
    if (const fault f = in_.skip(any); f != fault::none) fail_value(describe(f, in_, any));
  }
  void note_required() {
    for (std::size_t i = 0; i != required_.size(); ++i) {
      if (required_[i] == key_) seen_ |= 1u << i;
    }
  }

  void wrong(const char* wanted) {
    fail_value(std::string("wanted ") + wanted + ", got " + in_.what_is_next());
  }
  void fail_value(const std::string& why) { fail(name_ + "." + std::string(key_) + ": " + why); }
  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
};

bool match_limits(map_reader& map, limits& out) {
  return map.nested("limits", {}, [&](map_reader& inner) {
    return inner.field("frame_bytes", out.frame_bytes) || inner.field("messages", out.messages) ||
           inner.field("attachments", out.attachments) || inner.field("depth", out.depth) ||
           inner.field("window", out.window);
  });
}

// Which of them is below what every peer has to accept, in words.
std::string below_minimum(const limits& l) {
  std::string text;
  const auto check = [&](const char* name, std::uint64_t value, std::uint64_t minimum) {
    if (value >= minimum || !text.empty()) return;
    text = std::string(".limits.") + name + " is " + std::to_string(value) + ", at least " +
           std::to_string(minimum) + " required";
  };
  check("frame_bytes", l.frame_bytes, minima.frame_bytes);
  check("messages", l.messages, minima.messages);
  check("attachments", l.attachments, minima.attachments);
  check("depth", l.depth, minima.depth);
  check("window", l.window, minima.window);
  return text;
}

// The last check of both: cuts what nobody supports, and refuses what is too little.
std::string check_limits(const char* name, limits& l) {
  l.depth = std::min(l.depth, depth_max);
  const std::string why = below_minimum(l);
  return why.empty() ? why : name + why;
}

bool match_process(map_reader& map, process_info& out) {
  return map.field("pid", out.pid) || map.field("host", out.host) || map.field("boot", out.boot) ||
         map.field("library", out.library);
}

bool match_resume(map_reader& map, std::optional<resume_request>& out) {
  static constexpr std::array<std::string_view, 3> required = {"session", "secret", "received"};
  return map.nested("resume", required, [&](map_reader& inner) {
    if (!out) out.emplace();
    return inner.field("session", out->session) || inner.field("secret", out->secret) ||
           inner.field("received", out->received);
  });
}

std::string check_identity(const std::string& identity) {
  if (identity.empty()) return "hello.identity is empty";
  if (identity.size() > identity_bytes_max) {
    return "hello.identity: " + std::to_string(identity.size()) + " bytes, " +
           std::to_string(identity_bytes_max) + " allowed";
  }
  if (!valid_utf8(identity)) return "hello.identity is not UTF-8";
  if (identity.find('\0') != std::string::npos) return "hello.identity contains a NUL";
  return {};
}

}  // namespace

std::string decode(bytes_view map, hello& out) {
  static constexpr std::array<std::string_view, 3> required = {"protocol", "identity", "clock"};
  out = {};
  out.protocol_min = 0;  // not given
  std::string error;
  cursor in(map);
  map_reader reader(in, "hello", required, error);
  reader.walk([&] {
    return reader.field("protocol", out.protocol) ||
           reader.positive("protocol_min", out.protocol_min) ||
           reader.field("identity", out.identity) || reader.field("clock", out.clock) ||
           match_limits(reader, out.limits) || reader.field("capabilities", out.capabilities) ||
           match_process(reader, out.process) || match_resume(reader, out.resume) ||
           reader.field("instance", out.instance) || reader.field("attempt", out.attempt);
  });
  if (!error.empty()) return error;
  if (out.protocol_min == 0) out.protocol_min = out.protocol;
  if (out.protocol_min > out.protocol) return "hello.protocol_min is above hello.protocol";
  if (std::string why = check_identity(out.identity); !why.empty()) return why;
  return check_limits("hello", out.limits);
}

std::string decode(bytes_view map, welcome& out) {
  static constexpr std::array<std::string_view, 6> required = {"protocol", "session", "secret",
                                                               "id",       "clock",   "resumed"};
  out = {};
  std::string error;
  cursor in(map);
  map_reader reader(in, "welcome", required, error);
  reader.walk([&] {
    return reader.positive("protocol", out.protocol) || reader.field("session", out.session) ||
           reader.field("secret", out.secret) || reader.field("id", out.id) ||
           reader.field("clock", out.clock) || match_limits(reader, out.limits) ||
           reader.field("capabilities", out.capabilities) ||
           reader.field("ping_interval", out.ping_interval) ||
           reader.field("ping_timeout", out.ping_timeout) ||
           reader.field("resume_for", out.resume_for) || reader.field("resumed", out.resumed) ||
           reader.field("received", out.received) || reader.field("identity", out.identity) ||
           reader.field("attempt", out.attempt) || match_process(reader, out.process);
  });
  return !error.empty() ? error : check_limits("welcome", out.limits);
}

bool meets_minima(const limits& l) { return below_minimum(l).empty(); }

}  // namespace ipczmq::wire
