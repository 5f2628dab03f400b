// SPDX-License-Identifier: MIT
// What is no message: news of peers, what they left undelivered, and the log.
#include "js.hpp"
#include "node_endpoint.hpp"

namespace ipczmq_node {

namespace {

// { unsent, received, unknown, read }: read(visit) calls visit(fate, channel, end, source) for each
// message, in order. It holds the bytes until JavaScript lets go of it.
napi_value lost_value(Napi::Env env, const ipczmq::undelivered& lost) {
  auto o = Napi::Object::New(env);
  o.Set("unsent", static_cast<double>(lost.unsent));
  o.Set("received", static_cast<double>(lost.received));
  o.Set("unknown", static_cast<double>(lost.unknown));
  const auto read = [lost](const Napi::CallbackInfo& info) {
    const Napi::Env here = info.Env();
    auto& shared = *here.GetInstanceData<environment>();
    guarded(here, [&] {
      for (const auto& m : lost.messages()) {
        const Napi::HandleScope scope(here);
        const environment::attachments_scope current(shared, m.attachments());
        napi_value source = shared.place(here, m.bytes());
        info[0].As<Napi::Function>().Call(
            {make_string(here, to_string(m.fate)), make_string(here, m.channel),
             make_number(here, static_cast<double>(m.bytes().size())), source});
      }
    });
  };
  o.Set("read", Napi::Function::New(env, read));
  return o;
}

const char* name_of(ipczmq::log_level level) {
  switch (level) {
    case ipczmq::log_level::debug:
      return "debug";
    case ipczmq::log_level::info:
      return "info";
    case ipczmq::log_level::warning:
      return "warning";
    case ipczmq::log_level::error:
      break;
  }
  return "error";
}

}  // namespace

void node_endpoint::notice(std::string_view what, std::uint64_t peer, std::string_view text,
                           std::string_view more, std::size_t count,
                           const ipczmq::undelivered* lost, std::size_t repeated) {
  if (ended_ || watch_ == nullptr) return;
  const napi_env env = Env();
  const Napi::HandleScope scope(env);
  napi_value argv[] = {make_string(env, what),
                       make_number(env, static_cast<double>(peer)),
                       make_string(env, text),
                       make_string(env, more),
                       make_number(env, static_cast<double>(count)),
                       lost != nullptr ? lost_value(env, *lost) : undefined(env),
                       make_number(env, static_cast<double>(repeated))};
  call_js(notice_, std::size(argv), argv);
}

void node_endpoint::set_main_hooks() {
  using ipczmq::web_contents;
  main_->on_web_contents_created([this](const web_contents& c) {
    peers_.emplace(c.id(), c);
    notice("created", c.id(), c.identity(), {}, 0);
  });
  main_->on_render_process_gone([this](const web_contents& c, const ipczmq::gone_details& d) {
    notice("gone", c.id(), to_string(d.reason), d.message, d.unacknowledged, &d.lost);
  });
  main_->on_destroyed([this](const web_contents& c) {
    notice("destroyed", c.id(), {}, {}, 0);
    peers_.erase(c.id());
  });
  main_->on_unresponsive(
      [this](const web_contents& c) { notice("unresponsive", c.id(), {}, {}, 0); });
  main_->on_responsive([this](const web_contents& c) { notice("responsive", c.id(), {}, {}, 0); });
  main_->on_recovered([this](const web_contents& c, const ipczmq::recovery_details& d) {
    notice("recovered", c.id(), {}, {}, d.messages_repeated);
  });
  main_->on_overflow([this](const web_contents& c, std::size_t dropped) {
    notice("overflow", c.id(), {}, {}, dropped);
  });
  main_->on_drain([this](const web_contents& c) { notice("drain", c.id(), {}, {}, 0); });
}

void node_endpoint::set_renderer_hooks() {
  renderer_->on_connected([this] { notice("connected", 0, {}, {}, 0); });
  renderer_->on_recovered([this](const ipczmq::recovery_details& d) {
    notice("recovered", 0, {}, {}, d.messages_repeated);
  });
  renderer_->on_drain([this] { notice("drain", 0, {}, {}, 0); });
  renderer_->on_overflow([this](std::size_t dropped) { notice("overflow", 0, {}, {}, dropped); });
  renderer_->on_disconnected([this](const ipczmq::disconnect_details& d) {
    notice("disconnected", 0, errc_name(d.code), d.message, d.unacknowledged, &d.lost, d.repeated);
  });
  renderer_->on_closed([this](const ipczmq::disconnect_details& d) {
    notice("closed", 0, errc_name(d.code), d.message, d.unacknowledged, &d.lost, d.repeated);
  });
}

void node_endpoint::tell_log() {
  if (ended_ || log_lines_ == nullptr) return;
  const Napi::HandleScope scope(Env());
  for (const auto& [level, text] : log_lines_->take()) {
    napi_value argv[] = {make_string(Env(), name_of(level)), make_string(Env(), text)};
    call_js(log_, std::size(argv), argv);
  }
}

}  // namespace ipczmq_node
