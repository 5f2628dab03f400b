// SPDX-License-Identifier: MIT
// Tries every order of what can happen between a renderer and a main, up to a depth. A world cannot
// be copied, so each path is walked from its start; paths that lead to a state seen before are not
// followed further.
#pragma once

#include "world.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace session_world {

struct step {
  const char* name;
  std::function<void(world&)> happens;
  std::function<bool(world&)> possible = [](world&) { return true; };
};

// What is under way, in a few bytes: without clocks and secrets, which differ without a difference.
inline void add_frames(std::string& text, const std::deque<parts>& way) {
  text += '|';
  for (const parts& p : way) {
    std::string wrong;
    const frame_ptr f = read(p, {}, wrong);
    if (f == nullptr) continue;
    const auto number = [&text](std::uint64_t n) { text.append(std::to_string(n)).append(","); };
    for (const std::uint64_t n :
         {std::uint64_t{f->header.flags}, f->header.seq, f->header.received, f->header.dispatched})
      number(n);
    for (const wire::message& m : f->messages) {
      text += static_cast<char>('A' + static_cast<int>(m.kind));
      if (m.kind == kind::event || m.kind == kind::invoke) number(number_in(m.payload));
      if (m.kind == kind::hello) {
        wire::hello h;
        if (wire::decode(m.payload, h).empty() && h.resume) number(h.resume->received + 1);
      }
      if (m.kind == kind::welcome) {
        wire::welcome w;
        if (wire::decode(m.payload, w).empty()) number(w.id * 2 + (w.resumed ? 1 : 0));
      }
      number(m.id + m.highest);
    }
  }
}

inline void add_session(std::string& text, const session::session& s, time_point now) {
  const session::stream& w = s.wire_stream();
  const auto ahead = [&](time_point t) {
    if (t == never) return std::int64_t{-1};
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(t, now) - now).count();
  };
  for (const std::uint64_t n :
       {w.sent(), w.received(), w.peer_dispatched(), w.placed(), w.numbered(), w.queued_bytes(),
        std::uint64_t{w.unacknowledged()}, std::uint64_t{w.unsent()}, w.undispatched(),
        std::uint64_t{s.calls_open()}, std::uint64_t{w.linked()}, std::uint64_t{w.established()}})
    text.append(std::to_string(n)).append(",");
  for (const time_point t : {s.next_due(), w.ack_due(), s.last_heard() + 1h})
    text.append(std::to_string(ahead(t))).append(",");
}

// What a world looks like; two that look the same are taken for the same.
inline std::string look(world& w) {
  std::string text;
  const auto number = [&text](std::uint64_t n) { text.append(std::to_string(n)).append(","); };
  number(w.client().connected());
  number(w.client().closed());
  number(w.link_up());
  number(w.generation());
  number(w.renderer().got());
  number(w.renderer().accepted());
  number(w.renderer().calls_open());
  number(w.main().to_honest().got());
  number(w.main().to_honest().accepted());
  number(w.main().to_honest().calls_open());
  number(w.renderer().waiting() * 2 + (w.renderer().busy ? 1 : 0));
  number(w.main().to_honest().waiting() * 2 + (w.main().to_honest().busy ? 1 : 0));
  if (w.next_due() != never)
    number(static_cast<std::uint64_t>((std::max(w.next_due(), w.now) - w.now).count()));
  add_session(text, w.client().current(), w.now);
  if (const main_side::peer* r = w.peer()) {
    add_session(text, r->session, w.now);
    number(r->id * 2 + (r->linked ? 1 : 0));
    number(r->routing_id == w.routing_id());
  }
  for (const connection& c : w.net.all()) {
    if (!c.open && c.to_main.empty() && c.to_renderer.empty()) continue;
    number((c.open ? 1 : 0) + (c.routing_id == w.routing_id() ? 2 : 0));
    add_frames(text, c.to_main);
    add_frames(text, c.to_renderer);
  }
  return text;
}

struct explored {
  std::size_t states = 0;
  std::size_t steps = 0;
  std::size_t depth = 0;
  std::string broken;  // which claim, and the path to it
};

class explorer {
 public:
  // `begin`: how each path starts, before the first step that is chosen. `settles_within`: from
  // every state, once the network works.
  explorer(std::vector<step> alphabet, std::function<void(world&)> begin, world::options options,
           std::chrono::milliseconds settles_within)
      : alphabet_(std::move(alphabet)),
        begin_(std::move(begin)),
        options_(options),
        settles_within_(settles_within) {}

  // All paths of up to `depth` steps, the shortest first; and from every state, whether all ends
  // well when the network works from then on.
  explored explore(std::size_t depth) {
    explored out;
    std::unordered_set<std::size_t> seen;
    std::vector<std::string> level = {""};
    for (out.depth = 0; out.depth <= depth && !level.empty(); ++out.depth) {
      std::vector<std::string> next;
      for (const std::string& path : level) {
        if (!visit(path, out.depth < depth, seen, next, out)) return out;
      }
      level = std::move(next);
    }
    --out.depth;
    return out;
  }

 private:
  const std::vector<step> alphabet_;
  const std::function<void(world&)> begin_;
  const world::options options_;
  const std::chrono::milliseconds settles_within_;

  // A path is a string of indices into the alphabet. False when a claim is broken.
  bool visit(const std::string& path, bool go_on, std::unordered_set<std::size_t>& seen,
             std::vector<std::string>& next, explored& out) {
    std::string done;
    try {
      world w(options_);
      begin_(w);
      for (const char c : path) {
        done += c;
        alphabet_[static_cast<std::size_t>(c)].happens(w);
        ++out.steps;
      }
      if (!seen.insert(std::hash<std::string>{}(look(w))).second) return true;
      ++out.states;
      for (std::size_t i = 0; go_on && i < alphabet_.size(); ++i) {
        if (alphabet_[i].possible(w)) next.push_back(path + static_cast<char>(i));
      }
      done += '\x7f';
      claim(w.heal() <= settles_within_, "with a network that works nothing waits for long");
      return true;
    } catch (const broken& e) {
      out.broken = std::string(e.what()) + ", after:";
      for (const char c : done)
        out.broken.append(" ").append(c == '\x7f' ? "heal"
                                                  : alphabet_[static_cast<std::size_t>(c)].name);
      return false;
    }
  }
};

}  // namespace session_world
