// SPDX-License-Identifier: MIT
// Arguments, from what the decoder accepted to what a listener is called with: args, unpack and
// typed listeners. Nothing but error(bad_arguments) may come of bytes that do not fit.
#include "conversion.hpp"

#include "dispatch/listeners.hpp"
#include "target.hpp"
#include "wire/decode.hpp"

#include <ipczmq/emitter.hpp>

#include <cmath>
#include <functional>

namespace {

using namespace ipczmq;
using fuzz::check;
using fuzz::touch;

// An emitter without an endpoint: its messages come from `emit`.
struct local_emitter : emitter {
  local_emitter()
      : emitter(std::make_shared<dispatch::listeners>(dispatch::listeners::callbacks{})) {}
};

// True when the arguments fitted.
template <class F>
bool fits(F&& f) {
  try {
    f();
    return true;
  } catch (const error& e) {
    check(e.kind() == errc::bad_arguments, "what does not fit is bad_arguments");
    check(std::string_view(e.what()).size() < 4000, "what does not fit is said in a few words");
    return false;
  }
}

// Reads what was converted, down to views into the message.
template <class T>
void use(const T& v) {
  detail::packed p;
  detail::pack_one(p, v);
  touch(p.bytes);
  for (const buffer& b : p.attachments) touch(b.bytes());
}

template <class T>
constexpr bool comparable = requires(const T& a) {
  a == a;
}
&&!std::is_same_v<T, value> && !std::is_same_v<T, value_view>;

// What was converted, packed again and read by its new receiver is the same.
template <class T>
void round_trip(const T& v) {
  if constexpr (comparable<T>) {
    if (!(v == v)) return;  // not a number
    detail::packed p;
    detail::pack_one(p, v);
    const T again = value_view(p.bytes, p.attachments).as<T>();
    check(again == v, "what was converted, packed and converted is the same");
    if (p.attachments.empty()) check(unpack<T>(p.bytes) == v, "unpack and as agree");
  }
}

template <class T>
void as_one(const args& a) {
  for (std::size_t i = 0; i <= std::min<std::size_t>(a.size(), 4); ++i) {
    std::optional<T> got;
    if (!fits([&] { got.emplace(a.get<T>(i)); })) continue;
    use(*got);
    round_trip(*got);
  }
}

template <class T>
void by_unpack(const args& a) {
  fits([&] { use(unpack<T>(a[0].bytes())); });
  if constexpr (!std::is_same_v<T, value>) fits([&] { use(unpack<std::vector<T>>(a.bytes())); });
}

// Typed listeners get the values themselves, and as optionals behind others.
template <class T>
void by_listener(const args& a) {
  local_emitter e;
  std::size_t calls = 0;
  e.on("one", [&](event&, T v) {
    ++calls;
    use(v);
  });
  e.on("some", [&](event&, const T& v, std::optional<std::string> text, std::optional<int>) {
    ++calls;
    use(v);
    if (text) touch(*text);
  });
  e.on("all", [&](event&, args raw) {
    ++calls;
    for (std::size_t i = 0; i < std::min<std::size_t>(raw.size(), 4); ++i) touch(raw[i].bytes());
  });
  for (const char* channel : {"one", "some", "all"}) {
    const std::size_t before = calls;
    const bool fitted =
        fits([&] { check(e.emit(channel, a[0], a[1], a[2]), "it has a listener"); });
    check(calls == before + (fitted ? 1 : 0), "a listener is called when its arguments fit");
  }
}

using conversion = void (*)(const args&);

template <class... T>
constexpr auto conversions_of(std::tuple<T...>*) {
  return std::array<conversion, 3 * sizeof...(T)>{as_one<T>..., by_unpack<T>..., by_listener<T>...};
}

}  // namespace

// First byte: what to convert to and how; second: how many attachments; then those, then the
// argument array.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr auto conversions = conversions_of(static_cast<fuzz::type_list*>(nullptr));
  fuzz::input in(data, size);
  const std::size_t choice = in.byte() % conversions.size();
  const fuzz::body_and_attachments content(in, in.byte() & 3);
  const buffer array = fuzz::exact(content.body);
  if (!wire::check_value(array.bytes(), 64, content.attachments.size(), true).empty()) {
    fits([&] { (void)detail::check_raw(array.bytes(), content.attachments, true); });
    return 0;
  }
  conversions[choice](args(array.bytes(), content.attachments));
  return 0;
}
