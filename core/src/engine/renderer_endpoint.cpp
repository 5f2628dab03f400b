// SPDX-License-Identifier: MIT
#include "engine/renderer_endpoint.hpp"

#include "engine/process_info.hpp"
#include "wire/decode.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::engine {

using session::clock;
using session::never;
using session::time_point;

namespace {

constexpr auto main_missing_after = std::chrono::seconds(3);
constexpr auto process_check_interval = std::chrono::milliseconds(50);
constexpr auto inproc_look_interval = std::chrono::milliseconds(20);

wire::hello make_hello(const settings& s) {
  wire::hello h;
  h.identity = s.identity;
  h.limits = s.session.limits;
  h.process = this_process();
  h.instance = random_secret();
  return h;
}

}  // namespace

renderer_endpoint::renderer_endpoint(settings s, std::shared_ptr<consumer> c,
                                     transport::address main_at)
    : endpoint(std::move(s), std::move(c)),
      address_(std::move(main_at)),
      client_(settings_.session, make_hello(settings_), clock::now()),
      warn_at_(clock::now() + main_missing_after),
      look_at_(never) {}

void renderer_endpoint::open() {
  {
    guard g(*this);
    main_ = std::make_shared<remote>(0, "main", weak_from_this(),
                                     settings_.make_table("ipc_renderer.sender.ipc()"));
    main_->session = &client_.current();
    main_->transport = address_.scheme == transport::scheme::ipc   ? "ipc"
                       : address_.scheme == transport::scheme::tcp ? "tcp"
                                                                   : "inproc";
    if (!address_.loopback)
      say(log_level::warning, "connecting to " + address_.text +
                                  " without keys, as `insecure` allows: anybody on the way can "
                                  "read and alter what is sent");
    connect_socket(false);
    arm(main_, clock::now());
  }
  service_->attach(*this);
  service_->tell(*this);
}

void renderer_endpoint::connect_socket(bool keep_name) {
  if (!keep_name) {
    const wire::secret nonce = random_secret();
    routing_id_ = settings_.identity + '\0' +
                  std::string(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  }
  transport::socket_options o;
  o.routing_id = routing_id_;
  o.part_bytes_max = settings_.session.limits.frame_bytes;
  auto s = std::make_unique<transport::socket>(service_->context, transport::role::dealer, o);
  s->connect(address_);
  open_socket(std::move(s));
}

void renderer_endpoint::reconnect(bool keep_name) {
  try {
    connect_socket(keep_name);
  } catch (const std::exception& e) {
    // The old socket stays; it serves as long as main takes its routing id.
    say(log_level::error, "renderer '" + settings_.identity + "' cannot connect anew: " + e.what());
  }
}

void renderer_endpoint::wait_connected(std::chrono::milliseconds within) {
  guard g(*this);
  const std::function<bool()> known = [this]() NO_THREAD_SAFETY_ANALYSIS {
    return client_.connected() || client_.closed();
  };
  if (!wait(known, session::later(clock::now(), within)))
    throw error(errc::disconnected, "no main answers at " + address_.text + " after " +
                                        std::to_string(within.count()) +
                                        " ms; start it, or check the endpoint (IPCZMQ_ENDPOINT)");
  check_reachable(*main_);
}

bool renderer_endpoint::connected() {
  check_process();
  guard g(*this);
  return client_.connected();
}

void renderer_endpoint::check_reachable(const remote&) {
  if (closing_) throw error(errc::closed, "the renderer is closed");
  if (client_.closed()) throw error(client_.why().code, client_.why().text);
}

std::string renderer_endpoint::name_of(const remote&) const { return "main"; }

void renderer_endpoint::give_up(const std::shared_ptr<remote>& to, const std::string& why) {
  const auto now = clock::now();
  flush_all(now);
  if (client_.connected()) send_bye(*to, "overflow");
  client_.close(errc::overflow, "main was given up: " + why, fx_);
  settle(nullptr, now);
  wake_driver();
}

void renderer_endpoint::on_incoming(transport::incoming& in, time_point now) {
  std::shared_ptr<wire::frame> f = service_->frames->take();
  std::swap(f->parts, in.parts);
  const std::string wrong =
      in.oversized ? "more parts or bytes than agreed" : wire::decode(*f, settings_.session.limits);
  if (!wrong.empty()) {
    ++stats_.frames_malformed;
    client_.on_malformed(wrong, now, fx_);
    if (wire::begins_with_refuse(f->parts)) fx_.peer.send.clear();
  } else {
    for (const auto& m : f->messages)
      bye_seen_ = bye_seen_ || (closing_ && m.kind == wire::kind::bye);
    client_.on_frame(f, now, fx_);
  }
  settle(f, now);
  if (f->parts.size() > 1) deferred_.destroy.push_back(std::move(f));
}

void renderer_endpoint::on_link(const transport::monitor_event& e, time_point now) {
  if (e.what == transport::link_event::connected) client_.on_link_up(now, fx_);
  if (e.what == transport::link_event::disconnected) {
    client_.on_link_down(now, fx_);
    if (main_->process.known()) main_->check_process = now;
  }
  settle(nullptr, now);
}

void renderer_endpoint::tick_remote(const std::shared_ptr<remote>&, time_point now) {
  if (main_->check_process <= now) {
    main_->check_process =
        client_.connected() || client_.closed() ? never : now + process_check_interval;
    if (!main_->process.alive()) {
      main_->check_process = never;
      client_.on_main_died(now, fx_);
    }
  }
  if (now >= warn_at_) {
    warn_at_ = never;
    if (!client_.ever_connected() && !client_.closed())
      say(log_level::warning,
          "renderer '" + settings_.identity + "': no main answers at " + address_.text +
              " yet; it waits (start main, or set connect_within to fail instead)");
  }
  if (address_.scheme == transport::scheme::inproc) look_for_main(now);
  client_.tick(now, fx_);
  settle(nullptr, now);
}

// Over inproc nobody connects again, or tells that a connection has come or gone.
void renderer_endpoint::look_for_main(time_point now) {
  look_at_ = never;
  if (client_.connected() || client_.closed() || has_peer()) return;
  if (socket_->connects()) {
    client_.on_link_down(now, fx_);
    settle(nullptr, now);  // the next hello goes over the new socket
  } else if (socket_->connect(address_)) {
    client_.on_link_up(now, fx_);
    return;
  }
  if (!socket_->connects()) look_at_ = now + inproc_look_interval;
}

time_point renderer_endpoint::due_of(const remote& r) {
  return std::min(
      {client_.next_due(), r.check_process, client_.ever_connected() ? never : warn_at_, look_at_});
}

void renderer_endpoint::flush_remote(const std::shared_ptr<remote>&, time_point now) {
  client_.flush(now, fx_);
  apply(main_, fx_.peer, nullptr);
  arm_flushed(main_, now);
}

// Does what the client decided.
void renderer_endpoint::settle(const std::shared_ptr<const wire::frame>& f, time_point now) {
  session::client_effects fx = std::move(fx_);
  fx_.clear();
  if (main_->session != &client_.current()) {
    // Another session: what the old one still has in the inbox is neither counted nor answered by
    // this one.
    main_->session = &client_.current();
    ++main_->generation;
    stop_serving(main_);
    main_->cancelled_early.clear();
  }
  if (fx.retired != nullptr) {
    count_session(*fx.retired);
    deferred_.destroy.push_back(std::move(fx.retired));
  }
  apply(main_, fx.peer, f);
  if (fx.closed) socket_->disconnect();
  // While it closes, a connection that ends is no news; messages that are lost with it are.
  if (closing_ && fx.disconnected && fx.disconnected->lost.total() + fx.disconnected->repeated == 0)
    fx.disconnected.reset();
  if (fx.new_socket && !client_.current().bye_sent()) reconnect(fx.keep_name);
  if (fx.disconnected) report(notice::kind::disconnected, *fx.disconnected);
  if (fx.connected) on_connected();
  if (fx.recovered)
    push(main_, notice{.what = notice::kind::recovered,
                       .who = main_,
                       .repeated = fx.repeated,
                       .away = fx.away});
  if (fx.closed) report(notice::kind::closed, *fx.closed);
  main_->linked = client_.connected();
  mark_dirty(main_);
  arm(main_, now);
}

void renderer_endpoint::report(notice::kind what, const session::client_effects::ended& e) {
  stats_.messages_lost += e.lost.total();
  stats_.messages_repeated += e.repeated;
  if (e.lost.total() != 0 || what == notice::kind::closed)
    say(log_level::warning,
        "renderer '" + settings_.identity + "': " + e.text +
            (e.lost.total() != 0 ? "; " + std::to_string(e.lost.total()) +
                                       " message(s) to main were not acknowledged and may be lost"
                                 : "") +
            (what == notice::kind::closed ? "; it does not connect again" : ""));
  push(main_, notice{.what = what,
                     .who = main_,
                     .code = e.code,
                     .text = e.text,
                     .lost = e.lost,
                     .repeated = e.repeated});
}

void renderer_endpoint::on_connected() {
  const wire::welcome& w = *client_.main();
  main_->process_info = w.process;
  const bool local = !w.process.boot.empty() && w.process.boot == this_process().boot;
  main_->process = local ? support::local_process(w.process.pid) : support::local_process();
  main_->check_process = never;
  announced_.clear();
  crowded_ = false;
  if (settings_.channels) {
    if (settings_.listens("")) announce("");
    for (const std::string& channel : settings_.channels()) announce(channel);
  }
  push(main_, notice{.what = notice::kind::connected, .who = main_});
}

void renderer_endpoint::announce(std::string_view channel) {
  const bool wanted = settings_.listens(channel) || (crowded_ && channel.empty());
  const auto it = announced_.find(channel);
  if (wanted == (it != announced_.end())) return;
  if (wanted && !channel.empty() && announced_.size() >= wire::subscriptions_max) {
    // Main keeps no more names. What is published to every channel reaches it all the same.
    crowded_ = true;
    announce("");
    return;
  }
  if (wanted) {
    announced_.emplace(channel);
  } else {
    announced_.erase(it);
  }
  if (settings_.tap)
    record(false, *main_, wanted ? wire::kind::subscribe : wire::kind::unsubscribe, 0, channel, 0);
  main_->session->subscription(wanted ? wire::kind::subscribe : wire::kind::unsubscribe, channel);
  mark_dirty(main_);
}

void renderer_endpoint::subscription_changed(std::string_view channel) {
  if (!own_process()) return;
  guard g(*this);
  if (socket_ == nullptr || closing_ || !client_.main() || client_.closed()) return;
  announce(channel);
  after_append();
}

void renderer_endpoint::each(const std::function<void(const std::shared_ptr<remote>&)>& f) {
  if (main_->session != nullptr) f(main_);
}

bool renderer_endpoint::busy() {
  return !client_.closed() && (!client_.connected() || !main_->session->wire_stream().idle() ||
                               main_->session->calls_open() != 0);
}

std::string renderer_endpoint::unreachable_hint() {
  if (client_.connected()) return {};
  return std::string(client_.ever_connected() ? "main is not connected now at "
                                              : "no main answers at ") +
         address_.text + " (start it, or check IPCZMQ_ENDPOINT)";
}

// Whether main is there and may know this renderer.
bool renderer_endpoint::introduced() {
  return client_.introduced() && (address_.scheme != transport::scheme::inproc || has_peer());
}

void renderer_endpoint::say_bye(time_point) {
  if (introduced()) send_bye(*main_, "closed");
}

bool renderer_endpoint::bye_answered() { return bye_seen_ || !introduced(); }

void renderer_endpoint::end_all() {
  client_.close(errc::closed, "the renderer was closed", fx_);
  fx_.closed.reset();
  stop_serving(main_);
  apply(main_, fx_.peer, nullptr);
  main_->session = nullptr;
  account(*main_);
  main_->destroyed = true;
  retired_.push_back(main_);
}

}  // namespace ipczmq::engine
