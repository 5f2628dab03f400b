// SPDX-License-Identifier: MIT
#include "dispatch/listeners.hpp"

#include <ipczmq/emitter.hpp>

#include <utility>

namespace ipczmq {

namespace {

// What a local event keeps alive: its copies may outlive `emit`.
struct local_message {
  std::string channel;
  detail::packed arguments;
};

void call_all(dispatch::listeners& table, const dispatch::registration_list& list, event& e,
              const args& a) {
  for (const auto& r : list) {
    if (table.take({}, *r)) r->call(e, a);
  }
}

}  // namespace

bool listener::remove() const {
  const auto table = table_.lock();
  return table != nullptr && table->remove({}, id_);
}

bool emitter::off(const listener& l) { return table_->remove({}, l.id()); }

bool emitter::off(std::string_view channel, const listener& l) {
  return !channel.empty() && table_->remove(channel, l.id());
}

void emitter::remove_all_listeners() { table_->remove_all(); }
void emitter::remove_all_listeners(std::string_view channel) { table_->remove_all(channel); }

std::size_t emitter::listener_count(std::string_view channel) const {
  return table_->count(channel);
}
std::vector<std::string> emitter::event_names() const { return table_->names(); }
void emitter::set_max_listeners(std::size_t n) { table_->set_max(n); }
std::size_t emitter::get_max_listeners() const { return table_->max(); }

void emitter::on_listener_added(listener_hook hook) { table_->set_added_hook(std::move(hook)); }
void emitter::on_listener_removed(listener_hook hook) { table_->set_removed_hook(std::move(hook)); }

void emitter::remove_handler(std::string_view channel) { table_->remove_handler(channel); }
bool emitter::has_handler(std::string_view channel) const { return table_->has_handler(channel); }

listener emitter::add(std::string_view channel, detail::listener_fn f, bool once, bool prepend) {
  return table_->add(channel, std::move(f), once, prepend);
}
listener emitter::add_any(detail::listener_fn f) { return table_->add_any(std::move(f)); }
void emitter::add_handler(std::string_view channel, detail::handler_fn f, bool once) {
  table_->add_handler(channel, std::move(f), once);
}

bool emitter::emit_raw(std::string_view channel, bytes_view packed_args,
                       std::span<const buffer> buffers) {
  return emit_packed(channel, detail::check_raw(packed_args, buffers, true));
}

bool emitter::emit_packed(std::string_view channel, const detail::packed& p) {
  const auto table = table_;  // a listener may destroy this emitter
  const auto any = table->find_any();
  const auto own = table->find(channel);
  if (any == nullptr && own == nullptr) return false;

  const auto message =
      std::make_shared<const local_message>(local_message{std::string(channel), p});
  event e;
  e.channel = message->channel;
  e.bytes_ = message;
  const args a(message->arguments.bytes, message->arguments.attachments, message->channel);
  if (any != nullptr) call_all(*table, *any, e, a);
  if (own != nullptr) call_all(*table, *own, e, a);
  return true;
}

}  // namespace ipczmq
