// SPDX-License-Identifier: MIT
#include <ipczmq/ipc_main.hpp>

#include "api/setup.hpp"
#include "engine/main_endpoint.hpp"

namespace ipczmq {

struct ipc_main::parts : api::parts_base {
  std::shared_ptr<engine::main_endpoint> engine;

  explicit parts(main_options o) : parts_base(api::make_parts("ipc_main", nullptr)) {
    api::check_identity(o.identity);
    api::check_pings(o.ping_interval, o.ping_timeout);
    api::check_times({{"unresponsive_after", o.unresponsive_after},
                      {"resume_for", o.resume_for},
                      {"linger", o.linger},
                      {"call_deadline", o.call_deadline},
                      {"block_for", o.block_for}});
    std::vector<transport::address> where;
    if (o.endpoints.empty()) o.endpoints.push_back(transport::default_endpoint());
    for (const std::string& e : o.endpoints) where.push_back(api::usable_address(e, o.insecure));

    engine::settings s;
    s.identity = std::move(o.identity);
    s.session.main_side = true;
    s.session.limits = api::wire_limits(o.limits, o.queue_bytes);
    s.session.ping_interval = o.ping_interval;
    s.session.ping_timeout = o.ping_timeout;
    s.session.unresponsive_after = o.unresponsive_after;
    api::set_queue(s, o);
    s.queue_total = o.total_queue_bytes;
    s.inbox_total = o.total_inbox_bytes;
    s.session.epoch = session::clock::now();
    s.linger = o.linger;
    s.call_deadline = o.call_deadline;
    s.insecure = o.insecure;
    s.log = std::move(o.log);
    s.tap = std::move(o.tap);
    s.make_table = [link = late](std::string name) {
      return api::make_table(link, std::move(name), nullptr);
    };
    const engine::main_settings m{o.duplicates == duplicate_policy::replace, o.resume_for,
                                  o.connections_max};
    engine = std::make_shared<engine::main_endpoint>(std::move(s), m, dispatcher);
    *late = engine;
    engine->open(where);
  }
};

ipc_main::ipc_main(main_options o) : ipc_main((api::check_headers(), parts(std::move(o)))) {}
ipc_main::ipc_main(const parts& p) : endpoint(p.engine, p.dispatcher, p.table) {}
ipc_main::~ipc_main() = default;

namespace {
engine::main_endpoint& main_of(const std::shared_ptr<engine::endpoint>& e) {
  return static_cast<engine::main_endpoint&>(*e);
}
}  // namespace

std::vector<std::string> ipc_main::endpoints() const { return main_of(engine_).endpoints(); }

std::size_t ipc_main::broadcast_packed(std::string_view channel, const detail::packed& p,
                                       bool subscribers_only) {
  return main_of(engine_).broadcast(channel, p, subscribers_only);
}
std::size_t ipc_main::broadcast_raw(std::string_view channel, bytes_view packed_args,
                                    std::span<const buffer> buffers) {
  return broadcast_packed(channel, detail::check_raw(packed_args, buffers, true), false);
}
std::size_t ipc_main::publish_raw(std::string_view channel, bytes_view packed_args,
                                  std::span<const buffer> buffers) {
  return broadcast_packed(channel, detail::check_raw(packed_args, buffers, true), true);
}

std::vector<ipczmq::web_contents> ipc_main::web_contents() const {
  std::vector<ipczmq::web_contents> all;
  for (auto& r : main_of(engine_).remotes()) all.emplace_back(std::move(r));
  return all;
}

std::optional<ipczmq::web_contents> ipc_main::from_id(std::uint64_t id) const {
  auto r = main_of(engine_).find(id);
  if (r == nullptr) return std::nullopt;
  return ipczmq::web_contents(std::move(r));
}

std::optional<ipczmq::web_contents> ipc_main::from_identity(std::string_view identity) const {
  auto r = main_of(engine_).find(identity);
  if (r == nullptr) return std::nullopt;
  return ipczmq::web_contents(std::move(r));
}

void ipc_main::on_web_contents_created(contents_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::created, std::move(h));
}
void ipc_main::on_render_process_gone(gone_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::gone, std::move(h));
}
void ipc_main::on_destroyed(contents_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::destroyed, std::move(h));
}
void ipc_main::on_unresponsive(contents_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::unresponsive, std::move(h));
}
void ipc_main::on_responsive(contents_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::responsive, std::move(h));
}
void ipc_main::on_recovered(recovered_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::recovered, std::move(h));
}
void ipc_main::on_overflow(overflow_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::overflow, std::move(h));
}
void ipc_main::on_drain(contents_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::drain, std::move(h));
}

std::string_view to_string(gone_reason r) noexcept {
  switch (r) {
    case gone_reason::clean_exit:
      return "clean-exit";
    case gone_reason::crashed:
      return "crashed";
    case gone_reason::lost:
      return "lost";
    case gone_reason::killed:
      return "killed";
    case gone_reason::protocol_error:
      return "protocol-error";
    case gone_reason::overflow:
      return "overflow";
  }
  return "unknown";
}

}  // namespace ipczmq
