// SPDX-License-Identifier: MIT
// From the core to JavaScript, one message at a time, and the answers to calls.
#include "js.hpp"
#include "node_endpoint.hpp"

#include <utility>

namespace ipczmq_node {

namespace {
// Channels that get a number in JavaScript's list; a peer may name more than we want to keep.
constexpr std::size_t numbered_channels = 1024;
}  // namespace

void node_endpoint::pump() {
  if (watch_ == nullptr || ended_) return;
  const Napi::HandleScope scope(Env());
  const std::shared_ptr<const void> keep[] = {main_, renderer_};
  pumping_ = true;
  try {
    core_->poll();
  } catch (const Napi::Error&) {
    // This environment is being terminated.
  } catch (const std::exception& e) {
    if (watch_ != nullptr && !core_->is_closed()) notice("failure", 0, {}, e.what(), 0);
  }
  pumping_ = false;
  dying_.clear();
}

// Runs it as a task of its own: promises and process.nextTick go on after each. What it throws is
// an uncaught exception, as in any callback of the event loop.
napi_value node_endpoint::call_js(const Napi::FunctionReference& f, std::size_t argc,
                                  napi_value* argv) {
  if (f.IsEmpty()) return nullptr;
  const napi_env env = Env();
  napi_value result = nullptr;
  napi_value receiver = nullptr;
  napi_value function = nullptr;
  napi_get_reference_value(env, receiver_, &receiver);
  napi_get_reference_value(env, f, &function);
  // Where the environment is being terminated nothing of this succeeds, and nobody is left to tell.
  const auto status = napi_make_callback(env, context_, receiver, function, argc, argv, &result);
  if (status == napi_pending_exception) {
    napi_value thrown = nullptr;
    if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok)
      napi_fatal_exception(env, thrown);
    return nullptr;
  }
  return result;
}

napi_value node_endpoint::channel_value(std::string_view channel) {
  if (const auto it = channels_.find(channel); it != channels_.end())
    return make_number(Env(), it->second);
  if (channels_.size() < numbered_channels)
    channels_.emplace(channel, static_cast<std::uint32_t>(channels_.size()));
  return make_string(Env(), channel);
}

void node_endpoint::on_message(kind what, ipczmq::event& e, const ipczmq::args& a,
                               std::optional<ipczmq::deferred<>> answer) {
  if (ended_ || watch_ == nullptr) return;
  const napi_env env = Env();
  const Napi::HandleScope scope(env);
  std::uint32_t id = 0;
  sync_failure_ = nullptr;
  if (what != kind::event) {
    do {
      id = ++last_reply_;
    } while (id == 0 || open_.contains(id));
    open_.emplace(id, open_call{e, std::move(answer), nullptr});
  }
  {
    const environment::attachments_scope current(shared(), a.attachments());
    napi_value source = shared().place(env, a.bytes());
    napi_value argv[] = {make_number(env, static_cast<double>(what)),
                         make_number(env, static_cast<double>(e.sender.id())),
                         channel_value(e.channel),
                         make_number(env, static_cast<double>(a.bytes().size())),
                         source,
                         make_number(env, id)};
    call_js(message_, 6, argv);
  }
  if (what == kind::sync_call && sync_failure_ != nullptr) {
    // The core answers with it when the last copy of the event is gone, which is after this.
    dying_.push_back(e);
    std::rethrow_exception(sync_failure_);
  }
}

void node_endpoint::on_reply(std::uint32_t id, const ipczmq::call<ipczmq::value>& c) {
  calls_.erase(id);
  if (ended_ || watch_ == nullptr) return;
  const napi_env env = Env();
  const Napi::HandleScope scope(env);
  napi_value argv[4] = {make_number(env, id), undefined(env), undefined(env), undefined(env)};
  ipczmq::value v;
  std::exception_ptr failure;
  try {
    v = c.get();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure != nullptr) {
    argv[1] = make_error(env, failure, [&](ipczmq::bytes_view data) {
      return shared().decode(env, ipczmq::value_view(data, {}));
    });
    call_js(reply_, 2, argv);
    return;
  }
  const environment::attachments_scope current(shared(), v.attachments());
  argv[2] = make_number(env, static_cast<double>(v.bytes().size()));
  argv[3] = shared().place(env, v.bytes());
  call_js(reply_, 4, argv);
}

// answer(reply, bytes, start, end, attachments): false when nobody waits for it any more.
Napi::Value node_endpoint::answer(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto it = open_.find(to_uint32(info.Env(), info[0]));
    if (it == open_.end()) return Napi::Boolean::New(info.Env(), false);
    const outgoing out = environment::take(info, 1);
    if (it->second.answer) {
      it->second.answer->resolve(ipczmq::value_view(out.bytes, out.attachments));
    } else {
      it->second.event.return_value.set_raw(out.bytes, out.attachments);
    }
    open_.erase(it);
    return Napi::Boolean::New(info.Env(), true);
  });
}

// fail(reply, code, name, message, data): of a synchronous call only while its listeners run.
Napi::Value node_endpoint::fail(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto it = open_.find(to_uint32(info.Env(), info[0]));
    if (it == open_.end()) return Napi::Boolean::New(info.Env(), false);
    const auto code = ipczmq::errc_from_name(info[1].As<Napi::String>().Utf8Value());
    const auto name = info[2].As<Napi::String>().Utf8Value();
    const auto message = info[3].As<Napi::String>().Utf8Value();
    std::exception_ptr failure;
    if (code == ipczmq::errc::remote_failed) {
      std::vector<std::byte> data;
      if (info[4].IsTypedArray()) {
        const auto bytes = info[4].As<Napi::Uint8Array>();
        const auto* p = reinterpret_cast<const std::byte*>(bytes.Data());
        data.assign(p, p + bytes.ByteLength());
      }
      failure = std::make_exception_ptr(ipczmq::remote_error(name, message, std::move(data)));
    } else {
      failure = std::make_exception_ptr(ipczmq::error(code, message));
    }
    if (it->second.answer) {
      it->second.answer->reject(failure);
    } else {
      sync_failure_ = failure;
    }
    open_.erase(it);
    return Napi::Boolean::New(info.Env(), true);
  });
}

Napi::Value node_endpoint::drop(const Napi::CallbackInfo& info) {
  open_.erase(to_uint32(info.Env(), info[0]));
  return info.Env().Undefined();
}

// Tells JavaScript when the caller has cancelled, timed out or gone; at once if it has already.
Napi::Value node_endpoint::watch_cancel(const Napi::CallbackInfo& info) {
  const auto id = to_uint32(info.Env(), info[0]);
  const auto it = open_.find(id);
  if (it == open_.end() || it->second.cancelled != nullptr || watch_ == nullptr)
    return info.Env().Undefined();
  std::function<void()> tell = [this, id, watch = watch_] {
    watch->post([this, id] {
      if (ended_ || watch_ == nullptr) return;
      const Napi::HandleScope scope(Env());
      napi_value argv[] = {make_number(Env(), id)};
      call_js(cancelled_, 1, argv);
    });
  };
  it->second.cancelled = std::make_unique<std::stop_callback<std::function<void()>>>(
      it->second.event.stop_token(), std::move(tell));
  return info.Env().Undefined();
}

// A renderer listens on each channel by name, so that main knows what to publish to it.
Napi::Value node_endpoint::listen(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[0]);
    listening_.emplace(std::string(channel),
                       core_->on(channel, [this](ipczmq::event& e, ipczmq::args a) {
                         on_message(kind::event, e, a, {});
                       }));
    return info.Env().Undefined();
  });
}

Napi::Value node_endpoint::unlisten(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto it = listening_.find(std::string(channel_name(info.Env(), info[0])));
    if (it != listening_.end()) {
      it->second.remove();
      listening_.erase(it);
    }
    return info.Env().Undefined();
  });
}

// handle(peer, channel)
Napi::Value node_endpoint::handle(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const channel_name channel(info.Env(), info[1]);
    emitter_of(to_uint64(info.Env(), info[0]))
        .handle(channel, [this](ipczmq::event& e, ipczmq::args a) {
          ipczmq::deferred<> later;
          on_message(kind::invoke, e, a, later);
          return later;
        });
    return info.Env().Undefined();
  });
}

Napi::Value node_endpoint::remove_handler(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto peer = to_uint64(info.Env(), info[0]);
    if (watch_ != nullptr && (peer == 0 || contents(peer)))
      emitter_of(peer).remove_handler(channel_name(info.Env(), info[1]));
    return info.Env().Undefined();
  });
}

}  // namespace ipczmq_node
