// SPDX-License-Identifier: MIT
#include <ipczmq/ipc_renderer.hpp>

#include "api/setup.hpp"
#include "engine/pending_call.hpp"
#include "engine/process_info.hpp"
#include "engine/renderer_endpoint.hpp"

#include <unistd.h>

#include <atomic>

namespace ipczmq {

namespace {

std::string default_identity() {
  static std::atomic<unsigned> count{0};
  return support::program_name().substr(0, 100) + "." + std::to_string(::getpid()) + "." +
         std::to_string(++count);
}

engine::renderer_endpoint& renderer_of(const std::shared_ptr<engine::endpoint>& e) {
  return static_cast<engine::renderer_endpoint&>(*e);
}

std::function<void(std::string_view)> tell_main(
    const std::shared_ptr<std::weak_ptr<engine::endpoint>>& link) {
  return [link](std::string_view channel) {
    if (const auto e = link->lock()) renderer_of(e).subscription_changed(channel);
  };
}

}  // namespace

struct ipc_renderer::parts : api::parts_base {
  std::shared_ptr<engine::renderer_endpoint> engine;

  explicit parts(renderer_options o) {
    auto link = std::make_shared<std::weak_ptr<engine::endpoint>>();
    static_cast<parts_base&>(*this) = api::make_parts("ipc_renderer", tell_main(link));
    if (o.identity.empty()) o.identity = default_identity();
    api::check_identity(o.identity);
    api::check_times({{"connect_within", o.connect_within.value_or(std::chrono::milliseconds{0})},
                      {"call_deadline", o.call_deadline},
                      {"linger", o.linger},
                      {"block_for", o.block_for}});
    if (o.endpoint.empty()) o.endpoint = transport::default_endpoint();
    auto where = api::usable_address(o.endpoint, o.insecure);

    engine::settings s;
    s.identity = std::move(o.identity);
    s.session.limits = api::wire_limits(o.limits, o.queue_bytes);
    api::set_queue(s, o);
    s.session.repeat_to_next_main = o.after_restart == restart_policy::repeat;
    s.session.hello_once = where.scheme == transport::scheme::inproc;
    s.session.first_call_id = engine::random_call_id();
    s.session.epoch = session::clock::now();
    s.linger = o.linger;
    s.call_deadline = o.call_deadline;
    s.insecure = o.insecure;
    s.log = std::move(o.log);
    s.tap = std::move(o.tap);
    // The listeners for main alone (`event.sender.ipc()`) count as well.
    auto sender_table = api::make_table(late, "ipc_renderer's sender.ipc()", tell_main(link));
    s.make_table = [sender_table](const std::string&) { return sender_table; };
    s.listens = [own = table, sender_table](std::string_view channel) {
      return channel.empty() ? own->has_any() || sender_table->has_any()
                             : own->count(channel) + sender_table->count(channel) != 0;
    };
    s.channels = [own = table, sender_table] {
      auto names = own->names();
      for (auto& name : sender_table->names()) names.push_back(std::move(name));
      return names;
    };
    engine =
        std::make_shared<engine::renderer_endpoint>(std::move(s), dispatcher, std::move(where));
    *late = engine;
    *link = engine;
    engine->open();
    if (o.connect_within) {
      try {
        engine->wait_connected(*o.connect_within);
      } catch (...) {
        engine->close();
        throw;
      }
    }
  }
};

ipc_renderer::ipc_renderer(renderer_options o)
    : ipc_renderer((api::check_headers(), parts(std::move(o)))) {}
ipc_renderer::ipc_renderer(const parts& p) : endpoint(p.engine, p.dispatcher, p.table) {}
ipc_renderer::~ipc_renderer() = default;

void ipc_renderer::send_packed(std::string_view channel, const detail::packed& p) {
  engine_->send_event(renderer_of(engine_).main(), channel, p);
}
void ipc_renderer::send_raw(std::string_view channel, bytes_view packed_args,
                            std::span<const buffer> buffers) {
  send_packed(channel, detail::check_raw(packed_args, buffers, true));
}

std::shared_ptr<detail::call_state> ipc_renderer::call_packed(const call_options& o,
                                                              std::string_view channel,
                                                              const detail::packed& p, bool sync) {
  return engine_->start_call(renderer_of(engine_).main(),
                             sync ? wire::kind::sync_call : wire::kind::invoke, o, channel, p);
}
value ipc_renderer::send_sync_raw(const call_options& o, std::string_view channel,
                                  bytes_view packed_args, std::span<const buffer> buffers) {
  return begin_sync_raw(o, channel, packed_args, buffers).get();
}
call<value> ipc_renderer::begin_sync_raw(const call_options& o, std::string_view channel,
                                         bytes_view packed_args, std::span<const buffer> buffers) {
  return call<value>(call_packed(o, channel, detail::check_raw(packed_args, buffers, true), true));
}
call<value> ipc_renderer::invoke_raw(const call_options& o, std::string_view channel,
                                     bytes_view packed_args, std::span<const buffer> buffers) {
  return call<value>(call_packed(o, channel, detail::check_raw(packed_args, buffers, true), false));
}

bool ipc_renderer::is_connected() const { return renderer_of(engine_).connected(); }
peer_info ipc_renderer::info() const { return engine_->info_of(renderer_of(engine_).main()); }
bool ipc_renderer::writable() const { return engine_->writable(renderer_of(engine_).main()); }

void ipc_renderer::on_connected(state_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::connected, std::move(h));
}
void ipc_renderer::on_recovered(state_hook h) {
  on_recovered(h == nullptr ? recovered_hook()
                            : [h = std::move(h)](const recovery_details&) { h(); });
}
void ipc_renderer::on_recovered(recovered_hook h) {
  dispatcher_->set_hook(
      &dispatch::hooks::recovered,
      h == nullptr ? ipc_main::recovered_hook()
                   : [h = std::move(h)](const web_contents&, const recovery_details& d) { h(d); });
}
void ipc_renderer::on_overflow(overflow_hook h) {
  dispatcher_->set_hook(
      &dispatch::hooks::overflow,
      h == nullptr ? ipc_main::overflow_hook()
                   : [h = std::move(h)](const web_contents&, std::size_t n) { h(n); });
}
void ipc_renderer::on_drain(state_hook h) {
  dispatcher_->set_hook(
      &dispatch::hooks::drain,
      h == nullptr ? ipc_main::contents_hook() : [h = std::move(h)](const web_contents&) { h(); });
}
void ipc_renderer::on_disconnected(disconnect_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::disconnected, std::move(h));
}
void ipc_renderer::on_closed(disconnect_hook h) {
  dispatcher_->set_hook(&dispatch::hooks::closed, std::move(h));
}

}  // namespace ipczmq
