// SPDX-License-Identifier: MIT
#include "engine/endpoint.hpp"
#include "engine/remote.hpp"
#include "support/mutex.hpp"

#include <ipczmq/deferred.hpp>
#include <ipczmq/event.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace ipczmq {

void return_slot::set_raw(bytes_view packed_value, std::span<const buffer> buffers) const {
  const detail::packed checked = detail::check_raw(packed_value, buffers, false);
  if (responder_ != nullptr) responder_->answer(checked);
}

std::stop_token event::stop_token() const noexcept {
  return call_ != nullptr ? call_->stop_token() : std::stop_token{};
}

namespace detail {

void report_failure(const event& e, std::exception_ptr exception) {
  if (e.call_ != nullptr) e.call_->set_thrown(exception);
  const auto& from = e.sender.remote_;
  const auto endpoint = from == nullptr ? nullptr : from->owner.lock();
  if (endpoint != nullptr)
    endpoint->report_failure(std::string(e.channel), from->identity, std::move(exception));
}

responder::~responder() = default;
call_state::~call_state() = default;

// Like a promise of JavaScript, it may be returned from several calls, and answers them all.
struct deferred_state::impl {
  ipczmq::mutex mutex;
  bool done GUARDED_BY(mutex) = false;
  packed answer GUARDED_BY(mutex);  // once `done`, neither changes
  std::exception_ptr failure GUARDED_BY(mutex);
  std::vector<std::shared_ptr<responder>> waiting GUARDED_BY(mutex);
};

deferred_state::deferred_state() : impl_(std::make_unique<impl>()) {}
deferred_state::~deferred_state() = default;

void deferred_state::attach(std::shared_ptr<responder> r) {
  packed answer;
  std::exception_ptr failure;
  {
    const lock l(impl_->mutex);
    if (!impl_->done) {
      impl_->waiting.push_back(std::move(r));
      return;
    }
    failure = impl_->failure;
    if (failure == nullptr) answer = impl_->answer;
  }
  if (failure != nullptr) {
    r->fail(failure);
  } else {
    r->answer(answer);
  }
}

bool deferred_state::resolve(const packed& v) {
  std::vector<std::shared_ptr<responder>> waiting;
  {
    packed copy = v;
    const lock l(impl_->mutex);
    if (impl_->done) return false;
    impl_->answer = std::move(copy);
    impl_->done = true;
    waiting.swap(impl_->waiting);
  }
  for (const auto& r : waiting) r->answer(v);
  return true;
}

bool deferred_state::reject(std::exception_ptr e) {
  if (e == nullptr) e = std::make_exception_ptr(remote_error("Error", "rejected without a reason"));
  std::vector<std::shared_ptr<responder>> waiting;
  {
    const lock l(impl_->mutex);
    if (impl_->done) return false;
    impl_->failure = e;
    impl_->done = true;
    waiting.swap(impl_->waiting);
  }
  for (const auto& r : waiting) r->fail(e);
  return true;
}

}  // namespace detail

}  // namespace ipczmq
