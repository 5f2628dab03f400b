// SPDX-License-Identifier: MIT
#include "engine/served_call.hpp"

#include "engine/endpoint.hpp"
#include "engine/remote.hpp"
#include "wire/decode.hpp"

#include <new>

namespace ipczmq::engine {

served_call::served_call(std::shared_ptr<remote> from, std::uint32_t session_generation,
                         const wire::message& m)
    : kind(m.kind),
      generation(session_generation),
      id(m.id),
      channel(m.channel),
      from_(std::move(from)) {}

served_call::~served_call() {
  if (!answered_) {
    std::exception_ptr thrown;
    {
      const lock l(mutex_);
      thrown = thrown_;
    }
    try {
      if (thrown != nullptr) {
        fail(thrown);
      } else {
        fail(errc::no_reply,
             kind == wire::kind::sync_call
                 ? "every listener of '" + channel + "' has returned, and none has answered"
                 : "the handler of '" + channel + "' has dropped the call without an answer");
      }
    } catch (...) {
      // Out of memory: the caller's deadline or the end of its session answers.
    }
  }
  if (const auto e = from_->owner.lock()) e->close_call(*from_, id);
}

bool served_call::answer(const detail::packed& value) {
  if (answered_.exchange(true)) return false;
  if (const auto e = from_->owner.lock()) e->answer(from_, *this, value);
  return true;
}

bool served_call::fail(errc code, const std::string& text) {
  if (answered_.exchange(true)) return false;
  if (const auto e = from_->owner.lock())
    e->answer_error(from_, *this, errc_name(code), "Error", text, {});
  return true;
}

bool served_call::fail(std::exception_ptr exception) {
  if (answered_.exchange(true)) return false;
  const auto e = from_->owner.lock();
  if (e == nullptr) return true;
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const remote_error& r) {
    // What it carries may be any bytes of a user's, and wrong ones would cost the session.
    const bool sound =
        r.data().empty() || wire::check_value(r.data(), wire::minima.depth, 0, false).empty();
    e->answer_error(from_, *this, errc_name(errc::remote_failed), r.name(), r.message(),
                    sound ? bytes_view(r.data()) : bytes_view());
  } catch (const error& r) {
    // A framework's error keeps its code; what a handler got from a call of its own does not pass
    // for ours.
    e->answer_error(from_, *this,
                    r.code() == errc::bad_arguments ? errc_name(errc::bad_arguments)
                                                    : errc_name(errc::remote_failed),
                    "Error", r.what(), {});
  } catch (const std::exception& r) {
    e->answer_error(from_, *this, errc_name(errc::remote_failed), "Error", r.what(), {});
  } catch (...) {
    e->answer_error(from_, *this, errc_name(errc::remote_failed), "Error",
                    "something that is not a std::exception was thrown", {});
  }
  return true;
}

std::stop_token served_call::stop_token() const noexcept {
  const lock l(mutex_);
  if (!stop_.stop_possible()) {
    try {
      stop_ = std::stop_source();
    } catch (const std::bad_alloc&) {
      return {};  // one that never stops
    }
    if (stopped_) stop_.request_stop();  // nobody can have registered a callback yet
  }
  return stop_.get_token();
}

void served_call::request_stop() {
  std::stop_source now(std::nostopstate);
  {
    const lock l(mutex_);
    stopped_ = true;
    now = stop_;
  }
  now.request_stop();
}

void served_call::set_thrown(std::exception_ptr e) {
  const lock l(mutex_);
  if (thrown_ == nullptr) thrown_ = std::move(e);
}

bool served_call::has_thrown() const {
  const lock l(mutex_);
  return thrown_ != nullptr;
}

}  // namespace ipczmq::engine
