// SPDX-License-Identifier: MIT
// Large binaries through every verb, in every form.
#include "pair.hpp"

using namespace ipczmq;
using namespace ipczmq::test;

namespace {

struct document {
  std::string title;
  buffer body;
  std::map<std::string, buffer> more;
  MSGPACK_DEFINE(title, body, more)
};

// Around the size from which a buffer is an attachment, those of msgpack's length bytes, and of a
// frame's target.
constexpr std::size_t sizes[] = {0, 1, 8191, 8192, 65535, 65536, 65537, 262147, 3145729};

buffer pattern(std::size_t size) {
  buffer b(size);
  for (std::size_t i = 0; i < size; ++i)
    b.mutable_data()[i] = static_cast<std::byte>(i * 31 + (i >> 8));
  return b;
}
std::string text_of(const buffer& b) { return std::string(b.view()); }
std::vector<std::byte> bytes_of(const buffer& b) { return {b.data(), b.data() + b.size()}; }

// Echoes T in a listener and in a handler; counts what is not the pattern.
template <class T>
void serve(emitter e) {
  e.on("sync", [](event& event, T v) { event.return_value = v; });
  e.on("event", [](event& event, T v) { event.reply("back", v); });
  e.handle("invoke", [](event&, T v) { return v; });
  e.handle("size", [](event&, T v) { return v.size(); });
  e.handle("make", [](event&, std::size_t n) {
    const buffer b = pattern(n);
    if constexpr (std::is_same_v<T, buffer>) {
      return b;
    } else {
      return T(reinterpret_cast<const typename T::value_type*>(b.data()),
               reinterpret_cast<const typename T::value_type*>(b.data()) + n);
    }
  });
}

template <class T, class Make>
void crosses_by_every_verb(way w, Make make) {
  collected<T> back;
  pair p(w);
  serve<T>(p.main);
  serve<T>(p.renderer);
  p.renderer.prepend_listener("back", [&](event&, T v) { back.add(v); });
  p.main.on("back", [&](event&, T v) { back.add(v); });
  p.go();
  const web_contents c = p.contents();
  for (const std::size_t n : sizes) {
    BOOST_TEST_CONTEXT(n << " bytes") {
      const T sent = make(pattern(n));
      BOOST_TEST((p.renderer.send_sync<T>("sync", sent) == sent));
      BOOST_TEST((p.renderer.invoke<T>("invoke", sent).get() == sent));
      BOOST_TEST(p.renderer.invoke<std::size_t>("size", sent).get() == n);
      // The reply is one large buffer and nothing else.
      BOOST_TEST((p.renderer.invoke<T>("make", n).get() == sent));
      BOOST_TEST((c.invoke<T>("invoke", sent).get() == sent));
      BOOST_TEST((c.invoke<T>("make", n).get() == sent));
      const std::size_t before = back.size();
      p.renderer.send("event", sent);  // and main's reply
      c.send("event", sent);
      BOOST_TEST_REQUIRE(back.reaches(before + 2));
      const auto all = back.all();
      BOOST_TEST((all[before] == sent));
      BOOST_TEST((all[before + 1] == sent));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(buffers)

BOOST_AUTO_TEST_CASE(buffer_crosses_by_every_verb) {
  over_all_transports([](way w) { crosses_by_every_verb<buffer>(w, [](buffer b) { return b; }); });
}
BOOST_AUTO_TEST_CASE(string_crosses_by_every_verb) {
  over_all_transports([](way w) { crosses_by_every_verb<std::string>(w, text_of); });
}
BOOST_AUTO_TEST_CASE(vector_of_bytes_crosses_by_every_verb) {
  over_all_transports([](way w) { crosses_by_every_verb<std::vector<std::byte>>(w, bytes_of); });
}

BOOST_AUTO_TEST_CASE(buffers_nested_in_a_struct_keep_their_places) {
  over_all_transports([](way w) {
    pair p(w);
    p.main.handle("turn", [](event&, document d) {
      std::swap(d.body, d.more.at("first"));
      return d;
    });
    p.go();
    for (const std::size_t n : sizes) {
      const document d{
          "a title", pattern(n), {{"first", pattern(n + 1)}, {"second", pattern(10000)}}};
      const auto back = p.renderer.invoke<document>("turn", d).get();
      BOOST_TEST(back.title == "a title");
      BOOST_TEST((back.body == pattern(n + 1)));
      BOOST_TEST((back.more.at("first") == pattern(n)));
      BOOST_TEST((back.more.at("second") == pattern(10000)));
    }
  });
}

BOOST_AUTO_TEST_CASE(many_messages_with_attachments_share_frames_and_keep_their_own) {
  static constexpr int count = 500;
  over_all_transports([](way w) {
    std::atomic<int> right{0};
    std::atomic<int> answered{0};
    pair p(w);
    p.main.on("x", [&](event&, int n, buffer a, std::string between, buffer b) {
      right += a == pattern(8192 + static_cast<std::size_t>(n)) && between == std::to_string(n) &&
               b == pattern(9000);
    });
    p.main.handle("y", [](event&, buffer b, int n) { return std::pair(n, b); });
    p.go();
    for (int i = 0; i < count; ++i) {
      const buffer b = pattern(8192 + static_cast<std::size_t>(i));
      p.renderer.send("x", i, b, std::to_string(i), pattern(9000));
      p.renderer.invoke<std::pair<int, buffer>>("y", b, i).then(
          [&, i, b](const std::pair<int, buffer>& back) {
            answered += back.first == i && back.second == b;
          });
    }
    BOOST_TEST(eventually([&] { return right == count && answered == count; }, 20s));
    BOOST_TEST(right == count);
    BOOST_TEST(answered == count);
  });
}

BOOST_AUTO_TEST_CASE(event_kept_alive_keeps_its_buffers_alive) {
  collected<std::pair<event, args>> kept;
  pair p;
  p.main.on("x", [&](event& event, args a) { kept.add({event, a}); });
  p.go();
  for (int i = 0; i < 3; ++i) p.renderer.send("x", pattern(100000), "text");
  BOOST_TEST(kept.reaches(3));
  p.renderer.close();
  for (const auto& [event, a] : kept.all()) {
    BOOST_TEST((a.get<buffer>(0) == pattern(100000)));
    BOOST_TEST(a.get<std::string>(1) == "text");
    BOOST_TEST(event.channel == "x");
  }
}

BOOST_AUTO_TEST_CASE(raw_forms_carry_bytes_and_buffers_as_they_are) {
  over_all_transports([](way w) {
    collected<std::vector<std::byte>> bytes;
    collected<buffer> parts;
    pair p(w);
    p.main.on("x", [&](event& event, args a) {
      bytes.add({a.bytes().begin(), a.bytes().end()});
      for (const buffer& b : a.attachments()) parts.add(b);
      event.return_value.set_raw(a[0].bytes(), a.attachments());
    });
    p.go();
    // [ext 31: attachment 0, 7]
    const unsigned char array[] = {0x92, 0xd6, 31, 0, 0, 0, 0, 7};
    const buffer big = pattern(20000);
    const buffer buffers[] = {big};
    const auto view = std::as_bytes(std::span(array));
    p.renderer.send_raw("x", view, buffers);
    BOOST_TEST(bytes.is({{view.begin(), view.end()}}));
    BOOST_TEST(parts.is({big}));
    const value v = p.renderer.send_sync_raw({.deadline = 5s}, "x", view, buffers);
    BOOST_TEST((v.as<buffer>() == big));
    const auto begun = p.renderer.begin_sync_raw({.deadline = 5s}, "x", view, buffers);
    BOOST_TEST((begun.get().as<buffer>() == big));
    BOOST_TEST(code_of([&] { p.renderer.send_raw("x", view); }) ==
               "bad_arguments");  // no attachment 0
    BOOST_TEST(code_of([&] { p.renderer.send_raw("x", view.subspan(7)); }) ==
               "bad_arguments");  // no array
    BOOST_TEST(code_of([&] { p.renderer.send_raw("x", view.first(4), buffers); }) ==
               "bad_arguments");
  });
}

BOOST_AUTO_TEST_CASE(what_the_other_side_does_not_accept_is_too_large_here) {
  over_all_transports([](way w) {
    pair p(w, {.limits = {.part_bytes = 2 << 20}}, {.limits = {.part_bytes = 1 << 20}});
    serve<buffer>(p.main);
    serve<buffer>(p.renderer);
    p.go();
    const web_contents c = p.contents();
    BOOST_TEST(eventually([&] { return p.renderer.is_connected(); }));
    BOOST_TEST(p.renderer.invoke<std::size_t>("size", pattern(3 << 19)).get() == 3U << 19);
    BOOST_TEST(contains(failure_of([&] { p.renderer.send("event", pattern(2 << 20)); }),
                        "too_large: the arguments for 'event' are "));
    BOOST_TEST(code_of([&] { c.send("event", std::string(2 << 20, 'x')); }) == "too_large");
    BOOST_TEST(code_of([&] { c.invoke("size", pattern(3 << 19)).get(); }) == "too_large");
    BOOST_TEST(p.main.broadcast("event", pattern(3 << 19)) == 0U);
    // An answer that the caller does not accept fails the call, not the session.
    BOOST_TEST(code_of([&] { p.renderer.invoke("make", 3U << 19).get(); }) == "too_large");
    BOOST_TEST(p.renderer.invoke<std::size_t>("size", pattern(1)).get() == 1U);
  });
}

BOOST_AUTO_TEST_CASE(
    error_that_is_larger_than_the_caller_accepts_fails_the_call_and_not_the_session) {
  pair p({}, {}, {.limits = {.part_bytes = 1 << 20}});
  p.main.handle("text", [](event&) -> int { throw std::runtime_error(std::string(2 << 20, 'x')); });
  p.main.handle("data", [](event&) -> int {
    throw remote_error("Error", "data", pack(std::string(2 << 20, 'x')));
  });
  p.main.handle("works", [](event&) { return 1; });
  p.go();
  BOOST_TEST(code_of([&] { p.renderer.invoke({.deadline = 5s}, "text").get(); }) != "");
  BOOST_TEST(code_of([&] { p.renderer.invoke({.deadline = 5s}, "data").get(); }) != "");
  BOOST_TEST(p.renderer.invoke<int>("works").get() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
