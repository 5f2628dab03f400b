// SPDX-License-Identifier: MIT
#pragma once

#include "common/listeners.hpp"
#include "common/program.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

// Peers with two ends and nothing else: a pipe of messages each way. What an end must do:
//   void write(const header&, std::string_view payload)   may keep it until flush()
//   void flush()
//   header read()                                         the next one; its payload is `payload()`
//   std::size_t room()                                    bytes that may be under way unread
template <class End>
void serve_stream(End& end) {
  counting_listeners table;
  for (;;) {
    const header h = end.read();
    table.call(h.name(), end.payload());
    switch (h.kind) {
      case 'r':
        end.write(h, end.payload());
        if (!end.pending()) end.flush();
        break;
      case 'c':
        end.write({'c', table.counted, "", 0}, {});
        end.flush();
        break;
      case 'f': {
        const std::string payload(end.payload());
        const auto until = clock::now() + std::chrono::milliseconds(h.id);
        do {
          for (int i = 0; i < 16; ++i) end.write({'e', 0, "event", payload.size()}, payload);
        } while (clock::now() < until);
        end.write({'d', 0, "", 0}, {});
        end.flush();
        break;
      }
      default:
        break;
    }
  }
}

template <class End>
class stream_client : public client {
 public:
  stream_client(const job& j, std::unique_ptr<End> end)
      : payload_(j.payload()), end_(std::move(end)) {}

  void round_trip() override {
    request();
    end_->flush();
    answer();
  }
  void send() override { end_->write({'e', 0, "event", payload_.size()}, payload_); }
  std::uint64_t counted() override {
    end_->write({'c', 0, "", 0}, {});
    end_->flush();
    return end_->read().id;
  }
  std::uint64_t flood(std::chrono::milliseconds time) override {
    const auto before = table_.counted;
    end_->write({'f', static_cast<std::uint64_t>(time.count()), "", payload_.size()}, payload_);
    end_->flush();
    for (;;) {
      const header h = end_->read();
      if (h.kind == 'd') return table_.counted - before;
      table_.call(h.name(), end_->payload());
    }
  }
  std::uint64_t pipeline(std::size_t depth, clock::time_point until) override {
    // Neither end reads while it writes, so what is under way must fit between them.
    depth = std::min(depth,
                     std::max<std::size_t>(1, end_->room() / (payload_.size() + sizeof(header))));
    for (std::size_t i = 0; i < depth; ++i) request();
    end_->flush();
    std::uint64_t answered = 0;
    while (clock::now() < until) {
      // Answers that are here make room for as many requests, which go together.
      do {
        answer();
        request();
        ++answered;
      } while (end_->pending());
      end_->flush();
    }
    for (std::size_t i = 0; i < depth; ++i) answer();
    return answered + depth;
  }

 private:
  void request() { end_->write({'r', ++id_, "echo", payload_.size()}, payload_); }
  void answer() {
    const header h = end_->read();
    table_.call(h.name(), end_->payload());
  }

  const std::string payload_;
  std::unique_ptr<End> end_;
  counting_listeners table_;
  std::uint64_t id_ = 0;
};

}  // namespace bench
