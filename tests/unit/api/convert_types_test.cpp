// SPDX-License-Identifier: MIT
// Users' own types, containers, and binaries inside of them.
#include "message.hpp"

#include <array>
#include <map>
#include <tuple>
#include <vector>

using ipczmq::buffer;
using ipczmq::test::filled;
using ipczmq::test::message;
using ipczmq::test::throws_text;

namespace {

struct point {
  int x = 0;
  int y = 0;
  MSGPACK_DEFINE(x, y)
  friend bool operator==(const point&, const point&) = default;
};

struct inner {
  std::string name;
  buffer picture;
  MSGPACK_DEFINE_MAP(name, picture)
};
struct outer {
  std::vector<inner> all;
  MSGPACK_DEFINE(all)
};

// Holds a packed message of its own, and unpacks it while it is being unpacked itself.
struct envelope {
  std::vector<std::string> letter;
  template <class Packer>
  void msgpack_pack(Packer& pk) const {
    pk.pack(ipczmq::pack(letter));
  }
  void msgpack_unpack(const msgpack::object& o) {
    letter = ipczmq::unpack<std::vector<std::string>>(o.as<std::vector<std::byte>>());
  }
};

enum class colour : std::uint8_t { red = 1, green = 2 };

}  // namespace
MSGPACK_ADD_ENUM(colour)

namespace {

template <class T>
void round_trips(const T& v) {
  BOOST_TEST((message(v).template as<T>() == v));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(convert_types)

BOOST_AUTO_TEST_CASE(types_of_msgpack_and_the_standard_library) {
  round_trips(point{1, -2});
  round_trips(colour::green);
  round_trips(std::vector<point>{{1, 2}, {3, 4}});
  round_trips(std::map<std::string, int>{{"a", 1}, {"b", 2}});
  round_trips(std::tuple<int, std::string, bool>{1, "x", true});
  round_trips(std::pair<int, std::string>{1, "x"});
  round_trips(std::array<int, 3>{1, 2, 3});
  round_trips(std::vector<std::optional<int>>{1, std::nullopt});
  round_trips(std::map<int, std::vector<std::map<std::string, double>>>{{1, {{{"a", 0.5}}}}});
}

BOOST_AUTO_TEST_CASE(struct_that_does_not_fit_is_named) {
  throws_text([] { (void)message(1).as<std::tuple<int, int>>(); },
              "wanted std::tuple<int, int>, got integer");
  BOOST_CHECK_EXCEPTION((void)message("x").as<point>(), ipczmq::error, [](const auto& e) {
    return std::string(e.what()).find("point, got string") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(views_inside_a_container_point_into_the_message) {
  const message sent(std::vector<std::string>{"first", "second"});
  const auto views = sent.as<std::vector<std::string_view>>();
  BOOST_TEST_REQUIRE(views.size() == 2U);
  BOOST_TEST(views[1] == "second");
  const auto* begin = reinterpret_cast<const char*>(sent.view().bytes().data());
  BOOST_TEST((views[1].data() > begin && views[1].data() < begin + sent.view().bytes().size()));
}

BOOST_AUTO_TEST_CASE(large_buffer_is_shared_and_not_copied) {
  const buffer sent = filled(10000);
  const auto got = message(sent).as<buffer>();
  BOOST_TEST(got.data() == sent.data());
  BOOST_TEST(got.size() == sent.size());
}

BOOST_AUTO_TEST_CASE(small_buffer_is_copied) {
  const buffer sent = filled(100);
  const auto got = message(sent).as<buffer>();
  BOOST_TEST(got.data() != sent.data());
  BOOST_TEST(bool(got == sent));
  BOOST_TEST(message(buffer()).as<buffer>().empty());
}

BOOST_AUTO_TEST_CASE(buffer_inside_nested_structs_is_shared) {
  const outer sent{{{"large", filled(9000)}, {"small", filled(10)}, {"other", filled(8192)}}};
  const message m(sent);
  BOOST_TEST(m.packed().attachments.size() == 2U);
  const auto got = m.as<outer>();
  BOOST_TEST_REQUIRE(got.all.size() == 3U);
  BOOST_TEST(got.all[0].picture.data() == sent.all[0].picture.data());
  BOOST_TEST(bool(got.all[1].picture == sent.all[1].picture));
  BOOST_TEST(got.all[2].picture.data() == sent.all[2].picture.data());
  BOOST_TEST(got.all[2].name == "other");
}

BOOST_AUTO_TEST_CASE(vector_and_map_of_buffers_are_shared) {
  const std::vector<buffer> sent{filled(8192, 'a'), filled(1, 'b'), filled(8193, 'c')};
  const auto got = message(sent).as<std::vector<buffer>>();
  BOOST_TEST_REQUIRE(got.size() == 3U);
  BOOST_TEST(got[0].data() == sent[0].data());
  BOOST_TEST(got[1].view() == "b");
  BOOST_TEST(got[2].data() == sent[2].data());

  const std::map<std::string, buffer> named{{"x", sent[0]}};
  const auto named_got = message(named).as<std::map<std::string, buffer>>();
  BOOST_TEST(named_got.at("x").data() == sent[0].data());
}

BOOST_AUTO_TEST_CASE(attachment_reads_as_bytes_text_or_view) {
  const buffer sent = filled(8192, 'z');
  const message m(sent);
  BOOST_TEST(m.as<std::string>() == sent.view());
  BOOST_TEST(static_cast<const void*>(m.as<std::string_view>().data()) == sent.data());
  BOOST_TEST(m.as<std::vector<std::byte>>().size() == 8192U);
  BOOST_TEST(m.as<std::vector<char>>().back() == 'z');
  BOOST_TEST(m.as<std::vector<unsigned char>>().front() == 'z');
  const message nested(std::vector<buffer>{sent});
  BOOST_TEST(nested.as<std::vector<std::string>>().at(0) == sent.view());
}

BOOST_AUTO_TEST_CASE(bytes_of_other_types_arrive_as_a_buffer) {
  const message m(std::vector<std::byte>(10000, std::byte{7}));
  BOOST_TEST(m.packed().attachments.empty());
  BOOST_TEST(m.as<buffer>().size() == 10000U);
  BOOST_TEST((m.as<std::vector<std::byte>>().back() == std::byte{7}));
}

BOOST_AUTO_TEST_CASE(value_of_its_own_outlives_the_message) {
  ipczmq::value kept;
  const buffer large = filled(9000);
  {
    const message m(std::tuple<std::string, buffer>("text", large));
    kept = m.as<ipczmq::value>();
  }
  const auto [text, bytes] = kept.as<std::tuple<std::string, buffer>>();
  BOOST_TEST(text == "text");
  BOOST_TEST(bytes.data() == large.data());
  BOOST_TEST(kept.attachments().size() == 1U);
  BOOST_TEST(ipczmq::value().is_nil());
  BOOST_TEST(ipczmq::value_view().as<ipczmq::value>().is_nil());
}

BOOST_AUTO_TEST_CASE(conversion_inside_a_conversion_keeps_its_own_memory) {
  const buffer a = filled(9000, 'a');
  const std::vector<std::string> letter{"dear", "you"};
  const message m(std::tuple<buffer, envelope, buffer>(a, {letter}, a));
  const auto [x, e, y] = m.as<std::tuple<buffer, envelope, buffer>>();
  BOOST_TEST(x.data() == a.data());
  BOOST_TEST(e.letter == letter, boost::test_tools::per_element());
  BOOST_TEST(y.data() == a.data());
  BOOST_TEST(ipczmq::detail::converting_now().empty());
}

BOOST_AUTO_TEST_SUITE_END()
