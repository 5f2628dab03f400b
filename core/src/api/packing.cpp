// SPDX-License-Identifier: MIT
// The parts of packing that are no templates; see PROTOCOL.md §3 for attachments.
#include "wire/cursor.hpp"
#include "wire/decode.hpp"

#include <ipczmq/convert.hpp>

#include <algorithm>
#include <limits>

namespace ipczmq::detail {

namespace {

constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

enum class spare_state : std::uint8_t { idle, leased, gone };

// Trivially destructible, so that a lease taken while the thread ends still finds it, and small
// enough for the static block of thread-local storage, where it costs no call.
struct of_thread {
  packed* spare = nullptr;
  pack_stream* stream = nullptr;
  spare_state state = spare_state::idle;
};
[[gnu::tls_model("initial-exec")]] constinit thread_local of_thread mine;

struct spare_packed {
  packed p;
  spare_packed() { mine.spare = &p; }
  ~spare_packed() { mine.state = spare_state::gone; }
};

packed& spare() {
  if (mine.spare == nullptr) [[unlikely]] {
    static thread_local spare_packed s;
    return s.p;
  }
  return *mine.spare;
}

void append(growing_bytes& to, bytes_view bytes) { to.append(bytes.data(), bytes.size()); }

void append_bin(growing_bytes& to, const buffer& b) {
  std::byte head[5] = {std::byte{0xc6}};
  const auto size = static_cast<std::uint32_t>(msgpack::checked_get_container_size(b.size()));
  for (std::size_t i = 0; i < 4; ++i) head[1 + i] = std::byte(size >> (24 - 8 * i) & 0xff);
  append(to, head);
  append(to, b.bytes());
}

// The index of `b` among the attachments, to which it is added unless it is one of them.
std::uint32_t index_of(std::vector<buffer>& attachments, const buffer& b) {
  const auto same = [&](const buffer& a) { return a.data() == b.data() && a.size() == b.size(); };
  const auto at = std::find_if(attachments.begin(), attachments.end(), same);
  const auto index = static_cast<std::uint32_t>(at - attachments.begin());
  if (at == attachments.end()) attachments.push_back(b);
  return index;
}

}  // namespace

pack_stream*& packing_now() noexcept { return mine.stream; }

pack_lease::pack_lease() : packed_(nullptr), own_(mine.state != spare_state::idle) {
  if (own_) {
    packed_ = new packed;
  } else {
    packed_ = &spare();
    mine.state = spare_state::leased;
  }
}

pack_lease::~pack_lease() {
  if (own_) {
    delete packed_;
    return;
  }
  packed_->clear();
  if (packed_->bytes.capacity() > kept_bytes_max) packed_->bytes = growing_bytes();
  mine.state = spare_state::idle;
}

void check_reserved(const packed& p) {
  std::vector<std::uint32_t> found;
  const wire::value_rules rules{.attachments = std::numeric_limits<std::size_t>::max(),
                                .refs = &found,
                                .start = p.bytes.data()};
  wire::cursor c(p.bytes);
  const wire::fault f = c.skip(rules);
  if (f == wire::fault::reference_form || (f == wire::fault::none && found != p.refs)) {
    throw error(errc::bad_arguments,
                "ext type 31 is reserved for attachments, use ipczmq::buffer for binaries");
  }
  if (f != wire::fault::none) {
    throw error(errc::bad_arguments, "packed arguments: " + wire::describe(f, c, rules));
  }
}

void append_packed(packed& to, bytes_view bytes, std::span<const buffer> attachments, bool attach) {
  if (bytes.empty()) {
    to.bytes.push_back(std::byte{0xc0});
    return;
  }
  std::vector<std::uint32_t> refs;
  const std::string wrong =
      wire::check_value(bytes, wire::depth_max, attachments.size(), false, &refs);
  if (!wrong.empty()) throw error(errc::bad_arguments, "packed value: " + wrong);

  std::size_t done = 0;
  for (const std::uint32_t ref : refs) {
    const buffer& b = attachments[wire::load<std::uint32_t>(&bytes[ref])];
    append(to.bytes, bytes.subspan(done, ref - 2 - done));
    done = ref + 4;
    if (!attach) {
      append_bin(to.bytes, b);
      continue;
    }
    const std::uint32_t index = index_of(to.attachments, b);
    append(to.bytes, bytes.subspan(ref - 2, 2));
    to.refs.push_back(static_cast<std::uint32_t>(to.bytes.size()));
    for (std::size_t i = 0; i < 4; ++i) to.bytes.push_back(std::byte(index >> (24 - 8 * i) & 0xff));
  }
  append(to.bytes, bytes.subspan(done));
}

void check_text(const char* text) {
  if (text == nullptr)
    throw error(errc::bad_arguments,
                "a null const char* is no text: send nullptr for nil, or an empty string");
}

}  // namespace ipczmq::detail
