// SPDX-License-Identifier: MIT
// What was sent, what is wanted: the value, or the exact text of the error.
#include "message.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

using ipczmq::test::filled;
using ipczmq::test::message;
using ipczmq::test::throws_text;

namespace {

template <class T>
using limits = std::numeric_limits<T>;

template <class T>
void round_trips_its_limits() {
  BOOST_TEST(message(limits<T>::min()).template as<T>() == limits<T>::min());
  BOOST_TEST(message(limits<T>::max()).template as<T>() == limits<T>::max());
  BOOST_TEST(message(T{1}).template as<T>() == T{1});
}

template <class Wanted, class Sent>
void refuses(const Sent& sent, std::string_view text) {
  throws_text([&] { (void)message(sent).template as<Wanted>(); }, text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(convert)

BOOST_AUTO_TEST_CASE(integers_of_every_width_keep_their_limits) {
  round_trips_its_limits<std::int8_t>();
  round_trips_its_limits<std::int16_t>();
  round_trips_its_limits<std::int32_t>();
  round_trips_its_limits<std::int64_t>();
  round_trips_its_limits<std::uint8_t>();
  round_trips_its_limits<std::uint16_t>();
  round_trips_its_limits<std::uint32_t>();
  round_trips_its_limits<std::uint64_t>();
  round_trips_its_limits<long long>();
}

BOOST_AUTO_TEST_CASE(every_encoding_of_an_integer_is_read) {
  for (const std::int64_t n :
       {0L,     1L,     -1L,         -32L,         -33L,         127L,        128L,
        -128L,  -129L,  255L,        256L,         32767L,       -32768L,     -32769L,
        65535L, 65536L, 2147483647L, -2147483648L, -2147483649L, 4294967295L, 4294967296L}) {
    BOOST_TEST(message(n).as<std::int64_t>() == n);
    BOOST_TEST(message(n).as<double>() == static_cast<double>(n));
  }
  // Wider than needed, and positive though signed: as other encoders write them.
  using bytes = std::vector<unsigned char>;
  for (const auto& [encoding, wanted] :
       std::vector<std::pair<bytes, int>>{{{0xcd, 0, 5}, 5},
                                          {{0xd0, 5}, 5},
                                          {{0xd0, 0xfb}, -5},
                                          {{0xd1, 0xff, 0xfb}, -5},
                                          {{0xd2, 0xff, 0xff, 0xff, 0xfb}, -5},
                                          {{0xd3, 0, 0, 0, 0, 0, 0, 0, 5}, 5}}) {
    const auto view = std::as_bytes(std::span(encoding));
    BOOST_TEST(ipczmq::unpack<int>(view) == wanted);
  }
}

BOOST_AUTO_TEST_CASE(integer_out_of_range_is_named) {
  refuses<std::uint8_t>(300, "wanted uint8, got 300 (out of range)");
  refuses<std::uint8_t>(-1, "wanted uint8, got -1 (out of range)");
  refuses<std::int8_t>(128, "wanted int8, got 128 (out of range)");
  refuses<std::int8_t>(-129, "wanted int8, got -129 (out of range)");
  refuses<std::int16_t>(-32769, "wanted int16, got -32769 (out of range)");
  refuses<std::uint16_t>(65536, "wanted uint16, got 65536 (out of range)");
  refuses<int>(2147483648U, "wanted int32, got 2147483648 (out of range)");
  refuses<unsigned>(-1, "wanted uint32, got -1 (out of range)");
  refuses<std::int64_t>(limits<std::uint64_t>::max(),
                        "wanted int64, got 18446744073709551615 (out of range)");
  refuses<std::uint64_t>(limits<std::int64_t>::min(),
                         "wanted uint64, got -9223372036854775808 (out of range)");
}

BOOST_AUTO_TEST_CASE(other_types_are_named) {
  refuses<int>("text", "wanted int32, got string");
  refuses<int>(std::string(40, 'x'), "wanted int32, got string");
  refuses<int>(1.5, "wanted int32, got float");
  refuses<int>(true, "wanted int32, got bool");
  refuses<int>(nullptr, "wanted int32, got nil");
  refuses<int>(std::vector<int>{1}, "wanted int32, got array");
  refuses<int>(std::vector<int>(20), "wanted int32, got array");
  refuses<int>(std::map<int, int>{}, "wanted int32, got map");
  refuses<int>(filled(10), "wanted int32, got binary");
  refuses<int>(filled(10000), "wanted int32, got binary");
  refuses<bool>(1, "wanted bool, got integer");
  refuses<double>("1", "wanted number, got string");
  refuses<float>(false, "wanted number, got bool");
  refuses<std::string>(1, "wanted string, got integer");
  refuses<std::string_view>(-1, "wanted string, got integer");
  refuses<std::string>(limits<std::uint64_t>::max(), "wanted string, got integer");
  refuses<ipczmq::buffer>("text", "wanted binary, got string");
  refuses<std::optional<int>>("x", "wanted int32, got string");
  refuses<std::vector<int>>(1, "wanted std::vector<int>, got integer");
}

BOOST_AUTO_TEST_CASE(answer_that_is_nil_is_told_where_answers_come_from) {
  const auto refused = [](std::size_t index, std::string_view text) {
    const message nil(nullptr);
    const ipczmq::detail::argument_place place{"x", index, 1};
    throws_text([&] { (void)ipczmq::detail::convert<int>(nil.view(), &place); }, text);
  };
  refused(ipczmq::detail::argument_place::answer,
          "channel 'x': the answer: wanted int32, got nil (a handler answers with what it returns, "
          "a listener with event.return_value)");
  refused(0, "channel 'x': argument 1: wanted int32, got nil");
}

BOOST_AUTO_TEST_CASE(ext_types_are_named_by_their_number) {
  using bytes = std::vector<unsigned char>;
  const auto refused = [](const bytes& b, std::string_view text) {
    throws_text([&] { (void)ipczmq::unpack<int>(std::as_bytes(std::span(b))); }, text);
  };
  refused({0xd4, 5, 0}, "wanted int32, got ext type 5");
  refused({0xd6, 0xff, 0, 0, 0, 0}, "wanted int32, got ext type -1");
  refused({0xc7, 1, 7, 0}, "wanted int32, got ext type 7");
  refused({0xc8, 0, 1, 8, 0}, "wanted int32, got ext type 8");
  refused({0xc9, 0, 0, 0, 1, 9, 0}, "wanted int32, got ext type 9");
}

BOOST_AUTO_TEST_CASE(elements_that_do_not_fit_are_hinted_at) {
  refuses<std::vector<int>>(std::vector<std::string>{"a"},
                            "wanted std::vector<int>, got array (an element of it does not fit)");
}

BOOST_AUTO_TEST_CASE(place_is_named_when_known) {
  const ipczmq::detail::argument_place place{"sum", 1, 2};
  const message sent("three");
  throws_text([&] { (void)ipczmq::detail::convert<int>(sent.view(), &place); },
              "channel 'sum': argument 2: wanted int32, got string");
  const ipczmq::detail::argument_place missing{"sum", 2, 2};
  throws_text([&] { (void)ipczmq::detail::convert<std::string>({}, &missing); },
              "channel 'sum': argument 3: wanted string, got nothing (2 arguments were sent)");
  throws_text([] { (void)ipczmq::value_view().as<int>(); }, "wanted int32, got nothing");
}

BOOST_AUTO_TEST_CASE(numbers) {
  BOOST_TEST(message(1.5).as<double>() == 1.5);
  BOOST_TEST(message(1.5F).as<double>() == 1.5);
  BOOST_TEST(message(1.5).as<float>() == 1.5F);
  BOOST_TEST(message(-7).as<double>() == -7.0);
  BOOST_TEST(message(limits<double>::infinity()).as<double>() == limits<double>::infinity());
  BOOST_TEST(std::isnan(message(limits<double>::quiet_NaN()).as<double>()));
}

BOOST_AUTO_TEST_CASE(booleans_and_nil) {
  BOOST_TEST(message(true).as<bool>());
  BOOST_TEST(!message(false).as<bool>());
  BOOST_TEST(message(nullptr).view().is_nil());
  BOOST_TEST(message(std::nullopt).view().is_nil());
  BOOST_TEST(!message(false).view().is_nil());
}

BOOST_AUTO_TEST_CASE(optional_is_nil_or_a_value) {
  BOOST_TEST((message(std::optional<int>()).as<std::optional<int>>() == std::nullopt));
  BOOST_TEST((message(std::optional<int>(5)).as<std::optional<int>>() == 5));
  BOOST_TEST((ipczmq::value_view().as<std::optional<int>>() == std::nullopt));
}

BOOST_AUTO_TEST_CASE(texts_of_every_length) {
  for (const std::size_t size : {0U, 31U, 32U, 255U, 256U, 65535U, 65536U}) {
    const std::string text(size, 'a');
    BOOST_TEST(message(text).as<std::string>() == text);
    BOOST_TEST(message(text).as<std::string_view>() == text);
  }
  BOOST_TEST(message("literal").as<std::string>() == "literal");
  BOOST_TEST(message(std::string("a\0b", 3)).as<std::string>() == std::string("a\0b", 3));
}

BOOST_AUTO_TEST_CASE(string_view_points_into_the_message) {
  const message sent("hello");
  const auto text = sent.as<std::string_view>();
  const auto bytes = sent.view().bytes();
  BOOST_TEST(static_cast<const void*>(text.data()) == static_cast<const void*>(bytes.data() + 1));
}

BOOST_AUTO_TEST_SUITE_END()
