// SPDX-License-Identifier: MIT
#include <ipczmq/web_contents.hpp>

#include "engine/main_endpoint.hpp"
#include "engine/pending_call.hpp"

#include <ipczmq/emitter.hpp>

namespace ipczmq {

namespace {

const std::shared_ptr<engine::remote>& there(const std::shared_ptr<engine::remote>& r) {
  if (r == nullptr)
    throw error(errc::peer_gone,
                "this web_contents stands for nobody (a local event has no sender)");
  return r;
}

std::shared_ptr<engine::endpoint> owner_of(const std::shared_ptr<engine::remote>& r) {
  auto e = there(r)->owner.lock();
  if (e == nullptr) throw error(errc::closed, "the endpoint of '" + r->identity + "' is closed");
  return e;
}

}  // namespace

std::uint64_t web_contents::id() const noexcept { return remote_ == nullptr ? 0 : remote_->id; }

const std::string& web_contents::identity() const noexcept {
  static const std::string nobody;
  return remote_ == nullptr ? nobody : remote_->identity;
}

bool web_contents::is_destroyed() const noexcept {
  return remote_ == nullptr || remote_->destroyed;
}

void web_contents::send_packed(std::string_view channel, const detail::packed& p) const {
  owner_of(remote_)->send_event(remote_, channel, p);
}
void web_contents::send_raw(std::string_view channel, bytes_view packed_args,
                            std::span<const buffer> buffers) const {
  send_packed(channel, detail::check_raw(packed_args, buffers, true));
}

std::shared_ptr<detail::call_state> web_contents::invoke_packed(const call_options& o,
                                                                std::string_view channel,
                                                                const detail::packed& p) const {
  return owner_of(remote_)->start_call(remote_, wire::kind::invoke, o, channel, p);
}
call<value> web_contents::invoke_raw(const call_options& o, std::string_view channel,
                                     bytes_view packed_args,
                                     std::span<const buffer> buffers) const {
  return call<value>(invoke_packed(o, channel, detail::check_raw(packed_args, buffers, true)));
}

emitter web_contents::ipc() const { return emitter(there(remote_)->ipc); }

void web_contents::close() const {
  const auto e = owner_of(remote_);
  // In a renderer it stands for main, which only main itself can close.
  if (auto* m = dynamic_cast<engine::main_endpoint*>(e.get())) m->kill(remote_);
}

peer_info web_contents::info() const { return owner_of(remote_)->info_of(remote_); }
bool web_contents::writable() const { return owner_of(remote_)->writable(remote_); }

}  // namespace ipczmq
