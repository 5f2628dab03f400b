// SPDX-License-Identifier: MIT
// From options to the parts of an endpoint.
#pragma once

#include "dispatch/dispatcher.hpp"
#include "engine/settings.hpp"
#include "transport/address.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ipczmq::engine {
class endpoint;
}

namespace ipczmq::api {

// An endpoint's tables and its engine know each other: the tables through this.
using late_engine = std::shared_ptr<std::weak_ptr<engine::endpoint>>;

struct parts_base {
  late_engine late;
  std::shared_ptr<dispatch::listeners> table;
  std::shared_ptr<dispatch::dispatcher> dispatcher;
};

// `changed` hears of channels that got their first or lost their last listener; may be null.
[[nodiscard]] parts_base make_parts(const std::string& name,
                                    std::function<void(std::string_view)> changed);
[[nodiscard]] std::shared_ptr<dispatch::listeners> make_table(
    const late_engine& late, std::string name, std::function<void(std::string_view)> changed);

// Checks an endpoint's text, and that TCP beyond loopback is allowed. Throws error.
[[nodiscard]] transport::address usable_address(std::string_view text, bool insecure);
// Throws error(incompatible) when the program was compiled with headers of another version.
void check_headers();
void check_pings(std::chrono::milliseconds interval, std::chrono::milliseconds timeout);
// Times by the names of their options; none may be negative.
void check_times(
    std::initializer_list<std::pair<std::string_view, std::chrono::milliseconds>> named);
void check_identity(std::string_view identity);
[[nodiscard]] wire::limits wire_limits(const limits& l, std::size_t queue_bytes);
// The bounds of the queue to a peer, and what happens there: fields that both roles have.
template <class Options>
void set_queue(engine::settings& s, const Options& o) {
  s.session.queue_bytes = o.queue_bytes;
  s.session.queue_messages = std::max<std::size_t>(1, o.queue_messages);
  s.overflow = o.overflow;
  s.block_for = o.block_for;
  // What has left cannot be dropped: half of the queue stays here.
  if (o.overflow == overflow_policy::drop_oldest) s.session.window_use_max = o.queue_bytes / 2;
}

}  // namespace ipczmq::api
