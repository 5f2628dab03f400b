// SPDX-License-Identifier: MIT
// What users convert to: the types of the fuzz target for arguments.
#pragma once

#include <ipczmq/convert.hpp>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace fuzz {

using ipczmq::buffer;

struct point {
  int x = 0;
  std::int64_t y = 0;
  MSGPACK_DEFINE(x, y)
  friend bool operator==(const point&, const point&) = default;
};

struct order {
  std::string item;
  std::uint16_t count = 0;
  std::optional<point> where;
  std::vector<buffer> pictures;
  MSGPACK_DEFINE_MAP(item, count, where, pictures)
  friend bool operator==(const order&, const order&) = default;
};

struct grid {
  int cells[3] = {};
  bool flags[2] = {};
  char code[4] = {};
  std::array<unsigned char, 3> colours = {};
  MSGPACK_DEFINE(cells, flags, code, colours)
};

// As deep as the sender likes.
struct tree {
  std::uint8_t leaf = 0;
  std::vector<tree> branches;
  MSGPACK_DEFINE(leaf, branches)
  friend bool operator==(const tree&, const tree&) = default;
};

enum class colour : std::uint8_t { red = 1, green = 2 };

// One of several, told apart by the type of what came: as users write it by hand.
struct either {
  std::variant<std::int64_t, bool, std::string, std::vector<either>, std::map<std::string, either>>
      held;
  template <class Packer>
  void msgpack_pack(Packer& pk) const {
    std::visit([&](const auto& v) { pk.pack(v); }, held);
  }
  void msgpack_unpack(const msgpack::object& o) {
    switch (o.type) {
      case msgpack::type::BOOLEAN:
        held = o.as<bool>();
        break;
      case msgpack::type::STR:
      case msgpack::type::BIN:
        held = o.as<std::string>();
        break;
      case msgpack::type::ARRAY:
        held = o.as<std::vector<either>>();
        break;
      case msgpack::type::MAP:
        held = o.as<std::map<std::string, either>>();
        break;
      default:
        held = o.as<std::int64_t>();
    }
  }
  friend bool operator==(const either&, const either&) = default;
};

}  // namespace fuzz
MSGPACK_ADD_ENUM(fuzz::colour)

namespace fuzz {

using type_list =
    std::tuple<bool, std::int8_t, std::uint16_t, std::int32_t, std::int64_t, std::uint64_t, double,
               char, std::string, std::string_view, buffer, std::optional<int>, std::vector<bool>,
               std::vector<char>, std::vector<std::byte>, std::vector<std::string_view>,
               std::vector<buffer>, std::vector<std::optional<float>>, std::array<int, 3>,
               std::array<char, 4>, std::tuple<int, std::string, bool>,
               std::map<int, std::vector<std::map<std::string, double>>>,
               std::unordered_map<std::string, buffer>, std::set<int>, order, grid, tree,
               std::tuple<std::wstring, int>, colour, either, msgpack::type::ext, ipczmq::value>;

}  // namespace fuzz
