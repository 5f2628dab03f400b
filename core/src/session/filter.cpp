// SPDX-License-Identifier: MIT
#include "session/filter.hpp"

#include "wire/cursor.hpp"

#include <limits>
#include <vector>

namespace ipczmq::session {

namespace {

// Moves behind one message of ours; false when it cannot be read, which would be our own fault.
bool skip_message(wire::cursor& in, wire::kind& k) {
  constexpr wire::value_rules any{.attachments = std::numeric_limits<std::size_t>::max()};
  std::size_t elements = 0;
  std::uint64_t number = 0;
  if (!in.read_array(elements) || !in.read_uint(number)) return false;
  for (std::size_t i = 1; i < elements; ++i) {
    if (in.skip(any) != wire::fault::none) return false;
  }
  k = static_cast<wire::kind>(number);
  return true;
}

}  // namespace

std::size_t keep_only(buffer& part, keeps keep, bool shared) {
  wire::cursor in(part.bytes().subspan(wire::header_size));
  std::vector<std::byte> rest(part.data(), part.data() + wire::header_size);
  std::size_t kept = 0;
  while (!in.at_end()) {
    const std::byte* start = in.position();
    wire::kind k{};
    if (!skip_message(in, k)) break;
    if (!keep(k)) continue;
    ++kept;
    rest.insert(rest.end(), start, in.position());
  }
  if (shared || rest.size() != part.size()) part = buffer::copy(rest);
  return kept;
}

}  // namespace ipczmq::session
