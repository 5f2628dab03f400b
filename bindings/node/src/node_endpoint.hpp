// SPDX-License-Identifier: MIT
// One ipc_main or ipc_renderer, as JavaScript's `Endpoint`. It moves bytes; what they mean is
// decided in lib/.
#pragma once

#include "environment.hpp"
#include "log_lines.hpp"
#include "loop_watch.hpp"

#include <ipczmq/ipczmq.hpp>

#include <napi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ipczmq_node {

class node_endpoint : public Napi::ObjectWrap<node_endpoint> {
 public:
  static Napi::Function define(Napi::Env env);
  // new Endpoint('main' | 'renderer', options, { message, reply, cancelled, notice, log })
  explicit node_endpoint(const Napi::CallbackInfo& info);
  ~node_endpoint() override;

 private:
  enum class kind : std::uint8_t { event, sync_call, invoke };

  // A call that JavaScript has not answered yet.
  struct open_call {
    ipczmq::event event;
    std::optional<ipczmq::deferred<>> answer;  // of an invoke
    std::unique_ptr<std::stop_callback<std::function<void()>>> cancelled;
  };

  // node_endpoint.cpp: life, and what there is to know
  void open_main(const Napi::Object& options);
  void open_renderer(const Napi::Object& options);
  void shut();
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value drain(const Napi::CallbackInfo& info);
  Napi::Value keep_alive(const Napi::CallbackInfo& info);
  Napi::Value facts(const Napi::CallbackInfo& info);
  Napi::Value peer_facts(const Napi::CallbackInfo& info);
  Napi::Value writable(const Napi::CallbackInfo& info);
  Napi::Value close_peer(const Napi::CallbackInfo& info);

  // incoming.cpp: from the core to JavaScript, and the answers
  void pump();
  void on_message(kind what, ipczmq::event& e, const ipczmq::args& a,
                  std::optional<ipczmq::deferred<>> answer);
  void on_reply(std::uint32_t id, const ipczmq::call<ipczmq::value>& c);
  napi_value call_js(const Napi::FunctionReference& f, std::size_t argc, napi_value* argv);
  napi_value channel_value(std::string_view channel);
  Napi::Value answer(const Napi::CallbackInfo& info);
  Napi::Value fail(const Napi::CallbackInfo& info);
  Napi::Value drop(const Napi::CallbackInfo& info);
  Napi::Value watch_cancel(const Napi::CallbackInfo& info);
  Napi::Value listen(const Napi::CallbackInfo& info);
  Napi::Value unlisten(const Napi::CallbackInfo& info);
  Napi::Value handle(const Napi::CallbackInfo& info);
  Napi::Value remove_handler(const Napi::CallbackInfo& info);

  // news.cpp: what is no message
  void set_main_hooks();
  void set_renderer_hooks();
  void notice(std::string_view what, std::uint64_t peer, std::string_view text,
              std::string_view more, std::size_t count, const ipczmq::undelivered* lost = nullptr,
              std::size_t repeated = 0);
  void tell_log();

  // outgoing.cpp: from JavaScript to the core
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value broadcast(const Napi::CallbackInfo& info);
  Napi::Value publish(const Napi::CallbackInfo& info);
  Napi::Value invoke(const Napi::CallbackInfo& info);
  Napi::Value cancel(const Napi::CallbackInfo& info);
  Napi::Value send_sync(const Napi::CallbackInfo& info);
  ipczmq::value wait_for(const ipczmq::call<ipczmq::value>& call) const;
  // Runs `f`, which sends from a renderer, so that it waits for room wherever JavaScript is.
  template <class F>
  auto waiting(const F& f) const -> decltype(f());

  void check_open() const;
  ipczmq::web_contents contents(std::uint64_t peer) const;
  // The emitter of a peer, or (0) the endpoint's own.
  ipczmq::emitter emitter_of(std::uint64_t peer);
  [[nodiscard]] environment& shared() const { return *Env().GetInstanceData<environment>(); }

  std::shared_ptr<ipczmq::ipc_main> main_;
  std::shared_ptr<ipczmq::ipc_renderer> renderer_;
  ipczmq::endpoint* core_ = nullptr;
  loop_watch* watch_ = nullptr;  // null once it is closed
  bool pumping_ = false;         // JavaScript runs, if it does, below `pump`
  bool blocks_ = false;          // overflow_policy::block
  bool ended_ = false;           // the environment is: no JavaScript any more

  Napi::AsyncContext context_;
  Napi::ObjectReference receiver_;
  Napi::FunctionReference message_;
  Napi::FunctionReference reply_;
  Napi::FunctionReference cancelled_;
  Napi::FunctionReference notice_;
  Napi::FunctionReference log_;
  std::shared_ptr<log_lines> log_lines_;  // null without a function for them

  // Channels that JavaScript knows by number: the place in its own list.
  struct text_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> channels_;
  std::unordered_map<std::string, ipczmq::listener> listening_;
  std::unordered_map<std::uint64_t, ipczmq::web_contents> peers_;
  std::unordered_map<std::uint32_t, open_call> open_;
  std::unordered_map<std::uint32_t, ipczmq::call<ipczmq::value>> calls_;
  std::vector<ipczmq::event> dying_;  // failed synchronous calls, answered after their listener
  std::exception_ptr sync_failure_;
  std::uint32_t last_reply_ = 0;
  std::uint32_t last_call_ = 0;
};

}  // namespace ipczmq_node
