// SPDX-License-Identifier: MIT
// Whole values: the loop that checks and skips them, and its findings in words.
#include "wire/cursor.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace ipczmq::wire {

namespace {

// How a head byte is followed. `plain` values are `size` bytes altogether; of the others, `size` is
// the head with its length field, so that one comparison with the remaining bytes covers both.
enum class shape : std::uint8_t {
  plain,
  sized8,  // str and bin
  sized16,
  sized32,
  fixext,  // `size` bytes altogether; the type is the second
  ext8,
  ext16,
  ext32,
  reserved,
  array16,  // containers from here on
  array32,
  map16,
  map32,
  fixarray,
  fixmap,
};

struct head_entry {
  shape form;
  std::uint8_t size;
};

constexpr std::array<head_entry, 256> make_heads() {
  std::array<head_entry, 256> heads{};
  for (unsigned b = 0x00; b <= 0x7f; ++b) heads[b] = {shape::plain, 1};
  for (unsigned b = 0x80; b <= 0x8f; ++b) heads[b] = {shape::fixmap, 1};
  for (unsigned b = 0x90; b <= 0x9f; ++b) heads[b] = {shape::fixarray, 1};
  for (unsigned b = 0xa0; b <= 0xbf; ++b) {
    heads[b] = {shape::plain, static_cast<std::uint8_t>(1 + (b & 0x1f))};
  }
  heads[0xc0] = {shape::plain, 1};
  heads[0xc1] = {shape::reserved, 1};
  heads[0xc2] = heads[0xc3] = {shape::plain, 1};
  heads[0xc4] = heads[0xd9] = {shape::sized8, 2};
  heads[0xc5] = heads[0xda] = {shape::sized16, 3};
  heads[0xc6] = heads[0xdb] = {shape::sized32, 5};
  heads[0xc7] = {shape::ext8, 3};
  heads[0xc8] = {shape::ext16, 4};
  heads[0xc9] = {shape::ext32, 6};
  heads[0xca] = {shape::plain, 5};
  heads[0xcb] = {shape::plain, 9};
  for (unsigned i = 0; i != 4; ++i) {
    heads[0xcc + i] = heads[0xd0 + i] = {shape::plain, static_cast<std::uint8_t>(1 + (1u << i))};
  }
  for (unsigned i = 0; i != 5; ++i) {
    heads[0xd4 + i] = {shape::fixext, static_cast<std::uint8_t>(2 + (1u << i))};
  }
  heads[0xdc] = {shape::array16, 3};
  heads[0xdd] = {shape::array32, 5};
  heads[0xde] = {shape::map16, 3};
  heads[0xdf] = {shape::map32, 5};
  for (unsigned b = 0xe0; b <= 0xff; ++b) heads[b] = {shape::plain, 1};
  return heads;
}

constexpr std::array<head_entry, 256> heads = make_heads();

constexpr bool is_attachment(std::byte type) {
  return std::to_integer<std::int8_t>(type) == attachment_ext;
}

// Of a fixext at `p`, known to be complete.
fault check_fixext(const std::byte* p, const value_rules& rules) {
  if (!is_attachment(p[1])) return fault::none;
  if (p[0] != std::byte{0xd6}) return fault::reference_form;
  const auto index = load<std::uint32_t>(p + 2);
  if (index >= rules.attachments) return fault::reference_index;
  if (rules.needed != nullptr) {
    *rules.needed = std::max(*rules.needed, index + std::uint64_t{1});
  }
  if (rules.refs != nullptr) {
    rules.refs->push_back(static_cast<std::uint32_t>(p + 2 - rules.start));
  }
  return fault::none;
}

// What is neither plain nor a container: sets how many bytes follow the head at `p`.
inline fault check_sized(head_entry head, const std::byte* p, const value_rules& rules,
                         std::size_t& body) {
  switch (head.form) {
    case shape::sized8:
    case shape::ext8:
      body = load<std::uint8_t>(p + 1);
      break;
    case shape::sized16:
    case shape::ext16:
      body = load<std::uint16_t>(p + 1);
      break;
    case shape::sized32:
    case shape::ext32:
      body = load<std::uint32_t>(p + 1);
      break;
    case shape::fixext:
      return check_fixext(p, rules);
    default:
      return fault::reserved_byte;
  }
  const bool is_ext = head.form >= shape::ext8;
  return is_ext && is_attachment(p[head.size - 1]) ? fault::reference_form : fault::none;
}

// How many values follow the head of a container at `p`.
inline std::uint64_t elements(shape form, const std::byte* p) {
  const auto first = std::to_integer<std::uint64_t>(*p);
  switch (form) {
    case shape::array16:
      return load<std::uint16_t>(p + 1);
    case shape::array32:
      return load<std::uint32_t>(p + 1);
    case shape::map16:
      return std::uint64_t{2} * load<std::uint16_t>(p + 1);
    case shape::map32:
      return std::uint64_t{2} * load<std::uint32_t>(p + 1);
    case shape::fixmap:
      return 2 * (first & 0x0f);
    default:
      return first & 0x0f;
  }
}

// Behind the value at `p`, one of those that most messages consist of: a number, a bool, nil, a
// short text or bin. Null when it is anything else, or cut short.
inline const std::byte* skip_scalar(const std::byte* p, const std::byte* end) {
  if (p == end) return nullptr;
  const head_entry head = heads[std::to_integer<std::uint8_t>(*p)];
  const auto available = static_cast<std::size_t>(end - p);
  if (available < head.size) return nullptr;
  if (head.form == shape::plain) return p + head.size;
  if (head.form != shape::sized8) return nullptr;
  const std::size_t size = std::size_t{2} + load<std::uint8_t>(p + 1);
  return available < size ? nullptr : p + size;
}

}  // namespace

fault cursor::skip(const value_rules& rules) {
  const std::byte* p = at_;
  unsigned left = 1;
  if (p != end_ && (head() & 0xf0) == 0x90 && rules.depth != 0) {
    left = head() & 0x0fU;
    ++p;
  }
  for (; left != 0; --left) {
    p = skip_scalar(p, end_);
    if (p == nullptr) return skip_nested(rules);
  }
  at_ = p;
  return fault::none;
}

// One loop without recursion: `left` values are still to come at this level, `outer` holds what is
// left further out.
fault cursor::skip_nested(const value_rules& rules) {
  const std::uint32_t depth = std::min(rules.depth, depth_max);
  std::array<std::size_t, depth_max> outer;  // not initialised: written before it is read
  std::uint32_t level = 0;
  std::size_t left = 1;
  const std::byte* p = at_;
  const auto at_fault = [&](fault f) {
    at_ = p;
    return f;
  };

  for (;;) {
    if (p == end_) return at_fault(fault::truncated);
    const head_entry head = heads[std::to_integer<std::uint8_t>(*p)];
    const auto available = static_cast<std::size_t>(end_ - p);
    if (available < head.size) return at_fault(fault::truncated);
    --left;
    if (head.form == shape::plain) {
      p += head.size;
    } else if (head.form >= shape::array16) {
      const std::uint64_t count = elements(head.form, p);
      if (available - head.size < count) return at_fault(fault::count);
      if (level == depth) return at_fault(fault::depth);
      p += head.size;
      outer[level++] = left;
      left = static_cast<std::size_t>(count);
    } else {
      std::size_t body = 0;
      if (const fault f = check_sized(head, p, rules, body); f != fault::none) return at_fault(f);
      if (available - head.size < body) return at_fault(fault::truncated);
      p += head.size + body;
    }
    while (left == 0) {
      if (level == 0) {
        at_ = p;
        return fault::none;
      }
      left = outer[--level];
    }
  }
}

std::string describe(fault f, const cursor& at, const value_rules& rules) {
  const std::string next = at.what_is_next();
  switch (f) {
    case fault::none:
      return {};
    case fault::truncated:
      return at.at_end() ? "ends too early" : next + " is cut short";
    case fault::count:
      return next + " claims more elements than there are bytes";
    case fault::depth:
      return "arrays and maps nested deeper than " +
             std::to_string(std::min(rules.depth, depth_max));
    case fault::reserved_byte:
      return "the byte 0xc1 is not msgpack";
    case fault::reference_form:
      return "ext type 31 stands for attachments and has to be a fixext 4 here";
    case fault::reference_index:
      return no_attachment(load<std::uint32_t>(at.position() + 2), rules.attachments);
  }
  return {};
}

std::string no_attachment(std::uint64_t index, std::size_t attachments) {
  return "refers to attachment " + std::to_string(index) + ", and there are " +
         std::to_string(attachments);
}

std::string check_single(bytes_view bytes, const value_rules& rules) {
  cursor in(bytes);
  if (const fault f = in.skip(rules); f != fault::none) return describe(f, in, rules);
  if (!in.at_end()) return std::to_string(in.remaining()) + " bytes behind the value";
  return {};
}

std::string check_value(bytes_view bytes, std::uint32_t depth, std::size_t attachments,
                        bool must_be_array, std::vector<std::uint32_t>* refs) {
  const std::size_t refs_before = refs != nullptr ? refs->size() : 0;
  const auto finish = [&](std::string why) {
    if (refs != nullptr && !why.empty()) refs->resize(refs_before);
    return why;
  };
  if (refs != nullptr && bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    return finish("longer than 4 GiB");  // the offsets would not fit
  }
  const value_rules rules{
      .depth = depth, .attachments = attachments, .refs = refs, .start = bytes.data()};
  const cursor in(bytes);
  if (must_be_array && !in.at_end() && !in.is_array()) {
    return finish(std::string("wanted an array, got ") + in.what_is_next());
  }
  return finish(check_single(bytes, rules));
}

}  // namespace ipczmq::wire
