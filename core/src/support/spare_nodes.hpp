// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace ipczmq::support {

// Nodes that have left an unordered_map, kept for what comes next: where things come and go all the
// time, the map then allocates nothing. Thread-bound as the map is.
template <class Map>
class spare_nodes {
 public:
  void insert_or_assign(Map& map, typename Map::key_type key, typename Map::mapped_type value) {
    if (kept_.empty()) {
      map.insert_or_assign(std::move(key), std::move(value));
      return;
    }
    typename Map::node_type node = std::move(kept_.back());
    kept_.pop_back();
    node.key() = std::move(key);
    node.mapped() = std::move(value);
    auto done = map.insert(std::move(node));
    if (!done.inserted) done.position->second = std::move(done.node.mapped());
  }
  void erase(Map& map, typename Map::iterator at) {
    if (kept_.size() == kept_max) {
      map.erase(at);
      return;
    }
    typename Map::node_type node = map.extract(at);
    node.mapped() = {};
    try {
      kept_.push_back(std::move(node));
    } catch (const std::bad_alloc&) {
      // Then this one is not kept.
    }
  }

 private:
  static constexpr std::size_t kept_max = 1024;

  std::vector<typename Map::node_type> kept_;
};

}  // namespace ipczmq::support
