// SPDX-License-Identifier: MIT
// check_value(): one well-formed msgpack value, and nothing else.
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

std::string check(std::string_view value, std::uint32_t depth = 64, std::size_t attachments = 2,
                  bool must_be_array = false) {
  const buffer exact_storage = exact(value);
  return check_value(exact_storage.bytes(), depth, attachments, must_be_array);
}

std::string nested(char head, std::size_t levels) { return std::string(levels, head) + '\xc0'; }

// One of each form, with the bytes that its length field asks for.
std::vector<std::string> one_of_each() {
  const std::string big(300, 'x');
  std::vector<std::string> all;
  for (const std::string_view s : {"\x00"sv,
                                   "\x7f"sv,
                                   "\x80"sv,
                                   "\x81\x01\xc0"sv,
                                   "\x90"sv,
                                   "\x92\xc2\xc3"sv,
                                   "\xa0"sv,
                                   "\xa3"
                                   "abc"sv,
                                   "\xc0"sv,
                                   "\xc4\x02"
                                   "ab"sv,
                                   "\xc5\0\x01"
                                   "a"sv,
                                   "\xc6\0\0\0\x01"
                                   "a"sv,
                                   "\xc7\x03\x05"
                                   "abc"sv,
                                   "\xc8\0\x01\x05"
                                   "a"sv,
                                   "\xc9\0\0\0\x01\x05"
                                   "a"sv,
                                   "\xca\x01\x02\x03\x04"sv,
                                   "\xcb\x01\x02\x03\x04\x05\x06\x07\x08"sv,
                                   "\xcc\xff"sv,
                                   "\xcd\x01\x02"sv,
                                   "\xce\x01\x02\x03\x04"sv,
                                   "\xcf\x01\x02\x03\x04\x05\x06\x07\x08"sv,
                                   "\xd0\xff"sv,
                                   "\xd1\x01\x02"sv,
                                   "\xd2\x01\x02\x03\x04"sv,
                                   "\xd3\x01\x02\x03\x04\x05\x06\x07\x08"sv,
                                   "\xd4\x05"
                                   "1"sv,
                                   "\xd5\x05"
                                   "12"sv,
                                   "\xd6\x05"
                                   "1234"sv,
                                   "\xd7\x05"
                                   "12345678"sv,
                                   "\xd8\x05"
                                   "0123456789abcdef"sv,
                                   "\xd6\x1f\0\0\0\x01"sv,
                                   "\xd9\x01"
                                   "a"sv,
                                   "\xda\0\x01"
                                   "a"sv,
                                   "\xdb\0\0\0\x01"
                                   "a"sv,
                                   "\xdc\0\x01\xc0"sv,
                                   "\xdd\0\0\0\x01\xc0"sv,
                                   "\xde\0\x01\x01\x02"sv,
                                   "\xdf\0\0\0\x01\x01\x02"sv,
                                   "\xe0"sv,
                                   "\xff"sv}) {
    all.emplace_back(s);
  }
  all.push_back("\xda\x01\x2c" + big);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_value)

BOOST_AUTO_TEST_CASE(every_form_is_accepted_whole_and_refused_cut_short) {
  for (const std::string& value : one_of_each()) {
    BOOST_TEST_CONTEXT("head byte " << int(static_cast<unsigned char>(value[0]))) {
      BOOST_TEST(check(value) == "");
      BOOST_TEST(check("\x92" + value + value) == "");
      for (std::size_t n = 0; n != value.size(); ++n) BOOST_TEST(check(value.substr(0, n)) != "");
      BOOST_TEST(check(value + '\0') == "1 bytes behind the value");
    }
  }
}

BOOST_AUTO_TEST_CASE(depth_is_counted_in_arrays_and_maps) {
  BOOST_TEST(check("\x01", 0) == "");
  BOOST_TEST(check("\x90", 0) == "arrays and maps nested deeper than 0");
  BOOST_TEST(check("\x92\x90\x91\x90", 3) == "");
  BOOST_TEST(check("\x92\x90\x91\x90", 2) != "");
  BOOST_TEST(check(nested('\x91', 64)) == "");
  BOOST_TEST(check(nested('\x91', 65)) == "arrays and maps nested deeper than 64");
}

BOOST_AUTO_TEST_CASE(depth_bombs_are_refused_whatever_the_limit) {
  BOOST_TEST(check(nested('\x91', 512), ~0u) == "");
  BOOST_TEST(check(nested('\x91', 513), ~0u) == "arrays and maps nested deeper than 512");
  BOOST_TEST(check(nested('\x91', 1'000'000), ~0u) != "");
  std::string maps;
  for (int i = 0; i != 1000; ++i) maps += "\x81\x01";
  BOOST_TEST(check(maps + '\x01') == "arrays and maps nested deeper than 64");
}

BOOST_AUTO_TEST_CASE(claims_beyond_the_bytes_are_refused) {
  BOOST_TEST(check("\xdd\xff\xff\xff\xff") == "an array claims more elements than there are bytes");
  BOOST_TEST(check("\xdf\xff\xff\xff\xff") == "a map claims more elements than there are bytes");
  BOOST_TEST(check("\xdf\x80\0\0\x01\x01"sv) == "a map claims more elements than there are bytes");
  BOOST_TEST(check("\xdc\xff\xff\x01") != "");
  BOOST_TEST(check("\xde\0\x02\x01\x02\x03"sv) != "");
  BOOST_TEST(check("\x9f\x01") != "");
  BOOST_TEST(check("\xdb\xff\xff\xff\xff") == "a str is cut short");
  BOOST_TEST(check("\xc6\xff\xff\xff\xff"
                   "a") == "a bin is cut short");
  BOOST_TEST(check("\xc9\xff\xff\xff\xff\x05"
                   "a") == "an ext is cut short");
}

BOOST_AUTO_TEST_CASE(malformed_values_are_named) {
  BOOST_TEST(check("") == "ends too early");
  BOOST_TEST(check("\x92\x01") == "an array claims more elements than there are bytes");
  BOOST_TEST(check("\x92\xa1x") == "ends too early");
  BOOST_TEST(check("\xc1") == "the byte 0xc1 is not msgpack");
  BOOST_TEST(check("\x05", 64, 0, true) == "wanted an array, got a positive integer");
  BOOST_TEST(check("\xd6\x1f\0\0\0\x01"sv, 64, 2, true) == "wanted an array, got an ext");
}

BOOST_AUTO_TEST_CASE(references_must_be_fixext_4_to_an_attachment_that_exists) {
  BOOST_TEST(check("\xd6\x1f\0\0\0\x01"sv) == "");
  BOOST_TEST(check("\xd6\x1f\0\0\0\x02"sv) == "refers to attachment 2, and there are 2");
  BOOST_TEST(check("\xd6\x1f\xff\xff\xff\xff") != "");
  BOOST_TEST(check("\x91\xd6\x1f\0\0\0\0"sv, 64, 0) == "refers to attachment 0, and there are 0");
  for (const auto value : {"\xd4\x1f"
                           "1"sv,
                           "\xd5\x1f"
                           "12"sv,
                           "\xd7\x1f"
                           "12345678"sv,
                           "\xd8\x1f"
                           "0123456789abcdef"sv,
                           "\xc7\x04\x1f\0\0\0\0"sv, "\xc7\0\x1f"sv, "\xc8\0\x04\x1f\0\0\0\0"sv,
                           "\xc9\0\0\0\x04\x1f\0\0\0\0"sv}) {
    BOOST_TEST(check(value) == "ext type 31 stands for attachments and has to be a fixext 4 here");
  }
}

BOOST_AUTO_TEST_CASE(offsets_of_references_are_reported) {
  std::vector<std::uint32_t> refs = {99};
  const auto value = "\x92\xd6\x1f\0\0\0\0\x81\xa1k\xd6\x1f\0\0\0\x01"sv;
  BOOST_TEST(check_value(bytes_of(value), 64, 2, true, &refs) == "");
  const std::vector<std::uint32_t> expected = {99, 3, 12};
  BOOST_TEST(refs == expected, boost::test_tools::per_element());

  // After an error they are as they were.
  BOOST_TEST(check_value(bytes_of(value), 64, 1, true, &refs) != "");
  BOOST_TEST(refs == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
