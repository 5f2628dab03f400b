// SPDX-License-Identifier: MIT
// What is said of an argument that does not fit.
#include <ipczmq/convert.hpp>

#include <string>

namespace ipczmq::detail {

namespace {

std::string_view type_name(std::uint8_t head) noexcept {
  if (head <= 0x7f || head >= 0xe0) return "integer";
  if (head <= 0x8f) return "map";
  if (head <= 0x9f) return "array";
  if (head <= 0xbf) return "string";
  switch (head) {
    case 0xc0:
      return "nil";
    case 0xc2:
    case 0xc3:
      return "bool";
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return "binary";
    case 0xca:
    case 0xcb:
      return "float";
    case 0xd9:
    case 0xda:
    case 0xdb:
      return "string";
    case 0xdc:
    case 0xdd:
      return "array";
    case 0xde:
    case 0xdf:
      return "map";
    default:
      return head >= 0xcc && head <= 0xd3 ? "integer" : "ext";
  }
}

std::string ext_name(bytes_view v) {
  const auto head = std::to_integer<unsigned>(v[0]);
  const std::size_t type_at = head == 0xc7 ? 2 : head == 0xc8 ? 3 : head == 0xc9 ? 5 : 1;
  if (type_at >= v.size()) return "ext";
  const int type = std::to_integer<std::int8_t>(v[type_at]);
  return type == attachment_ext ? "binary" : "ext type " + std::to_string(type);
}

// A type as people write it, not as the compiler does.
std::string readable(std::string_view type) {
  constexpr std::string_view from[] = {"std::__cxx11::basic_string<char>", " >"};
  constexpr std::string_view to[] = {"std::string", ">"};
  std::string text(type);
  for (std::size_t i = 0; i < std::size(from); ++i) {
    for (std::size_t at = 0; (at = text.find(from[i], at)) != std::string::npos;)
      text.replace(at, from[i].size(), to[i]);
  }
  return text;
}

// `with_value`: an integer itself, not just that it is one.
std::string got_name(value_view v, bool with_value) {
  if (v.bytes().empty()) return "nothing";
  const std::string_view type = type_name(std::to_integer<std::uint8_t>(v.bytes()[0]));
  if (type == "ext") return ext_name(v.bytes());
  if (integer i; with_value && read_integer(v, i))
    return i.negative ? std::to_string(i.s) : std::to_string(i.u);
  return std::string(type);
}

}  // namespace

void throw_mismatch(const argument_place* place, std::string_view wanted, value_view got,
                    std::string_view detail) {
  std::string text;
  if (place != nullptr) {
    if (!place->channel.empty()) text.append("channel '").append(place->channel).append("': ");
    text += place->index == argument_place::answer
                ? std::string("the answer: ")
                : "argument " + std::to_string(place->index + 1) + ": ";
  }
  text += "wanted " + readable(wanted);
  text += ", got " + got_name(got, !detail.empty());
  if (!detail.empty()) {
    text += " (";
    text += detail;
    text += ')';
  } else if (place != nullptr && place->index != argument_place::answer && got.bytes().empty()) {
    text += " (" + std::to_string(place->sent);
    text += place->sent == 1 ? " argument was sent)" : " arguments were sent)";
  } else if (place != nullptr && place->index == argument_place::answer && got.is_nil()) {
    text += " (a handler answers with what it returns, a listener with event.return_value)";
  }
  throw error(errc::bad_arguments, std::move(text));
}

}  // namespace ipczmq::detail
