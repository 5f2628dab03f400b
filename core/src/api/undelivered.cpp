// SPDX-License-Identifier: MIT
#include <ipczmq/undelivered.hpp>

#include "session/remains.hpp"
#include "wire/cursor.hpp"
#include "wire/decode.hpp"
#include "wire/writer.hpp"

#include <limits>

namespace ipczmq {

namespace {

// What a message's `value` keeps alive.
struct owned {
  buffer bytes;
  std::vector<buffer> attachments;
};

// The arguments of `m` on their own, with those attachments of the frame that they refer to.
value extract(const wire::frame& f, const wire::message& m) {
  const auto of_frame = f.attachments().subspan(m.base);
  auto o = std::make_shared<owned>();
  o->bytes = buffer::copy(m.payload);
  std::vector<std::uint32_t> refs;
  (void)wire::check_value(o->bytes.bytes(), wire::depth_max, of_frame.size(), true, &refs);
  std::vector<std::uint32_t> seen;
  for (const std::uint32_t at : refs) {
    const auto index = wire::load<std::uint32_t>(o->bytes.data() + at);
    std::size_t place = 0;
    while (place < seen.size() && seen[place] != index) ++place;
    if (place == seen.size()) {
      seen.push_back(index);
      o->attachments.push_back(of_frame[index]);
    }
    wire::store(o->bytes.mutable_data() + at, static_cast<std::uint32_t>(place));
  }
  const value_view view(o->bytes.bytes(), o->attachments);
  return {std::move(o), view};
}

}  // namespace

undelivered::undelivered(std::shared_ptr<const detail::undelivered_frames> frames)
    : frames_(std::move(frames)) {
  for (const auto& p : frames_->pieces) {
    (p.fate == fate::unsent ? unsent : p.fate == fate::received ? received : unknown) += p.events;
  }
}

std::vector<undelivered_message> undelivered::messages() const {
  // They are our own: whatever was sent is within its own limits.
  constexpr wire::limits any{.frame_bytes = std::uint64_t{1} << 62,
                             .messages = std::numeric_limits<std::uint32_t>::max(),
                             .attachments = std::numeric_limits<std::uint32_t>::max(),
                             .depth = wire::depth_max};
  std::vector<undelivered_message> all;
  if (frames_ == nullptr) return all;
  all.reserve(total());
  for (const auto& p : frames_->pieces) {
    wire::frame f;
    f.parts = p.parts;
    if (!wire::decode(f, any).empty()) continue;
    for (const wire::message& m : f.messages) {
      if (m.kind != wire::kind::event) continue;
      all.push_back({p.fate, std::string(m.channel), extract(f, m)});
    }
  }
  return all;
}

std::string_view to_string(fate f) noexcept {
  switch (f) {
    case fate::unsent:
      return "unsent";
    case fate::received:
      return "received";
    case fate::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace ipczmq
