// SPDX-License-Identifier: MIT
#include "wire/handshake.hpp"
#include "wire_support.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace wire_test;

constexpr auto session_16 = "\xc4\x10SSSSSSSSSSSSSSSS"sv;

secret secret_of(int first) {
  secret s{};
  for (std::size_t i = 0; i != s.size(); ++i) s[i] = static_cast<std::byte>(first + int(i));
  return s;
}

hello full_hello() {
  hello h;
  h.protocol = 3;
  h.protocol_min = 2;
  h.identity = "wörker";
  h.clock = 1234567;
  h.limits = {
      .frame_bytes = 1ull << 40, .messages = 1024, .attachments = 16, .depth = 512, .window = 1};
  h.capabilities = {"streams", "", std::string(300, 'c')};
  h.process = {.pid = 42, .host = "host", .boot = "boot", .library = "ipczmq 0.1"};
  h.resume = resume_request{.session = secret_of(1), .secret = secret_of(100), .received = 99};
  h.instance = secret_of(50);
  h.attempt = 300;
  return h;
}

welcome full_welcome() {
  welcome w;
  w.protocol = 2;
  w.session = secret_of(3);
  w.secret = secret_of(200);
  w.id = 70'000;
  w.clock = 17;
  w.limits.window = 5;
  w.capabilities = {"streams"};
  w.ping_interval = 1000;
  w.ping_timeout = 10'000;
  w.resume_for = 60'000;
  w.resumed = true;
  w.received = 12;
  w.identity = "main";
  w.attempt = 300;
  w.process = {.pid = 1, .host = "h", .boot = "b", .library = "l"};
  return w;
}

template <class T>
std::string read(std::string_view map, T& out) {
  const buffer exact_storage = exact(map);
  return decode(exact_storage.bytes(), out);
}

std::string hello_error(std::string_view map) {
  hello h;
  return read(map, h);
}

// A map of what is required (protocol, identity, clock), and `entries` more.
std::string hello_with(int entries, std::string_view more) {
  std::string map(1, static_cast<char>(0x83 + entries));
  return map
      .append(
          "\xa8protocol\x01\xa8identity\xa1w\xa5"
          "clock\x05"sv)
      .append(more);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_handshake)

BOOST_AUTO_TEST_CASE(hello_comes_back) {
  for (const hello& sent : {full_hello(), [] {
                              hello h;
                              h.identity = "w";
                              return h;
                            }()}) {
    const auto map = encode(sent);
    BOOST_TEST(check_value(map, 64, 0, false) == "");
    hello got;
    BOOST_TEST(decode(map, got) == "");
    BOOST_TEST((got == sent));
  }
}

BOOST_AUTO_TEST_CASE(welcome_comes_back) {
  for (const welcome& sent : {full_welcome(), welcome{}}) {
    const auto map = encode(sent);
    BOOST_TEST(check_value(map, 64, 0, false) == "");
    welcome got;
    BOOST_TEST(decode(map, got) == "");
    BOOST_TEST((got == sent));
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_said_has_its_default) {
  hello h = full_hello();
  BOOST_TEST(read(hello_with(0, ""), h) == "");
  hello expected;
  expected.identity = "w";
  expected.clock = 5;
  BOOST_TEST((h == expected));
}

BOOST_AUTO_TEST_CASE(lowest_protocol_is_the_highest_unless_said) {
  hello h;
  BOOST_TEST(read("\x83\xa8protocol\x07\xa8identity\xa1w\xa5"
                  "clock\x05",
                  h) == "");
  BOOST_TEST(h.protocol_min == 7u);
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_ignored) {
  BOOST_TEST(
      hello_error(hello_with(2, "\xa3new\x92\x01\x81\xa1x\xc0\xa3own\xd6\x1f\0\0\0\x01"sv)) == "");
  BOOST_TEST(hello_error(hello_with(1, "\xa6limits\x81\xa3new\xc0")) == "");
}

BOOST_AUTO_TEST_CASE(missing_keys_of_hello_are_named) {
  BOOST_TEST(hello_error("\x80") == "hello.protocol is missing");
  BOOST_TEST(hello_error("\x82\xa8protocol\x01\xa5"
                         "clock\x05") == "hello.identity is missing");
  BOOST_TEST(hello_error("\x82\xa8protocol\x01\xa8identity\xa1w") == "hello.clock is missing");
  BOOST_TEST(hello_error(hello_with(1, "\xa6resume\x80")) == "hello.resume.session is missing");
}

BOOST_AUTO_TEST_CASE(missing_keys_of_welcome_are_named) {
  std::vector<std::pair<std::string, std::string>> entries = {{"protocol", "\x01"},
                                                              {"session", std::string(session_16)},
                                                              {"secret", std::string(session_16)},
                                                              {"id", "\x01"},
                                                              {"clock", "\x01"},
                                                              {"resumed", "\xc2"}};
  for (const auto& [missing, _] : entries) {
    std::string map = "\x85";
    for (const auto& [key, value] : entries) {
      if (key != missing) map += static_cast<char>(0xa0 + key.size()) + key + value;
    }
    welcome w;
    BOOST_TEST(read(map, w) == "welcome." + missing + " is missing");
  }
}

BOOST_AUTO_TEST_CASE(wrong_values_are_named) {
  struct {
    std::string_view entry;
    std::string_view text;
  } const lies[] = {
      {"\x01\x02", "hello: wanted a str as key, got a positive integer"},
      {"\xa8identity\x01", "hello.identity: wanted a str, got a positive integer"},
      {"\xa8identity\xa0", "hello.identity is empty"},
      {"\xa8identity\xa1\xff", "hello.identity is not UTF-8"},
      {"\xa8identity\xa2w\0"sv, "hello.identity contains a NUL"},
      {"\xac"
       "protocol_min\0"sv,
       "hello.protocol_min: wanted a positive integer, got 0"},
      {"\xacprotocol_min\x02", "hello.protocol_min is above hello.protocol"},
      {"\xa5"
       "clock\xff",
       "hello.clock: wanted an integer from 0, got a negative integer"},
      {"\xa3pid\xc0", "hello.pid: wanted an integer from 0, got nil"},
      {"\xa6limits\x90", "hello.limits: wanted a map, got an array"},
      {"\xa6limits\x81\xa5"
       "depth\xa1x",
       "hello.limits.depth: wanted an integer from 0, got a str"},
      {"\xac"
       "capabilities\xa1x",
       "hello.capabilities: wanted an array of str, got a str"},
      {"\xac"
       "capabilities\x91\x01",
       "hello.capabilities: wanted a str, got a positive integer"},
      {"\xa6resume\x81\xa7session\xa1x",
       "hello.resume.session: wanted a bin of 16 bytes, got a str"},
      {"\xa6resume\x81\xa7session\xc4\x01x",
       "hello.resume.session: wanted a bin of 16 bytes, got one of 1"},
      {"\xa3new\xc1", "hello.new: the byte 0xc1 is not msgpack"},
  };
  for (const auto& l : lies) BOOST_TEST(hello_error(hello_with(1, l.entry)) == l.text);
  BOOST_TEST(hello_error("\xc0") == "hello: wanted a map, got nil");
}

BOOST_AUTO_TEST_CASE(texts_about_a_peer_are_bounded) {
  BOOST_TEST(hello_error(hello_with(1, "\xa4host\xda\x04\x01" + std::string(1025, 'x'))) ==
             "hello.host: 1025 bytes, 1024 allowed");
  BOOST_TEST(hello_error(hello_with(1, "\xa8identity\xd9\xc9" + std::string(201, 'x'))) ==
             "hello.identity: 201 bytes, 200 allowed");
  BOOST_TEST(hello_error(hello_with(1,
                                    "\xac"
                                    "capabilities\xdc\x01\x01" +
                                        std::string(257, '\xa0'))) ==
             "hello.capabilities: 257 elements, 256 allowed");
}

BOOST_AUTO_TEST_CASE(limits_beyond_what_is_supported_are_cut) {
  hello h;
  BOOST_TEST(read(hello_with(1,
                             "\xa6limits\x82\xa8messages\xcf\x01\0\0\0\0\0\0\0"
                             "\xa5"
                             "depth\xcd\x02\x01"sv),
                  h) == "");
  BOOST_TEST(h.limits.messages == 0xffff'ffffu);
  BOOST_TEST(h.limits.depth == 512u);
}

BOOST_AUTO_TEST_CASE(limits_below_the_minima_are_refused_with_their_names) {
  struct {
    limits l;
    std::string_view text;
  } const lies[] = {
      {minima, ""},
      {{.frame_bytes = 1048575}, "frame_bytes is 1048575, at least 1048576 required"},
      {{.messages = 1023}, "messages is 1023, at least 1024 required"},
      {{.attachments = 15}, "attachments is 15, at least 16 required"},
      {{.attachments = 0}, "attachments is 0, at least 16 required"},
      {{.depth = 63}, "depth is 63, at least 64 required"},
      {{.window = 0}, "window is 0, at least 1 required"},
  };
  for (const auto& lie : lies) {
    hello h;
    h.identity = "w";
    h.limits = lie.l;
    welcome w;
    w.limits = lie.l;
    const std::string why(lie.text);
    BOOST_TEST(decode(encode(h), h) == (why.empty() ? "" : "hello.limits." + why));
    BOOST_TEST(decode(encode(w), w) == (why.empty() ? "" : "welcome.limits." + why));
    BOOST_TEST(meets_minima(h.limits) == why.empty());
    BOOST_TEST(meets_minima(w.limits) == why.empty());
  }
}

BOOST_AUTO_TEST_CASE(truncated_maps_are_refused) {
  const auto hello_map = encode(full_hello());
  const auto welcome_map = encode(full_welcome());
  for (std::size_t n = 0; n != hello_map.size(); ++n) {
    hello h;
    BOOST_TEST(read(text_of(hello_map).substr(0, n), h) != "");
  }
  for (std::size_t n = 0; n != welcome_map.size(); ++n) {
    welcome w;
    BOOST_TEST(read(text_of(welcome_map).substr(0, n), w) != "");
  }
}

BOOST_AUTO_TEST_SUITE_END()
