// SPDX-License-Identifier: MIT
// Values that are in an attachment as a whole.
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_whole_value)

BOOST_AUTO_TEST_CASE(bare_reference_as_a_value_is_a_bin) {
  frame f = frame_of("\x93\x04\x01\xd6\x1f\0\0\0\0"sv, {"\xc1"});
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(text_of(f.messages[0].payload) == "\xd6\x1f\0\0\0\0"sv);
  BOOST_TEST(f.messages[0].base == 0u);
  BOOST_TEST(refusal("\x93\x01\xa1x\xd6\x1f\0\0\0\0"sv, {"\x90"}) ==
             "message 0 (event): args: wanted an array, got an ext");
}

BOOST_AUTO_TEST_CASE(whole_value_is_seen_as_what_the_attachment_holds) {
  const auto content = "\x92\x01\xd6\x1f\0\0\0\0"sv;
  frame f = frame_of("\x93\x04\x01" + whole(1, 2), {"a", content, "blob"});
  BOOST_TEST(decode(f, {}) == "");
  BOOST_TEST(text_of(f.messages[0].payload) == content);
  BOOST_TEST(f.messages[0].base == 2u);
}

BOOST_AUTO_TEST_CASE(whole_values_are_checked) {
  const auto second = "\x91\xd6\x1f\0\0\0\x01"sv;  // refers to the second from the base
  const auto last = "\x91\xd6\x1f\xff\xff\xff\xff"sv;
  const std::string nested = whole(0, 0);
  const std::string inner = '\x91' + nested;
  const std::string deepest = std::string(64, '\x91') + '\xc0';
  const std::string too_deep = '\x91' + deepest;
  struct {
    std::string form;
    std::vector<std::string_view> attachments;
    std::string_view text;  // nothing: well-formed as args
  } const table[] = {
      {whole(0, 0), {"\x90"}, ""},
      {whole(0, 1), {"\x90"}, ""},  // nothing refers to it: it may be one past the last
      {whole(0, 2), {"\x90"}, "counts from attachment 2, and there are 1"},
      {whole(0, ~0u), {"\x90"}, "counts from attachment 4294967295, and there are 1"},
      {whole(1, 0), {"\x90"}, "refers to attachment 1, and there are 1"},
      {whole(~0u, 0), {"\x90"}, "refers to attachment 4294967295, and there are 1"},
      {whole(0, 0), {}, "refers to attachment 0, and there are 0"},
      {whole(0, 0), {second, "blob"}, ""},
      {whole(1, 0), {"blob", second}, ""},
      {whole(0, 1), {second, "a", "b"}, ""},
      {whole(0, 1), {second, "a"}, "attachment 0: refers to attachment 2, and there are 2"},
      {whole(0, 0), {second}, "attachment 0: refers to attachment 1, and there are 1"},
      {whole(0, 1), {last}, "attachment 0: refers to attachment 4294967296, and there are 1"},
      {whole(0, 0), {deepest}, ""},
      {whole(0, 0), {too_deep}, "attachment 0: arrays and maps nested deeper than 64"},
      {whole(0, 0), {""}, "attachment 0: ends too early"},
      {whole(0, 0), {"\x91"}, "attachment 0: an array claims more elements than there are bytes"},
      {whole(0, 0), {"\x90\x90"}, "attachment 0: 1 bytes behind the value"},
      {whole(0, 0), {"\x80"}, "attachment 0: wanted an array, got a map"},
      {whole(0, 0),
       {nested},
       "attachment 0: ext type 31 stands for attachments and has to be a fixext 4 here"},
      {whole(0, 0),
       {inner},
       "attachment 0: ext type 31 stands for attachments and has to be a fixext 4 here"},
      {inner, {"\x90"}, "ext type 31 stands for attachments and has to be a fixext 4 here"},
      {std::string("\xc7\x08\x1f\0\0\0\0\0\0\0\0"sv),
       {"\x90"},
       "ext type 31 stands for attachments and has to be a fixext 4 here"},
      {whole(0, 0).substr(0, 9), {"\x90"}, "an ext is cut short"},
  };
  for (const auto& t : table) {
    const std::string prefix = t.text.empty() ? "" : "message 0 (event): args: ";
    BOOST_TEST(refusal("\x93\x01\xa1x" + t.form, t.attachments) == prefix + std::string(t.text));
  }
}

BOOST_AUTO_TEST_CASE(whole_form_stands_for_args_and_value_only) {
  const std::string form = whole(0, 0);
  const std::string why = "ext type 31 stands for attachments and has to be a fixext 4 here";
  BOOST_TEST(refusal("\x93\x04\x01" + form, {"\x80"}) == "");
  BOOST_TEST(refusal("\x93\x04\x01" + form + "\x93\x01\xa1x" + form, {"\x80"}) ==
             "message 1 (event): args: attachment 0: wanted an array, got a map");
  BOOST_TEST(refusal("\x96\x05\x01\xa0\xa0\xa0" + form, {"\x90"}) ==
             "message 0 (error reply): data: " + why);
  BOOST_TEST(refusal("\x94\x04\x01\xc0" + form, {"\x90"}) ==
             "message 0 (reply): an element beyond the known ones: " + why);
  BOOST_TEST(refusal("\x92\x7f" + form, {"\x90"}) ==
             "message 0: an element beyond the known ones: " + why);
}

BOOST_AUTO_TEST_CASE(one_attachment_may_be_the_arguments_of_thousands_of_messages) {
  // Checked once, whatever they count from: 20,000 times a megabyte would take half a minute.
  std::string large("\xdd\0\x10\0\0"sv);
  large.append(1u << 20, '\xc0');
  std::vector<std::string_view> attachments(300, "\x90");
  attachments[0] = attachments[299] = large;
  std::string messages;
  for (std::uint32_t i = 0; i != 10'000; ++i) {
    messages.append("\x93\x01\xa1x").append(whole(0, i % 300));
    messages.append("\x93\x01\xa1x").append(whole(299, i % 300));
  }
  BOOST_TEST(refusal(messages, attachments, 1, {.attachments = 300}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
