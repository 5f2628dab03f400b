// SPDX-License-Identifier: MIT
// msgpack to C++ values. Included by convert.hpp, which see.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ipczmq::detail {

// Throws error(bad_arguments): channel, position, wanted, got.
[[noreturn]] IPCZMQ_API void throw_mismatch(const argument_place* place, std::string_view wanted,
                                            value_view got, std::string_view detail = {});

// Readers of checked values; false when the value is of another type.
IPCZMQ_API bool read_text(value_view v, std::string_view& out) noexcept;  // str, bin or attachment
IPCZMQ_API bool read_bool(value_view v, bool& out) noexcept;
IPCZMQ_API bool read_double(value_view v, double& out) noexcept;  // any number
// An integer as sign and magnitude-safe pair: `negative` tells which of the two holds it.
struct integer {
  bool negative = false;
  std::int64_t s = 0;
  std::uint64_t u = 0;
};
IPCZMQ_API bool read_integer(value_view v, integer& out) noexcept;
IPCZMQ_API bool read_buffer(value_view v, buffer& out);  // shares an attachment, copies a bin

template <class T>
concept plain_integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

// What the text of an error calls T.
template <class T>
std::string_view wanted_name() {
  if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    return "string";
  } else if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (plain_integer<T>) {
    constexpr std::string_view names[2][4] = {{"uint8", "uint16", "uint32", "uint64"},
                                              {"int8", "int16", "int32", "int64"}};
    return names[std::is_signed_v<T>][sizeof(T) == 1   ? 0
                                      : sizeof(T) == 2 ? 1
                                      : sizeof(T) == 4 ? 2
                                                       : 3];
  } else if constexpr (std::floating_point<T>) {
    return "number";
  } else if constexpr (std::same_as<T, buffer>) {
    return "binary";
  } else {
    // "... [with T = X; ...]" (gcc) or "... [T = X]" (clang)
    const std::string_view f = __PRETTY_FUNCTION__;
    const auto from = f.find("T = ") + 4;
    return f.substr(from, f.find_first_of(";]", from) - from);
  }
}

// A zone of this thread, whose memory is reused. Nested use gets a fresh one.
class zone_lease {
 public:
  zone_lease() {
    if (taken()) {
      own_.emplace();
    } else {
      spare();
      taken() = true;
    }
  }
  ~zone_lease() {
    if (own_) return;
    spare().clear();
    taken() = false;
  }
  zone_lease(const zone_lease&) = delete;
  zone_lease& operator=(const zone_lease&) = delete;
  msgpack::zone& operator*() { return own_ ? *own_ : spare(); }

 private:
  static bool& taken() noexcept {
    static thread_local bool t = false;
    return t;
  }
  static msgpack::zone& spare() {
    struct held {
      msgpack::zone zone;
      ~held() { taken() = true; }  // what the ending thread still converts gets a fresh one
    };
    static thread_local held h;
    return h.zone;
  }

  std::optional<msgpack::zone> own_;
};

// A msgpack-c object tree over checked bytes, references to attachments resolved to bins that point
// at them.
class object_tree {
 public:
  explicit object_tree(value_view v) {
    std::size_t offset = 0;
    bool referenced = false;
    const auto limit =
        msgpack::unpack_limit(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 1024);
    root_ = msgpack::unpack(
        *zone_, reinterpret_cast<const char*>(v.bytes().data()), v.bytes().size(), offset,
        referenced, [](msgpack::type::object_type, std::size_t, void*) { return true; }, nullptr,
        limit);
    if (!v.attachments().empty()) resolve(root_, v.attachments());
  }
  [[nodiscard]] const msgpack::object& root() const noexcept { return root_; }

 private:
  static void resolve(msgpack::object& o, std::span<const buffer> attachments) {
    if (o.type == msgpack::type::EXT && o.via.ext.type() == attachment_ext && o.via.ext.size == 4) {
      std::uint32_t index = 0;
      for (int i = 0; i < 4; ++i)
        index = index << 8 | static_cast<std::uint8_t>(o.via.ext.data()[i]);
      const buffer& b = attachments[index];
      o.type = msgpack::type::BIN;
      o.via.bin.ptr = b.view().data();
      o.via.bin.size = static_cast<std::uint32_t>(b.size());
    } else if (o.type == msgpack::type::ARRAY) {
      for (std::uint32_t i = 0; i < o.via.array.size; ++i) resolve(o.via.array.ptr[i], attachments);
    } else if (o.type == msgpack::type::MAP) {
      for (std::uint32_t i = 0; i < o.via.map.size; ++i) {
        resolve(o.via.map.ptr[i].key, attachments);
        resolve(o.via.map.ptr[i].val, attachments);
      }
    }
  }

  zone_lease zone_;
  msgpack::object root_;
};

// The attachments of the value being converted, so that the adaptor of `buffer` can share instead
// of copy.
IPCZMQ_API std::span<const buffer>& converting_now() noexcept;

template <class T>
T convert_object(value_view v, const argument_place* place) {
  static_assert(!std::is_same_v<T, msgpack::object>,
                "ipczmq: a msgpack::object would outlive what it points at; take ipczmq::value, "
                "value_view or args");
  static_assert(!std::is_pointer_v<T>,
                "ipczmq: nothing arrives that a pointer could point at; take std::string, "
                "std::string_view or another value");
  const object_tree tree(v);
  const auto before = std::exchange(converting_now(), v.attachments());
  struct restore {
    std::span<const buffer> before;
    ~restore() { converting_now() = before; }
  } const scope{before};
  try {
    return tree.root().as<T>();
  } catch (const msgpack::type_error& e) {
    throw_mismatch(
        place, wanted_name<T>(), v,
        tree.root().type == msgpack::type::MAP || tree.root().type == msgpack::type::ARRAY
            ? "an element of it does not fit"
            : "");
  }
}

template <class T>
T convert(value_view v, const argument_place* place) {
  if constexpr (is_optional<T>::value) {
    if (v.is_nil()) return std::nullopt;
    return convert<typename T::value_type>(v, place);
  } else if constexpr (std::same_as<T, value_view>) {
    return v;
  } else if constexpr (std::same_as<T, value>) {
    packed p;
    append_packed(p, v.bytes(), v.attachments());
    const auto held = std::make_shared<packed>(std::move(p));
    return value(held, {held->bytes, held->attachments});
  } else {
    if (v.bytes().empty()) throw_mismatch(place, wanted_name<T>(), v);
    if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
      std::string_view text;
      if (!read_text(v, text)) throw_mismatch(place, wanted_name<T>(), v);
      return T(text);
    } else if constexpr (std::same_as<T, bool>) {
      bool b = false;
      if (!read_bool(v, b)) throw_mismatch(place, wanted_name<T>(), v);
      return b;
    } else if constexpr (plain_integer<T>) {
      integer i;
      if (!read_integer(v, i)) throw_mismatch(place, wanted_name<T>(), v);
      if (i.negative ? !std::in_range<T>(i.s) : !std::in_range<T>(i.u))
        throw_mismatch(place, wanted_name<T>(), v, "out of range");
      return i.negative ? static_cast<T>(i.s) : static_cast<T>(i.u);
    } else if constexpr (std::floating_point<T>) {
      double d = 0;
      if (!read_double(v, d)) throw_mismatch(place, wanted_name<T>(), v);
      return static_cast<T>(d);
    } else if constexpr (std::same_as<T, buffer>) {
      buffer b;
      if (!read_buffer(v, b)) throw_mismatch(place, wanted_name<T>(), v);
      return b;
    } else {
      return convert_object<T>(v, place);
    }
  }
}

}  // namespace ipczmq::detail

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  template <>
  struct convert<ipczmq::buffer> {
    const msgpack::object& operator()(const msgpack::object& o, ipczmq::buffer& out) const {
      if (o.type != type::BIN) throw type_error();
      for (const auto& b : ipczmq::detail::converting_now()) {
        if (b.view().data() == o.via.bin.ptr && b.size() == o.via.bin.size) {
          out = b;
          return o;
        }
      }
      out = ipczmq::buffer::copy(o.via.bin.ptr, o.via.bin.size);
      return o;
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
