// SPDX-License-Identifier: MIT
// What the fuzz targets have in common: how they read their input, and how they fail.
#pragma once

#include <ipczmq/buffer.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

// The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT

namespace fuzz {

using ipczmq::buffer;
using ipczmq::bytes_view;

// A claim about the library does not hold: libFuzzer keeps the input that shows it.
inline void check(bool holds, std::string_view claim) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(claim.size()), claim.data());
  std::abort();
}

// Bytes taken from the front; zeros when there are no more.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const std::byte*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  std::uint8_t byte() {
    const bytes_view taken = bytes(1);
    return taken.empty() ? 0 : std::to_integer<std::uint8_t>(taken[0]);
  }
  bytes_view bytes(std::size_t wanted) {
    const bytes_view taken = rest_.first(std::min(wanted, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  bytes_view rest() { return bytes(rest_.size()); }

 private:
  bytes_view rest_;
};

// A buffer whose storage ends where its bytes end, so that the address sanitizer sees a step too
// far.
inline buffer exact(bytes_view bytes) {
  return buffer::take(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

// Up to three attachments, each led by its length; what is left is the body.
struct body_and_attachments {
  explicit body_and_attachments(input& in, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = in.byte();
      attachments.push_back(exact(in.bytes(size)));
    }
    body = in.rest();
  }
  std::vector<buffer> attachments;
  bytes_view body;
};

// Reads every byte, for the sanitizers to see.
inline unsigned touch(bytes_view bytes) {
  unsigned sum = 0;
  for (const std::byte b : bytes) sum += std::to_integer<unsigned>(b);
  return sum;
}
inline unsigned touch(std::string_view text) {
  return touch(bytes_view(reinterpret_cast<const std::byte*>(text.data()), text.size()));
}

}  // namespace fuzz
