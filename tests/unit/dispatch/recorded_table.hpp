// SPDX-License-Identifier: MIT
// A table of listeners that writes down what it was told, and listeners that write down their
// calls.
#pragma once

#include "dispatch/listeners.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ipczmq::test {

struct recorded_table {
  std::vector<std::string> changed;
  std::vector<std::string> warnings;
  std::vector<std::string> calls;
  std::shared_ptr<dispatch::listeners> table = make();

  // A listener that adds `name` to `calls`.
  detail::listener_fn call(std::string name) {
    return [this, name](event&, const args&) { calls.push_back(name); };
  }
  listener add(std::string_view channel, std::string name, bool once = false,
               bool prepend = false) {
    return table->add(channel, call(std::move(name)), once, prepend);
  }
  // The number of listeners in a snapshot.
  static std::size_t size(const dispatch::snapshot& s) { return s == nullptr ? 0 : s->size(); }

 private:
  std::shared_ptr<dispatch::listeners> make() {
    return std::make_shared<dispatch::listeners>(dispatch::listeners::callbacks{
        .name = "ipc_main",
        .changed = [this](std::string_view c) { changed.emplace_back(c); },
        .warn = [this](std::string_view line) { warnings.emplace_back(line); }});
  }
};

}  // namespace ipczmq::test
