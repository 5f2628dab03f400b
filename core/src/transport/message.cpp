// SPDX-License-Identifier: MIT
#include "transport/message.hpp"

#include "transport/tsan.hpp"

#include <cstring>
#include <memory>
#include <new>

namespace ipczmq::transport {
namespace {

// Below this a copy costs less than the allocations and the atomic counts of sharing.
constexpr std::size_t copied_bytes_max = 16 * 1024;

using hold = std::shared_ptr<const void>;

// Called by libzmq, on whichever thread is done with the bytes last.
void let_go(void* /*data*/, void* hint) {
  take_over(hint);
  delete static_cast<hold*>(hint);
}

bool init_shared(zmq_msg_t& m, const buffer& part) {
  auto held = std::make_unique<hold>(part.owner());
  hand_over(held.get());
  // libzmq's interface has no const; it only reads.
  if (zmq_msg_init_data(&m, const_cast<std::byte*>(part.data()), part.size(), let_go, held.get()) !=
      0)
    return false;
  static_cast<void>(held.release());  // let_go() has it now
  return true;
}

bool init_copied(zmq_msg_t& m, const buffer& part) {
  if (zmq_msg_init_size(&m, part.size()) != 0) return false;
  if (!part.empty()) std::memcpy(zmq_msg_data(&m), part.data(), part.size());
  return true;
}

bool init_message(zmq_msg_t& m, const buffer& part) {
  const bool shared = part.size() >= copied_bytes_max && part.owner() != nullptr;
  if (!(shared ? init_shared(m, part) : init_copied(m, part))) return false;
  hand_over(zmq_msg_data(&m));
  return true;
}

}  // namespace

outgoing::outgoing(std::span<const buffer> parts) {
  if (parts.size() > few) {
    many_.resize(parts.size());
    parts_ = many_.data();
  }
  struct undo {
    outgoing* self;
    ~undo() {
      while (self != nullptr && self->made_ != 0) zmq_msg_close(&self->parts_[--self->made_]);
    }
  } on_failure{this};
  for (const buffer& part : parts) {
    if (!init_message(parts_[made_], part)) throw std::bad_alloc();
    ++made_;
  }
  on_failure.self = nullptr;
}

outgoing::~outgoing() {
  for (zmq_msg_t& m : parts()) zmq_msg_close(&m);  // what was sent is empty by now
}

}  // namespace ipczmq::transport
