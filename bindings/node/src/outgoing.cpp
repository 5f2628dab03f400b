// SPDX-License-Identifier: MIT
// From JavaScript to the core: send, invoke, sendSync.
#include "js.hpp"
#include "node_endpoint.hpp"

#include <future>

namespace ipczmq_node {

namespace {

using namespace std::chrono_literals;

// How often a blocked sendSync looks whether its worker is being terminated.
constexpr auto slice = 50ms;

ipczmq::call_options options_of(const Napi::Value& timeout) {
  ipczmq::call_options o;
  o.deadline = to_duration(timeout);
  return o;
}

// The worker is being terminated: there is no JavaScript any more that could see an error.
struct terminated {};

ipczmq::error gone() { return {ipczmq::errc::peer_gone, "Object has been destroyed"}; }

}  // namespace

// In a listener the core does not wait for room. JavaScript after `await invoke(…)` is in one, too,
// and nobody can tell: so it waits there as anywhere else, by way of another thread. What may be
// endless in the core is bounded here: a renderer has its `blockFor`.
template <class F>
auto node_endpoint::waiting(const F& f) const -> decltype(f()) {
  if (!blocks_ || !pumping_) return f();
  try {
    return f();
  } catch (const ipczmq::error& e) {
    if (e.code() != ipczmq::errc::overflow) throw;
  }
  return std::async(std::launch::async, f).get();
}

// send(peer, channel, bytes, start, end, attachments)
Napi::Value node_endpoint::send(const Napi::CallbackInfo& info) {
  check_open();
  guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[1]);
    const outgoing out = environment::take(info, 2);
    if (renderer_ != nullptr) {
      waiting([&] { renderer_->send_raw(channel, out.bytes, out.attachments); });
      return;
    }
    const auto it = peers_.find(to_uint64(info.Env(), info[0]));
    if (it == peers_.end()) throw gone();
    it->second.send_raw(channel, out.bytes, out.attachments);
  });
  return {};
}

// broadcast(channel, bytes, start, end, attachments): how many renderers get it.
Napi::Value node_endpoint::broadcast(const Napi::CallbackInfo& info) {
  check_open();
  return guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[0]);
    const outgoing out = environment::take(info, 1);
    const auto n = main_->broadcast_raw(channel, out.bytes, out.attachments);
    return Napi::Number::New(info.Env(), static_cast<double>(n));
  });
}

Napi::Value node_endpoint::publish(const Napi::CallbackInfo& info) {
  check_open();
  return guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[0]);
    const outgoing out = environment::take(info, 1);
    const auto n = main_->publish_raw(channel, out.bytes, out.attachments);
    return Napi::Number::New(info.Env(), static_cast<double>(n));
  });
}

// invoke(peer, channel, bytes, start, end, attachments, timeout): the number that `reply` will
// name.
Napi::Value node_endpoint::invoke(const Napi::CallbackInfo& info) {
  check_open();
  return guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[1]);
    const outgoing out = environment::take(info, 2);
    const auto options = options_of(info[6]);
    ipczmq::call<ipczmq::value> c;
    if (renderer_ != nullptr) {
      c = waiting(
          [&] { return renderer_->invoke_raw(options, channel, out.bytes, out.attachments); });
    } else {
      const auto it = peers_.find(to_uint64(info.Env(), info[0]));
      if (it == peers_.end()) throw gone();
      c = it->second.invoke_raw(options, channel, out.bytes, out.attachments);
    }
    std::uint32_t id = 0;
    do {
      id = ++last_call_;
    } while (id == 0 || calls_.contains(id));
    calls_.emplace(id, c);
    c.then([this, id](const ipczmq::call<ipczmq::value>& done) { on_reply(id, done); });
    return Napi::Number::New(info.Env(), id);
  });
}

Napi::Value node_endpoint::cancel(const Napi::CallbackInfo& info) {
  const auto it = calls_.find(to_uint32(info.Env(), info[0]));
  if (it != calls_.end()) {
    const auto call = it->second;
    guarded(info.Env(), [&] { call.cancel(); });
  }
  return info.Env().Undefined();
}

ipczmq::value node_endpoint::wait_for(const ipczmq::call<ipczmq::value>& call) const {
  for (;;) {
    try {
      return call.get_for(slice);
    } catch (const ipczmq::error& e) {
      if (e.code() != ipczmq::errc::timed_out || call.ready()) return call.get();
    }
    if (!shared().alive(Env())) {
      call.cancel();
      throw terminated();
    }
  }
}

// sendSync(channel, bytes, start, end, attachments, timeout): the value.
Napi::Value node_endpoint::send_sync(const Napi::CallbackInfo& info) {
  check_open();
  const Napi::Env env = info.Env();
  ipczmq::value v;
  try {
    const channel_name channel(env, info[0]);
    const outgoing out = environment::take(info, 1);
    const auto options = options_of(info[5]);
    v = wait_for(waiting(
        [&] { return renderer_->begin_sync_raw(options, channel, out.bytes, out.attachments); }));
  } catch (const terminated&) {
    return {};
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception&) {
    throw Napi::Error(env, make_error(env, std::current_exception(), [&](ipczmq::bytes_view data) {
                        return shared().decode(env, ipczmq::value_view(data, {}));
                      }));
  }
  napi_value result = shared().decode(env, ipczmq::value_view(v.bytes(), v.attachments()));
  if (result == nullptr) return {};
  return {env, result};
}

}  // namespace ipczmq_node
