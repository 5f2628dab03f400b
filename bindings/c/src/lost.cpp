// SPDX-License-Identifier: MIT
#include "handles.hpp"

using namespace ipczmq::c;

namespace {

void unpack(const ipczmq_lost& l) {
  if (l.values.size() == l.lost.total()) return;
  l.values.clear();
  l.messages = l.lost.messages();
  l.values.reserve(l.messages.size());
  for (const auto& each : l.messages) l.values.emplace_back(each.packed);
}

}  // namespace

size_t ipczmq_lost_count(const ipczmq_lost* lost, int fate) {
  if (lost == nullptr) return 0;
  switch (fate) {
    case IPCZMQ_UNSENT:
      return lost->lost.unsent;
    case IPCZMQ_RECEIVED:
      return lost->lost.received;
    case IPCZMQ_UNKNOWN:
      return lost->lost.unknown;
    default:
      return 0;
  }
}

int ipczmq_lost_message(const ipczmq_lost* lost, size_t index, int* fate, const char** channel,
                        const ipczmq_value** args) {
  return guarded([&] {
    const ipczmq_lost& l = checked(lost, "lost");
    unpack(l);
    if (index >= l.values.size())
      throw ipczmq::error(ipczmq::errc::bad_arguments,
                          "there are " + std::to_string(l.values.size()) +
                              " lost messages, and none at " + std::to_string(index));
    if (fate != nullptr) *fate = static_cast<int>(l.messages[index].fate);
    if (channel != nullptr) *channel = l.messages[index].channel.c_str();
    if (args != nullptr) *args = &l.values[index];
  });
}

ipczmq_lost* ipczmq_lost_keep(const ipczmq_lost* lost) {
  ipczmq_lost* made = nullptr;
  guarded([&] { made = new ipczmq_lost{checked(lost, "lost").lost}; });
  return made;
}

void ipczmq_lost_free(ipczmq_lost* lost) { delete lost; }
