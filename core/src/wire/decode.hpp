// SPDX-License-Identifier: MIT
// Bytes to messages. Every check of foreign bytes lives here; nothing here throws on them.
#pragma once

#include "wire/frame.hpp"

#include <string>

namespace ipczmq::wire {

// Reads and checks the whole of `f.parts` into the other fields of `f` (whose vectors are reused).
// Returns an empty string, or what is malformed, for people ("message 3: channel is 300 bytes long,
// 255 allowed"). After an error only `parts` is meaningful.
[[nodiscard]] std::string decode(frame& f, const limits& accepted);

// Whether the first message of a frame, well-formed or not, is a refuse.
[[nodiscard]] bool begins_with_refuse(std::span<const buffer> parts) noexcept;

// Reads the header alone; false when it is not one.
[[nodiscard]] bool decode_header(bytes_view part, header& out) noexcept;

// Checks that `bytes` is exactly one well-formed msgpack value within `depth`, whose attachment
// references are below `attachments`; appends the offset of each reference's 4-byte body to `refs`
// when given. With `must_be_array`, also that it is an array. Empty string, or what is wrong. For
// raw arguments that bindings hand us.
[[nodiscard]] std::string check_value(bytes_view bytes, std::uint32_t depth,
                                      std::size_t attachments, bool must_be_array,
                                      std::vector<std::uint32_t>* refs = nullptr);

// True for 1 to 255 bytes of well-formed UTF-8.
[[nodiscard]] bool valid_channel(std::string_view channel) noexcept;
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

}  // namespace ipczmq::wire
