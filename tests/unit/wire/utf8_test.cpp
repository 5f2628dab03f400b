// SPDX-License-Identifier: MIT
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

struct sample {
  const char* name;
  std::string_view text;
  bool valid;
};

// clang-format off
const sample samples[] = {
    {"nothing", "", true},
    {"ascii", "asynchronous-message", true},
    {"a NUL", "a\0b"sv, true},
    {"two bytes", "ä", true},
    {"lowest of two bytes", "\xc2\x80", true},
    {"lowest of three bytes", "\xe0\xa0\x80", true},
    {"below the surrogates", "\xed\x9f\xbf", true},
    {"above the surrogates", "\xee\x80\x80", true},
    {"lowest of four bytes", "\xf0\x90\x80\x80", true},
    {"the last code point", "\xf4\x8f\xbf\xbf", true},
    {"other than ascii behind eight", "12345678ö", true},
    {"lone continuation", "\x80", false},
    {"lone continuation behind eight", "12345678\xbf", false},
    {"lone continuation within eight", "1234\xbf" "5678", false},
    {"overlong slash", "\xc0\xaf", false},
    {"overlong in two bytes", "\xc1\xbf", false},
    {"overlong in three bytes", "\xe0\x9f\xbf", false},
    {"overlong in four bytes", "\xf0\x8f\xbf\xbf", false},
    {"first surrogate", "\xed\xa0\x80", false},
    {"last surrogate", "\xed\xbf\xbf", false},
    {"beyond the last code point", "\xf4\x90\x80\x80", false},
    {"leading byte f5", "\xf5\x80\x80\x80", false},
    {"leading byte ff", "\xff", false},
    {"two bytes cut short", "a\xc3", false},
    {"three bytes cut short", "\xe2\x82", false},
    {"four bytes cut short", "\xf0\x9f\x98", false},
    {"third byte wrong", "\xe2\x82(", false},
    {"fourth byte wrong", "\xf0\x9f\x98(", false},
};
// clang-format on

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_utf8)

BOOST_AUTO_TEST_CASE(only_well_formed_text_is_valid) {
  for (const sample& s : samples) {
    BOOST_TEST_CONTEXT(s.name) {
      const std::vector<char> exact_storage(s.text.begin(), s.text.end());
      BOOST_TEST(valid_utf8({exact_storage.data(), exact_storage.size()}) == s.valid);
    }
  }
}

BOOST_AUTO_TEST_CASE(channel_has_1_to_255_bytes) {
  BOOST_TEST(!valid_channel(""));
  BOOST_TEST(valid_channel("x"));
  BOOST_TEST(valid_channel(std::string(255, 'x')));
  BOOST_TEST(!valid_channel(std::string(256, 'x')));
  BOOST_TEST(!valid_channel("\xff"));
}

BOOST_AUTO_TEST_SUITE_END()
