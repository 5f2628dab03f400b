// SPDX-License-Identifier: MIT
#pragma once

#include <ipczmq/buffer.hpp>

#include <zmq.h>

#include <span>
#include <string_view>
#include <vector>

namespace ipczmq::transport {

// One zmq_msg_t that closes itself. It never moves: the bytes of a small message are inside it.
class message {
 public:
  message() noexcept { zmq_msg_init(&raw_); }
  ~message() { zmq_msg_close(&raw_); }
  message(const message&) = delete;
  message& operator=(const message&) = delete;

  [[nodiscard]] zmq_msg_t* raw() noexcept { return &raw_; }
  [[nodiscard]] const zmq_msg_t* raw() const noexcept { return &raw_; }
  [[nodiscard]] const void* data() const noexcept {
    return zmq_msg_data(const_cast<zmq_msg_t*>(&raw_));
  }
  [[nodiscard]] std::size_t size() const noexcept { return zmq_msg_size(&raw_); }
  [[nodiscard]] bool more() const noexcept { return zmq_msg_more(&raw_) != 0; }
  [[nodiscard]] std::string_view view() const noexcept {
    return {static_cast<const char*>(data()), size()};
  }

 private:
  zmq_msg_t raw_;
};

// The parts of one outgoing message, made before the first is sent: a ROUTER cannot take back half
// a message, so nothing may fail for want of memory once it has begun.
class outgoing {
 public:
  explicit outgoing(std::span<const buffer> parts);
  ~outgoing();
  outgoing(const outgoing&) = delete;
  outgoing& operator=(const outgoing&) = delete;

  [[nodiscard]] std::span<zmq_msg_t> parts() noexcept { return {parts_, made_}; }

 private:
  static constexpr std::size_t few = 4;
  zmq_msg_t few_[few];
  std::vector<zmq_msg_t> many_;
  zmq_msg_t* parts_ = few_;
  std::size_t made_ = 0;
};

}  // namespace ipczmq::transport
