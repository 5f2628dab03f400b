// SPDX-License-Identifier: MIT
#include "message.hpp"

#include <limits>
#include <map>
#include <tuple>
#include <vector>

using ipczmq::args;
using ipczmq::buffer;
using ipczmq::value_view;
using ipczmq::detail::pack_args;
using ipczmq::detail::pack_lease;
using ipczmq::detail::packed;
using ipczmq::test::filled;
using ipczmq::test::message;
using ipczmq::test::throws_text;

namespace {

// Packs itself as an ext of any type, as a user's own timestamp might.
struct own_ext {
  std::int8_t type;
  std::string body;
  template <class Packer>
  void msgpack_pack(Packer& pk) const {
    pk.pack_ext(body.size(), type);
    pk.pack_ext_body(body.data(), static_cast<std::uint32_t>(body.size()));
  }
};

// Sends something else while it is being packed.
struct packs_inside {
  template <class Packer>
  void msgpack_pack(Packer& pk) const {
    pack_lease other;
    pack_args(*other, filled(9000), "inner");
    pk.pack(static_cast<int>(other->attachments.size()));
  }
};

std::uint32_t index_at(const packed& p, std::size_t ref) {
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    index = index << 8 | std::to_integer<std::uint32_t>(p.bytes[p.refs.at(ref) + i]);
  }
  return index;
}

constexpr std::string_view reserved =
    "ext type 31 is reserved for attachments, use ipczmq::buffer for binaries";

}  // namespace

BOOST_AUTO_TEST_SUITE(packing)

BOOST_AUTO_TEST_CASE(null_text_is_an_error_at_the_call) {
  const char* text = "a";
  BOOST_TEST(message(text).as<std::string>() == "a");
  text = nullptr;
  throws_text([&] { (void)message(text); },
              "a null const char* is no text: send nullptr for nil, or an empty string");
  BOOST_TEST(message(nullptr).view().is_nil());
}

BOOST_AUTO_TEST_CASE(a_whole_number_travels_as_an_integer_and_any_other_as_it_is) {
  const auto hex = [](auto v) {
    packed p;
    ipczmq::detail::pack_one(p, v);
    std::string out;
    for (const std::byte b : p.bytes) {
      out += "0123456789abcdef"[std::to_integer<int>(b) >> 4];
      out += "0123456789abcdef"[std::to_integer<int>(b) & 15];
    }
    return out;
  };
  BOOST_TEST(hex(0.0) == "00");
  BOOST_TEST(hex(-0.0) == "cb8000000000000000");
  BOOST_TEST(hex(-1.0) == "ff");
  BOOST_TEST(hex(1.5) == "cb3ff8000000000000");
  BOOST_TEST(hex(65536.0) == "ce00010000");
  BOOST_TEST(hex(0x1p63) == "cf8000000000000000");
  BOOST_TEST(hex(0x1p64) == "cb43f0000000000000");
  BOOST_TEST(hex(-0x1p63) == "d38000000000000000");
  BOOST_TEST(hex(-0x1p64) == "cbc3f0000000000000");
  BOOST_TEST(hex(std::numeric_limits<double>::infinity()) == "cb7ff0000000000000");
  BOOST_TEST(hex(1.5F) == "ca3fc00000");
  BOOST_TEST(hex(-0.0F) == "ca80000000");
  BOOST_TEST(hex(-3.0F) == "fd");
  BOOST_TEST(hex(0x1p64F) == "ca5f800000");
  BOOST_TEST(hex(std::vector<double>{2.0, -0.0}) == "9202cb8000000000000000");
}

BOOST_AUTO_TEST_CASE(arguments_become_one_array) {
  packed p;
  pack_args(p, 1, "two", nullptr, std::nullopt, true);
  const args a(p.bytes, p.attachments);
  BOOST_TEST(a.size() == 5U);
  BOOST_TEST(a.get<std::string>(1) == "two");
  BOOST_TEST(a[2].is_nil());
  BOOST_TEST(a[3].is_nil());
  packed none;
  pack_args(none);
  BOOST_TEST((none.bytes == std::vector{std::byte{0x90}}));
}

BOOST_AUTO_TEST_CASE(buffer_becomes_an_attachment_from_8192_bytes_on) {
  packed p;
  pack_args(p, filled(8191), filled(8192), filled(0), filled(20000));
  BOOST_TEST_REQUIRE(p.attachments.size() == 2U);
  BOOST_TEST(p.attachments[0].size() == 8192U);
  BOOST_TEST(p.attachments[1].size() == 20000U);
  BOOST_TEST_REQUIRE(p.refs.size() == 2U);
  BOOST_TEST(index_at(p, 0) == 0U);
  BOOST_TEST(index_at(p, 1) == 1U);
  const args a(p.bytes, p.attachments);
  BOOST_TEST(a.get<buffer>(0).size() == 8191U);
  BOOST_TEST(a.get<buffer>(1).size() == 8192U);
  BOOST_TEST(a.get<buffer>(2).empty());
  BOOST_TEST(a.get<buffer>(3).size() == 20000U);
}

BOOST_AUTO_TEST_CASE(references_are_where_they_are_said_to_be) {
  packed p;
  pack_args(p, std::map<std::string, std::vector<buffer>>{{"a", {filled(9000), filled(9001)}}});
  std::vector<std::uint32_t> found = ipczmq::detail::check_raw(p.bytes, p.attachments, true).refs;
  BOOST_TEST(p.refs == found, boost::test_tools::per_element());
  BOOST_TEST(found.size() == 2U);
}

BOOST_AUTO_TEST_CASE(pack_copies_large_buffers_in) {
  const auto bytes = ipczmq::pack(std::vector<buffer>{filled(9000)});
  BOOST_TEST(bytes.size() > 9000U);
  BOOST_TEST(ipczmq::unpack<std::vector<buffer>>(bytes).at(0).size() == 9000U);
}

BOOST_AUTO_TEST_CASE(users_own_ext_types_are_theirs) {
  for (const std::int8_t type : {0, 1, 30, 32, 127, -1}) {
    packed p;
    BOOST_CHECK_NO_THROW(pack_args(p, own_ext{type, "abcd"}));
  }
}

BOOST_AUTO_TEST_CASE(users_own_ext_31_is_refused) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 8U, 16U, 17U, 300U, 70000U}) {
    const own_ext mine{31, std::string(size, '\0')};
    throws_text(
        [&] {
          packed p;
          pack_args(p, mine);
        },
        reserved);
    throws_text(
        [&] {
          packed p;
          pack_args(p, filled(9000), std::vector<own_ext>{mine});
        },
        reserved);
    throws_text([&] { (void)ipczmq::pack(mine); }, reserved);
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_merely_look_like_ext_31_are_not_refused) {
  const std::vector<std::string> texts{"\x1f", "a\x1f", "\xd6\x1f", "\xc7\x04\x1f",
                                       std::string("\xd6\x1f\0\0\0\0", 6)};
  packed p;
  BOOST_CHECK_NO_THROW(pack_args(p, 31, 0x1f1f, 0x11111f1f, 31.0F, texts, filled(9000)));
  const args a(p.bytes, p.attachments);
  BOOST_TEST(a.get<std::vector<std::string>>(4) == texts);
}

BOOST_AUTO_TEST_CASE(value_is_forwarded_as_it_is) {
  const message sent(std::map<std::string, int>{{"a", 1}});
  packed p;
  pack_args(p, sent.view(), sent.as<ipczmq::value>(), value_view(), ipczmq::value());
  const args a(p.bytes, p.attachments);
  BOOST_TEST((a.get<std::map<std::string, int>>(0).at("a") == 1));
  BOOST_TEST((a.get<std::map<std::string, int>>(1).at("a") == 1));
  BOOST_TEST(a[2].is_nil());
  BOOST_TEST(a[3].is_nil());
}

BOOST_AUTO_TEST_CASE(forwarded_attachments_get_new_indices) {
  const buffer a = filled(9000, 'a');
  const buffer b = filled(9000, 'b');
  const message sent(std::vector<buffer>{a, b});
  packed p;
  pack_args(p, filled(9000, 'c'), sent.view(), 7);
  BOOST_TEST(p.attachments.size() == 3U);
  BOOST_TEST(index_at(p, 1) == 1U);
  BOOST_TEST(index_at(p, 2) == 2U);
  const args got(p.bytes, p.attachments);
  const auto both = got.get<std::vector<buffer>>(1);
  BOOST_TEST(both.at(0).data() == a.data());
  BOOST_TEST(both.at(1).data() == b.data());
  BOOST_TEST(got.get<int>(2) == 7);
}

BOOST_AUTO_TEST_CASE(only_attachments_that_are_referred_to_are_forwarded) {
  packed in;
  pack_args(in, filled(9000, 'a'), filled(9000, 'b'));
  const args a(in.bytes, in.attachments);
  packed out;
  pack_args(out, a[1], a[1]);
  BOOST_TEST_REQUIRE(out.attachments.size() == 1U);
  BOOST_TEST(out.attachments[0].view().front() == 'b');
  BOOST_TEST(args(out.bytes, out.attachments).get<buffer>(1).view().front() == 'b');
}

BOOST_AUTO_TEST_CASE(pack_copies_the_attachments_of_a_value_in) {
  const message sent(std::tuple<int, buffer, int>(1, filled(9000), 2));
  const auto bytes = ipczmq::pack(sent.view());
  const auto [one, large, two] = ipczmq::unpack<std::tuple<int, buffer, int>>(bytes);
  BOOST_TEST(one == 1);
  BOOST_TEST(large.size() == 9000U);
  BOOST_TEST(two == 2);
}

BOOST_AUTO_TEST_CASE(view_of_bytes_that_are_no_value_is_refused) {
  const std::vector<std::byte> broken{std::byte{0x92}, std::byte{1}};
  packed p;
  BOOST_CHECK_EXCEPTION(pack_args(p, value_view(broken, {})), ipczmq::error, [](const auto& e) {
    return std::string_view(e.what()).starts_with("packed value: ");
  });
}

BOOST_AUTO_TEST_CASE(lease_is_reused_and_comes_back_empty) {
  const packed* first = nullptr;
  const std::byte* memory = nullptr;
  {
    pack_lease p;
    pack_args(*p, filled(9000), std::string(1000, 'x'));
    first = &*p;
    memory = p->bytes.data();
  }
  pack_lease again;
  BOOST_TEST(&*again == first);
  BOOST_TEST(again->bytes.empty());
  BOOST_TEST(again->attachments.empty());
  BOOST_TEST(again->refs.empty());
  pack_args(*again, "short");
  BOOST_TEST(again->bytes.data() == memory);
}

BOOST_AUTO_TEST_CASE(lease_inside_a_lease_is_another) {
  pack_lease first;
  pack_args(*first, 1);
  {
    pack_lease second;
    BOOST_TEST(&*second != &*first);
    pack_args(*second, 2);
  }
  BOOST_TEST(args(first->bytes, {}).get<int>(0) == 1);
}

BOOST_AUTO_TEST_CASE(lease_gives_back_more_than_a_mebibyte) {
  {
    pack_lease p;
    pack_args(*p, std::string((1 << 20) + 1, 'x'));
  }
  pack_lease again;
  BOOST_TEST(again->bytes.capacity() <= std::size_t{1} << 20);
}

BOOST_AUTO_TEST_CASE(packing_inside_a_packing_keeps_its_attachments_apart) {
  pack_lease p;
  pack_args(*p, filled(9000), packs_inside{}, filled(9001));
  BOOST_TEST(p->attachments.size() == 2U);
  const args a(p->bytes, p->attachments);
  BOOST_TEST(a.get<int>(1) == 1);
  BOOST_TEST(a.get<buffer>(2).size() == 9001U);
  BOOST_TEST(ipczmq::detail::packing_now() == nullptr);
}

BOOST_AUTO_TEST_CASE(failed_packing_leaves_nothing_behind) {
  {
    pack_lease p;
    BOOST_CHECK_THROW(pack_args(*p, filled(9000), own_ext{31, "abcd"}), ipczmq::error);
  }
  BOOST_TEST(ipczmq::detail::packing_now() == nullptr);
  pack_lease again;
  BOOST_TEST(again->attachments.empty());
}

BOOST_AUTO_TEST_SUITE_END()
