// SPDX-License-Identifier: MIT
#include "engine/pending_call.hpp"

#include "engine/endpoint.hpp"

#include <utility>

namespace ipczmq::engine {

namespace {

std::string describe(bool sync, const std::string& channel) {
  std::string text(sync ? "send_sync('" : "invoke('");
  return text.append(channel).append("')");
}

std::exception_ptr remote_failure(bool sync, const std::string& channel,
                                  const session::outcome& o) {
  const wire::message& m = *o.answer;
  // Electron's own text for invoke; send_sync has no counterpart there.
  std::string what(sync ? "Error sending synchronous message '" : "Error invoking remote method '");
  what.append(channel).append("': ").append(m.name);
  if (!m.text.empty()) what.append(m.name.empty() ? "" : ": ").append(m.text);
  // On its own, whatever it refers to in the frame copied in: it may be thrown on.
  detail::packed data;
  if (!m.payload.empty())
    detail::append_packed(data, m.payload, o.frame->attachments().subspan(m.base), false);
  return std::make_exception_ptr(remote_error(
      errc_from_name(m.code), std::move(what), std::string(m.name), std::string(m.text),
      std::vector<std::byte>(data.bytes.begin(), data.bytes.end())));
}

}  // namespace

pending_call::pending_call(std::shared_ptr<endpoint> e, std::shared_ptr<remote> peer,
                           bool sync_call, std::string_view name)
    : owner(std::move(e)), to(std::move(peer)), sync(sync_call), channel(name) {}

void pending_call::complete(session::outcome& o, const std::string& hint) {
  if (o.answer == nullptr) {
    error = std::make_exception_ptr(ipczmq::error(
        o.code, describe(sync, channel) + ": " + o.text + (hint.empty() ? "" : "; " + hint)));
  } else if (o.answer->kind == wire::kind::error_reply) {
    error = remote_failure(sync, channel, o);
  } else {
    const value_view view(o.answer->payload, o.frame->attachments().subspan(o.answer->base));
    answer = value(std::move(o.frame), view);
  }
  done.store(true, std::memory_order_release);
}

const value& pending_call::wait(const std::chrono::steady_clock::time_point* until) {
  owner->check_process();
  if (!done.load(std::memory_order_acquire)) owner->wait_call(*this, until);
  if (error != nullptr) std::rethrow_exception(error);
  return answer;
}

bool pending_call::ready() const { return owner->call_ready(*this); }
void pending_call::cancel() { owner->cancel_call(*this); }
void pending_call::then(std::function<void()> f) { owner->continue_call(*this, std::move(f)); }
bool pending_call::suspend(std::function<void()> f) {
  return owner->suspend_on_call(*this, std::move(f));
}

void pending_call::watch(std::stop_token t) {
  on_stop_.emplace(std::move(t), canceller{weak_from_this()});
}

void pending_call::canceller::operator()() const {
  if (const auto c = call.lock()) c->cancel();
}

void endpoint::wait_call(pending_call& c, const session::time_point* until) {
  guard g(*this);
  if (c.done) return;
  if (!dirty_.empty()) flush_all(session::clock::now());
  const std::function<bool()> done = [&c] { return c.done.load(); };
  if (!wait(done, until == nullptr ? session::never : *until) && !c.done)
    throw error(errc::timed_out,
                describe(c.sync, c.channel) + " has not been answered in time; the call goes on");
}

bool endpoint::call_ready(const pending_call& c) {
  check_process();
  guard g(*this);
  return c.done;
}

void endpoint::cancel_call(pending_call& c) {
  if (!own_process()) return;
  guard g(*this);
  if (c.done || c.to->session == nullptr) return;
  session::effects fx;
  if (auto sink = c.to->session->cancel(c.id, "cancelled"))
    fx.completed.push_back(
        {std::move(sink), nullptr, nullptr, errc::cancelled, "cancelled by the caller"});
  if (settings_.tap) record(false, *c.to, wire::kind::cancel, c.id, c.channel, 0);
  apply(c.to, fx, nullptr);
  mark_dirty(c.to);
  after_append();
  wake_driver();
}

void endpoint::continue_call(pending_call& c, std::function<void()> f) {
  check_process();
  guard g(*this);
  if (!c.done) {
    c.continuations.push_back(std::move(f));
    if (!driven_.load(std::memory_order_relaxed) && !looped_) service_->tell(*this);
    return;
  }
  if (closed_) {
    orphans_.push_back(std::move(f));
    run_orphans_if_nobody_else(g);
    return;
  }
  push(c.to, std::move(f));
  wake_driver();
}

bool endpoint::suspend_on_call(pending_call& c, std::function<void()> f) {
  check_process();
  guard g(*this);
  if (!c.done) {
    c.continuations.push_back(std::move(f));
    if (!driven_.load(std::memory_order_relaxed) && !looped_) service_->tell(*this);
    return true;
  }
  if (closed_ || in_listener()) return false;
  push(c.to, std::move(f));
  wake_driver();
  return true;
}

}  // namespace ipczmq::engine
