// SPDX-License-Identifier: MIT
#include "node_endpoint.hpp"

#include "js.hpp"
#include "options.hpp"

#include <utility>

namespace ipczmq_node {

namespace {

using namespace std::chrono_literals;

// drain() on a thread of Node's pool; the endpoint's own loop goes on meanwhile.
class drain_worker : public Napi::AsyncWorker {
 public:
  drain_worker(Napi::Env env, std::shared_ptr<ipczmq::endpoint> core, std::chrono::milliseconds d)
      : AsyncWorker(env, "ipczmq.drain"), core_(std::move(core)), within_(d), done_(env) {}
  Napi::Promise promise() const { return done_.Promise(); }
  void Execute() override { result_ = core_->drain(within_); }
  void OnOK() override {
    auto result = Napi::Object::New(Env());
    result.Set("complete", result_.complete);
    result.Set("unacknowledged", static_cast<double>(result_.unacknowledged));
    done_.Resolve(result);
  }
  void OnError(const Napi::Error& e) override { done_.Reject(e.Value()); }

 private:
  std::shared_ptr<ipczmq::endpoint> core_;
  std::chrono::milliseconds within_;
  Napi::Promise::Deferred done_;
  ipczmq::drain_result result_;
};

Napi::Object facts_of(Napi::Env env, const ipczmq::peer_info& i) {
  auto o = Napi::Object::New(env);
  o.Set("pid", static_cast<double>(i.pid));
  o.Set("host", i.host);
  o.Set("endpoint", i.endpoint);
  o.Set("library", i.library);
  o.Set("connected", i.connected);
  o.Set("messagesSent", static_cast<double>(i.messages_sent));
  o.Set("messagesReceived", static_cast<double>(i.messages_received));
  o.Set("bytesQueued", static_cast<double>(i.bytes_queued));
  o.Set("messagesWaiting", static_cast<double>(i.messages_waiting));
  return o;
}

Napi::Object facts_of(Napi::Env env, const ipczmq::statistics& s) {
  auto o = Napi::Object::New(env);
  const auto set = [&](const char* name, std::uint64_t v) { o.Set(name, static_cast<double>(v)); };
  set("messagesSent", s.messages_sent);
  set("messagesReceived", s.messages_received);
  set("framesSent", s.frames_sent);
  set("framesReceived", s.frames_received);
  set("framesResent", s.frames_resent);
  set("framesMalformed", s.frames_malformed);
  set("framesDuplicate", s.frames_duplicate);
  set("messagesUnknown", s.messages_unknown);
  set("repliesLate", s.replies_late);
  set("callsExpired", s.calls_expired);
  set("messagesLost", s.messages_lost);
  set("messagesDropped", s.messages_dropped);
  set("messagesRepeated", s.messages_repeated);
  set("framesLeft", s.frames_left);
  set("connectionsCut", s.connections_cut);
  return o;
}

Napi::FunctionReference function_of(const Napi::Object& o, const char* name) {
  const Napi::Value v = o.Get(name);
  return v.IsFunction() ? Napi::Persistent(v.As<Napi::Function>()) : Napi::FunctionReference();
}

}  // namespace

Napi::Function node_endpoint::define(Napi::Env env) {
  return DefineClass(env, "Endpoint",
                     {InstanceMethod<&node_endpoint::send>("send"),
                      InstanceMethod<&node_endpoint::broadcast>("broadcast"),
                      InstanceMethod<&node_endpoint::publish>("publish"),
                      InstanceMethod<&node_endpoint::invoke>("invoke"),
                      InstanceMethod<&node_endpoint::cancel>("cancel"),
                      InstanceMethod<&node_endpoint::send_sync>("sendSync"),
                      InstanceMethod<&node_endpoint::answer>("answer"),
                      InstanceMethod<&node_endpoint::fail>("fail"),
                      InstanceMethod<&node_endpoint::drop>("drop"),
                      InstanceMethod<&node_endpoint::watch_cancel>("watchCancel"),
                      InstanceMethod<&node_endpoint::listen>("listen"),
                      InstanceMethod<&node_endpoint::unlisten>("unlisten"),
                      InstanceMethod<&node_endpoint::handle>("handle"),
                      InstanceMethod<&node_endpoint::remove_handler>("removeHandler"),
                      InstanceMethod<&node_endpoint::close>("close"),
                      InstanceMethod<&node_endpoint::drain>("drain"),
                      InstanceMethod<&node_endpoint::keep_alive>("keepAlive"),
                      InstanceMethod<&node_endpoint::facts>("facts"),
                      InstanceMethod<&node_endpoint::peer_facts>("peerFacts"),
                      InstanceMethod<&node_endpoint::writable>("writable"),
                      InstanceMethod<&node_endpoint::close_peer>("closePeer")});
}

node_endpoint::node_endpoint(const Napi::CallbackInfo& info)
    : ObjectWrap(info), context_(info.Env(), "ipczmq") {
  const auto callbacks = info[2].As<Napi::Object>();
  message_ = function_of(callbacks, "message");
  reply_ = function_of(callbacks, "reply");
  cancelled_ = function_of(callbacks, "cancelled");
  notice_ = function_of(callbacks, "notice");
  log_ = function_of(callbacks, "log");
  if (!log_.IsEmpty()) log_lines_ = std::make_shared<log_lines>();
  receiver_ = Napi::Persistent(callbacks);
  guarded(info.Env(), [&] {
    try {
      if (info[0].As<Napi::String>().Utf8Value() == "main") {
        open_main(info[1].As<Napi::Object>());
      } else {
        open_renderer(info[1].As<Napi::Object>());
      }
    } catch (...) {
      tell_log();
      throw;
    }
    // What we throw into dispatch ourselves is no news; the rest cannot come from JavaScript.
    core_->on_error([this](const ipczmq::failure& f) {
      if (f.exception == sync_failure_) return;
      notice("failure", 0, f.channel, f.what, 0);
    });
    watch_ = loop_watch::open(
        info.Env(), core_->fd(), [this] { pump(); },
        [this] {
          ended_ = true;
          shut();
          if (log_lines_ != nullptr) log_lines_->end();
        });
    if (log_lines_ != nullptr)
      log_lines_->post_to([this, watch = watch_] { watch->post([this] { tell_log(); }); });
  });
  Ref();  // open endpoints live until they are closed
}

node_endpoint::~node_endpoint() {
  shut();
  if (log_lines_ != nullptr) log_lines_->end();
}

void node_endpoint::open_main(const Napi::Object& options) {
  auto o = main_options_of(options);
  if (log_lines_ != nullptr) o.log = log_lines::writer(log_lines_);
  main_ = std::make_shared<ipczmq::ipc_main>(std::move(o));
  core_ = main_.get();
  main_->on_any([this](ipczmq::event& e, ipczmq::args a) {
    on_message(e.is_call() ? kind::sync_call : kind::event, e, a, {});
  });
  set_main_hooks();
}

void node_endpoint::open_renderer(const Napi::Object& options) {
  auto o = renderer_options_of(options);
  if (log_lines_ != nullptr) o.log = log_lines::writer(log_lines_);
  blocks_ = o.overflow == ipczmq::overflow_policy::block;
  renderer_ = std::make_shared<ipczmq::ipc_renderer>(std::move(o));
  core_ = renderer_.get();
  set_renderer_hooks();
}

void node_endpoint::shut() {
  if (watch_ == nullptr) return;
  if (log_lines_ != nullptr) log_lines_->post_to({});
  auto* const watch = std::exchange(watch_, nullptr);
  watch->close();
  core_->close();
  open_.clear();
  calls_.clear();
}

Napi::Value node_endpoint::close(const Napi::CallbackInfo& info) {
  if (watch_ != nullptr) {
    guarded(info.Env(), [this] { shut(); });
    tell_log();
    if (log_lines_ != nullptr) log_lines_->end();
    Unref();
  }
  return info.Env().Undefined();
}

Napi::Value node_endpoint::drain(const Napi::CallbackInfo& info) {
  check_open();
  std::shared_ptr<ipczmq::endpoint> core;
  if (main_ != nullptr) {
    core = std::shared_ptr<ipczmq::endpoint>(main_, core_);
  } else {
    core = std::shared_ptr<ipczmq::endpoint>(renderer_, core_);
  }
  auto* const worker =
      new drain_worker(info.Env(), std::move(core), to_duration(info[0]).value_or(1000ms));
  worker->Queue();
  return worker->promise();
}

Napi::Value node_endpoint::keep_alive(const Napi::CallbackInfo& info) {
  if (watch_ != nullptr) watch_->keep_alive(info[0].As<Napi::Boolean>().Value());
  return info.Env().Undefined();
}

Napi::Value node_endpoint::facts(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    auto o = Napi::Object::New(info.Env());
    o.Set("identity", core_->identity());
    o.Set("statistics", facts_of(info.Env(), core_->statistics()));
    if (main_ != nullptr) {
      auto list = Napi::Array::New(info.Env());
      for (const auto& e : main_->endpoints())
        list.Set(list.Length(), Napi::String::New(info.Env(), e));
      o.Set("endpoints", list);
    } else {
      o.Set("connected", renderer_->is_connected());
    }
    return o;
  });
}

Napi::Value node_endpoint::peer_facts(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (renderer_ != nullptr) return facts_of(info.Env(), renderer_->info());
    const auto c = contents(to_uint64(info.Env(), info[0]));
    return c ? facts_of(info.Env(), c.info()) : info.Env().Undefined();
  });
}

Napi::Value node_endpoint::writable(const Napi::CallbackInfo& info) {
  const auto peer = to_uint64(info.Env(), info[0]);
  const bool room =
      renderer_ != nullptr ? renderer_->writable() : (contents(peer) && contents(peer).writable());
  return Napi::Boolean::New(info.Env(), room);
}

Napi::Value node_endpoint::close_peer(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    if (const auto c = contents(to_uint64(info.Env(), info[0]))) c.close();
    return info.Env().Undefined();
  });
}

void node_endpoint::check_open() const {
  if (watch_ == nullptr)
    throw Napi::Error::New(Env(), "IPC method called after context was released");
}

ipczmq::web_contents node_endpoint::contents(std::uint64_t peer) const {
  const auto it = peers_.find(peer);
  return it == peers_.end() ? ipczmq::web_contents() : it->second;
}

ipczmq::emitter node_endpoint::emitter_of(std::uint64_t peer) {
  return peer == 0 ? static_cast<ipczmq::emitter&>(*core_) : contents(peer).ipc();
}

}  // namespace ipczmq_node
