// SPDX-License-Identifier: MIT
#include "session/roster.hpp"

#include "wire/decode.hpp"

#include <utility>

namespace ipczmq::session {

namespace {

// Takes as long for a wrong guess as for a right one.
bool same(const wire::secret& a, const wire::secret& b) {
  std::byte difference{0};
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == std::byte{0};
}

constexpr std::size_t spent_max = 16384;

bool is_of(const wire::hello& h, const roster::entry& e) {
  return h.instance && e.instance && same(*h.instance, *e.instance);
}

bool fits(const wire::hello& h, std::string_view routing_id) {
  return !h.identity.empty() && h.identity.size() <= 200 && wire::valid_utf8(h.identity) &&
         routing_id.substr(0, routing_id.find('\0')) == h.identity &&
         routing_id.size() == h.identity.size() + 17;
}

// libzmq's own, for those without: zmq_socket(3). Also a connection whose routing id another one
// has taken over (ZMQ_ROUTER_HANDOVER) is renamed so, and what it sent before comes under it.
bool given_by_libzmq(std::string_view routing_id) {
  return routing_id.size() == 5 && routing_id.front() == '\0';
}

}  // namespace

admission roster::refuse(std::string code, std::string text) const {
  admission a;
  a.what = admission::what::refused;
  a.code = std::move(code);
  a.text = std::move(text);
  return a;
}

admission roster::on_hello(const wire::hello& h, std::string_view routing_id,
                           const std::function<wire::secret()>& random) {
  if (h.protocol_min > wire::protocol_version || h.protocol < wire::protocol_version)
    return refuse("incompatible", "main speaks protocol " + std::to_string(wire::protocol_version) +
                                      ", the renderer " + std::to_string(h.protocol_min) + " to " +
                                      std::to_string(h.protocol) + "; update the older of the two");
  admission a;
  const std::uint64_t holder = by_identity(h.identity);
  a.itself = holder != 0 && is_of(h, entries_.at(holder));
  if (!fits(h, routing_id)) {
    if (!a.itself || !given_by_libzmq(routing_id))
      return refuse("refused", "identity and routing id do not fit together (PROTOCOL.md §1)");
    a.what = admission::what::late;
    return a;
  }
  if (a.itself) {
    std::uint64_t& newest = entries_.at(holder).attempt;
    if (h.attempt < newest) {
      a.what = admission::what::late;
      return a;
    }
    newest = h.attempt;
  }
  if (holder != 0 && h.resume) {
    entry& e = entries_.at(holder);
    if (same(h.resume->session, e.session) && same(h.resume->secret, e.secret)) {
      routing_.erase(e.routing_id);
      e.routing_id = routing_id;
      e.linked = true;
      routing_.emplace(routing_id, holder);
      a.what = admission::what::resumed;
      a.id = holder;
      return a;
    }
  }
  // Also one that asks in vain for a session of before: the welcome that told it so was lost.
  if (const std::uint64_t known = by_routing_id(routing_id); known != 0) {
    entries_.at(known).linked = true;
    a.what = admission::what::again;
    a.id = known;
    return a;
  }
  // A hello that comes late, or a renderer that does not know yet: what it sends for the session
  // that is over must not be taken for that of another one.
  if (is_spent(routing_id))
    return refuse("unknown_session", "the session of this routing id is over");
  if (holder != 0) {
    const entry& e = entries_.at(holder);
    // One whose connection main still believes in may have begun a new session on another one.
    if (e.linked && !replace_ && !a.itself)
      return refuse("duplicate_identity",
                    "another renderer is named '" + h.identity +
                        "'; give this one another identity, or let main replace duplicates");
    a.replaces = holder;
    remove(holder);
  }
  a.what = admission::what::fresh;
  a.id = ++last_id_;
  entries_.emplace(a.id, entry{a.id, h.identity, std::string(routing_id), random(), random(), true,
                               h.instance, h.attempt});
  routing_.insert_or_assign(std::string(routing_id), a.id);
  identities_.insert_or_assign(h.identity, a.id);
  return a;
}

void roster::remove(std::uint64_t id) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  spend(it->second.routing_id);
  routing_.erase(it->second.routing_id);
  identities_.erase(it->second.identity);
  entries_.erase(it);
}

bool roster::is_spent(std::string_view routing_id) const {
  return spent_.contains(hash{}(routing_id));
}

void roster::spend(std::string_view routing_id) {
  const std::size_t h = hash{}(routing_id);
  if (!spent_.insert(h).second) return;
  spent_in_order_.push_back(h);
  if (spent_in_order_.size() <= spent_max) return;
  spent_.erase(spent_in_order_.front());
  spent_in_order_.pop_front();
}

void roster::set_linked(std::uint64_t id, bool linked) {
  if (const auto it = entries_.find(id); it != entries_.end()) it->second.linked = linked;
}

std::uint64_t roster::by_routing_id(std::string_view routing_id) const {
  const auto it = routing_.find(routing_id);
  return it == routing_.end() ? 0 : it->second;
}

std::uint64_t roster::by_identity(std::string_view identity) const {
  const auto it = identities_.find(identity);
  return it == identities_.end() ? 0 : it->second;
}

const roster::entry* roster::find(std::uint64_t id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second;
}

}  // namespace ipczmq::session
