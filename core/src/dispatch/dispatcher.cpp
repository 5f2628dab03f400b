// SPDX-License-Identifier: MIT
#include "dispatch/dispatcher.hpp"

#include "dispatch/lookup.hpp"
#include "engine/endpoint.hpp"
#include "engine/remote.hpp"

#include <algorithm>
#include <utility>

namespace ipczmq::dispatch {

namespace {

// What an exception says, in one line.
std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is not a std::exception was thrown";
  }
}

bool is_mismatch(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const error& e) {
    return e.code() == errc::bad_arguments;
  } catch (...) {
    return false;
  }
}

}  // namespace

event dispatcher::make_event(const std::shared_ptr<engine::remote>& from,
                             const std::shared_ptr<const wire::frame>& f, const wire::message& m,
                             std::shared_ptr<engine::served_call> call) {
  event e;
  e.channel = m.channel;
  e.sender = web_contents(from);
  e.bytes_ = f;
  if (m.kind == wire::kind::sync_call) e.return_value.responder_ = call;
  e.call_ = std::move(call);
  return e;
}

// A frame often holds many messages of one channel: the tables are asked again only when the
// channel or the table has changed, and the event is made anew only when a listener has made it
// another.
struct dispatcher::turn {
  const std::shared_ptr<engine::remote>& from;
  const std::shared_ptr<const wire::frame>& frame;
  std::shared_ptr<engine::endpoint> endpoint{};  // while there are calls to open
  const web_contents sender{from};
  lookup peer{*from->ipc};
  lookup own;
  event one_way{};

  turn(const std::shared_ptr<engine::remote>& r, const std::shared_ptr<const wire::frame>& f,
       listeners& table)
      : from(r), frame(f), own(table) {}

  [[nodiscard]] std::shared_ptr<engine::served_call> open_call(const wire::message& m) {
    if (endpoint == nullptr) endpoint = from->owner.lock();
    return endpoint == nullptr ? nullptr : endpoint->open_call(from, m);
  }
  [[nodiscard]] args args_of(const wire::message& m) const {
    return {m.payload, frame->attachments().subspan(m.base), m.channel};
  }
};

std::size_t dispatcher::on_frame(const std::shared_ptr<engine::remote>& from,
                                 const std::shared_ptr<const wire::frame>& f) {
  std::size_t n = 0;
  turn t(from, f, *own_);
  frame_ = f.get();
  for (const wire::message& m : f->messages) {
    if (!wire::is_dispatched(m.kind)) continue;
    ++n;
    message_ = &m;
    try {
      switch (m.kind) {
        case wire::kind::event:
          on_event(t, m);
          break;
        case wire::kind::sync_call:
          on_sync_call(t, m);
          break;
        default:
          on_invoke(t, m);
          break;
      }
    } catch (...) {
      report(m.channel, from->identity, std::current_exception());
    }
  }
  frame_ = nullptr;
  return n;
}

bool dispatcher::at_last() const {
  if (frame_ == nullptr) return false;
  const auto& all = frame_->messages;
  return std::none_of(all.begin() + (message_ - all.data()) + 1, all.end(),
                      [](const wire::message& m) { return wire::is_dispatched(m.kind); });
}

std::size_t dispatcher::call_list(listeners& table, const snapshot& list, engine::remote& from,
                                  event& e, const args& a, engine::served_call* call) {
  std::size_t called = 0;
  for (const auto& r : *list) {
    if (!table.take({}, *r)) continue;
    ++called;
    try {
      r->call(e, a);
    } catch (...) {
      const auto exception = std::current_exception();
      if (call != nullptr) call->set_thrown(exception);
      // A call's caller is told that its arguments do not fit; for the rest the hook is the only
      // place.
      if (call == nullptr || !is_mismatch(exception)) report(e.channel, from.identity, exception);
    }
  }
  return called;
}

std::size_t dispatcher::call_listeners(turn& t, event& e, const args& a,
                                       engine::served_call* call) {
  const std::string_view channel = e.channel;
  const auto call_all = [&](listeners& table, lookup& found) -> std::size_t {
    found.renew(channel);
    if (found.any() != nullptr) {
      call_list(table, found.any(), *t.from, e, a, call);
      found.renew(channel);  // they may have changed the table
    }
    return found.list() == nullptr ? 0 : call_list(table, found.list(), *t.from, e, a, call);
  };
  const std::size_t n = call_all(*t.from->ipc, t.peer);
  return n + call_all(*own_, t.own);
}

void dispatcher::on_event(turn& t, const wire::message& m) {
  event& e = t.one_way;
  if (e.bytes_ != t.frame || e.sender != t.sender || e.call_ != nullptr)
    e = make_event(t.from, t.frame, m, nullptr);
  e.channel = m.channel;
  call_listeners(t, e, t.args_of(m), nullptr);
}

void dispatcher::on_sync_call(turn& t, const wire::message& m) {
  auto call = t.open_call(m);
  if (call == nullptr) return;
  std::size_t called = 0;
  {
    event e = make_event(t.from, t.frame, m, call);
    called = call_listeners(t, e, t.args_of(m), call.get());
  }
  // An on_any listener may have answered, or kept the event, or thrown.
  if (called == 0 && !call->answered() && call.use_count() == 1 && !call->has_thrown())
    call->fail(errc::no_listener, "nobody in '" + std::string(t.endpoint->identity()) +
                                      "' listens on '" + std::string(m.channel) +
                                      "' (on, not handle: invoke calls handlers)");
  // Otherwise: answered, kept by a copy of the event, or now answered by its destructor, with what
  // was thrown.
}

void dispatcher::on_invoke(turn& t, const wire::message& m) {
  const auto call = t.open_call(m);
  if (call == nullptr) return;
  auto h = t.from->ipc->take_handler(m.channel);
  if (h == nullptr) h = own_->take_handler(m.channel);
  if (h == nullptr) {
    call->fail(errc::no_handler, "No handler registered for '" + std::string(m.channel) + "'");
    return;
  }
  event e = make_event(t.from, t.frame, m, call);
  try {
    h->call(e, t.args_of(m), call);
  } catch (...) {
    call->fail(std::current_exception());
  }
}

void dispatcher::on_task(std::function<void()>& task) {
  try {
    task();
  } catch (...) {
    report({}, {}, std::current_exception());
  }
}

void dispatcher::report(std::string_view channel, const std::string& peer,
                        std::exception_ptr exception) noexcept {
  try {
    failure f;
    f.channel = channel;
    f.peer = peer;
    f.what = describe(exception);
    f.exception = std::move(exception);
    if (const error_hook user = hook(&hooks::error)) {
      user(f);
    } else {
      log_(channel.empty() ? "a callback failed: " + f.what
                           : "a message from '" + peer + "' on '" + f.channel +
                                 "' failed in a listener: " + f.what);
    }
  } catch (const std::exception& e) {
    log_(std::string("the error hook itself failed: ") + e.what());
  } catch (...) {
    log_("the error hook itself failed");
  }
}

void dispatcher::on_notice(const engine::notice& n) {
  call_hook(n);
  // Also what would keep it alive for ever: a listener of its own that holds its web_contents.
  if (n.what == engine::notice::kind::destroyed) forget(*n.who);
}

void dispatcher::call_hook(const engine::notice& n) {
  using kind = engine::notice::kind;
  const auto contents = [&](ipc_main::contents_hook hooks::*which) {
    if (const auto h = hook(which)) h(web_contents(n.who));
  };
  const auto disconnect = [&](ipc_renderer::disconnect_hook hooks::*which) {
    if (const auto h = hook(which)) h({n.code, n.text, n.lost.total(), n.lost, n.repeated});
  };
  const auto state = [&](ipc_renderer::state_hook hooks::*which) {
    if (const auto h = hook(which)) h();
  };
  try {
    switch (n.what) {
      case kind::created:
        return contents(&hooks::created);
      case kind::destroyed:
        return contents(&hooks::destroyed);
      case kind::unresponsive:
        return contents(&hooks::unresponsive);
      case kind::responsive:
        return contents(&hooks::responsive);
      case kind::drain:
        return contents(&hooks::drain);
      case kind::connected:
        return state(&hooks::connected);
      case kind::recovered:
        if (const auto h = hook(&hooks::recovered)) h(web_contents(n.who), {n.away, n.repeated});
        return;
      case kind::overflow:
        if (const auto h = hook(&hooks::overflow)) h(web_contents(n.who), n.dropped);
        return;
      case kind::disconnected:
        return disconnect(&hooks::disconnected);
      case kind::closed:
        return disconnect(&hooks::closed);
      case kind::undelivered:
        if (const auto h = hook(&hooks::error))
          h({n.channel, n.who->identity, n.text, std::make_exception_ptr(error(n.code, n.text))});
        return;
      case kind::gone:
        if (const auto h = hook(&hooks::gone))
          h(web_contents(n.who), {n.reason, n.text, n.lost.total(), n.lost});
        return;
    }
  } catch (...) {
    report({}, n.who->identity, std::current_exception());
  }
}

}  // namespace ipczmq::dispatch
