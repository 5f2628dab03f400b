// SPDX-License-Identifier: MIT
// Values that are shorter than the type they are converted to, or gone: what is absent is not read.
#include "message.hpp"

#include <array>
#include <tuple>
#include <vector>

using ipczmq::pack;
using ipczmq::unpack;
using ipczmq::test::message;
using namespace std::string_view_literals;

namespace {

// A type that msgpack-c makes rather than fills.
struct made {
  explicit made(int n) : number(n) {}
  int number;
};

struct grid {
  std::string name;
  int cells[3] = {7, 7, 7};
  char code[4] = {};
  MSGPACK_DEFINE(name, cells, code)
};

using none = std::vector<int>;

template <class T, class From>
bool fits(const From& from) {
  try {
    (void)message(from).template as<T>();
    return true;
  } catch (const ipczmq::error& e) {
    BOOST_TEST((e.code() == ipczmq::errc::bad_arguments));
    return false;
  }
}

}  // namespace

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {
  template <>
  struct as<made> {
    made operator()(const msgpack::object& o) const { return made(o.as<int>()); }
  };
  template <>
  struct pack<made> {
    template <class Stream>
    packer<Stream>& operator()(packer<Stream>& o, const made& v) const {
      return o.pack(v.number);
    }
  };
  }  // namespace adaptor
}
}  // namespace msgpack

BOOST_AUTO_TEST_SUITE(convert_short)

BOOST_AUTO_TEST_CASE(array_of_bytes_takes_no_more_than_came_and_zeros_the_rest) {
  const std::array<char, 8> wanted = {'a', 'b', 'c'};
  BOOST_TEST((message("abc"sv).as<std::array<char, 8>>() == wanted));
  BOOST_TEST((message(ipczmq::buffer::copy("abc"sv)).as<std::array<char, 8>>() == wanted));
  BOOST_TEST((message(""sv).as<std::array<unsigned char, 2>>() == std::array<unsigned char, 2>{}));
  BOOST_TEST((message("ab"sv).as<std::array<unsigned char, 2>>() ==
              std::array<unsigned char, 2>{'a', 'b'}));
  const std::array<std::byte, 2> bytes = {std::byte{'a'}, std::byte{'b'}};
  BOOST_TEST((message("ab"sv).as<std::array<std::byte, 2>>() == bytes));
  BOOST_TEST((!fits<std::array<std::byte, 2>>("a"sv)));
  BOOST_TEST(!(fits<std::array<char, 2>>("abc"sv)));
  BOOST_TEST(!(fits<std::array<char, 2>>(1)));
}

BOOST_AUTO_TEST_CASE(array_takes_no_more_than_came_and_clears_the_rest) {
  BOOST_TEST(
      (message(std::vector<int>{1}).as<std::array<int, 3>>() == std::array<int, 3>{1, 0, 0}));
  BOOST_TEST((message(none{}).as<std::array<std::string, 2>>() == std::array<std::string, 2>{}));
  BOOST_TEST(!(fits<std::array<int, 1>>(std::vector<int>{1, 2})));
}

BOOST_AUTO_TEST_CASE(plain_array_in_a_struct_keeps_what_did_not_come) {
  const auto empty = message(std::tuple<std::string, none, std::string>("x", {}, "")).as<grid>();
  BOOST_TEST(empty.cells[0] == 7);
  BOOST_TEST(empty.code[0] == '\0');
  const auto two =
      message(std::tuple<std::string, none, std::string>("x", {1, 2}, "ab")).as<grid>();
  BOOST_TEST((two.cells[0] == 1 && two.cells[1] == 2 && two.cells[2] == 7));
  BOOST_TEST(std::string_view(two.code) == "ab");
  BOOST_TEST(!(fits<grid>(std::tuple<std::string, none>("x", {1, 2, 3, 4}))));
}

BOOST_AUTO_TEST_CASE(arrays_and_tuples_of_types_that_are_made_want_all_elements) {
  BOOST_TEST((message(std::vector<int>{1, 2}).as<std::array<made, 2>>()[1].number == 2));
  BOOST_TEST(!(fits<std::array<made, 2>>(none{})));
  BOOST_TEST(!(fits<std::array<made, 2>>(none{1})));
  BOOST_TEST(!(fits<std::array<made, 1>>(none{})));
  BOOST_TEST(!(fits<std::array<made, 2>>(none{1, 2, 3})));
  using both = std::tuple<made, std::string>;
  const auto longer = message(std::tuple<int, std::string, int>(1, "x", 2)).as<both>();
  BOOST_TEST(std::get<0>(longer).number == 1);
  BOOST_TEST(std::get<1>(longer) == "x");
  BOOST_TEST(!fits<both>(none{}));
  BOOST_TEST(!fits<both>(none{1}));
  BOOST_TEST((!fits<std::tuple<std::wstring>>(none{})));
}

BOOST_AUTO_TEST_CASE(what_unpack_returns_points_into_the_bytes_that_it_was_given) {
  const std::vector<std::byte> packed = pack(std::vector<std::string>{"first", "second"});
  const auto inside = [&](const void* p) {
    return p >= packed.data() && p < packed.data() + packed.size();
  };
  const auto views = unpack<std::vector<std::string_view>>(packed);
  BOOST_TEST(views.at(1) == "second");
  BOOST_TEST(inside(views[1].data()));
  BOOST_TEST(inside(unpack<ipczmq::value_view>(packed).bytes().data()));
  const std::vector<std::byte> text = pack("text"sv);
  BOOST_TEST(unpack<std::string_view>(text) == "text");
  BOOST_TEST(
      (unpack<std::string_view>(text).data() == reinterpret_cast<const char*>(text.data()) + 1));
}

BOOST_AUTO_TEST_SUITE_END()
