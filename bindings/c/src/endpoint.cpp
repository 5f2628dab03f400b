// SPDX-License-Identifier: MIT
#include "handles.hpp"
#include "options.hpp"

#include <map>
#include <string_view>

using namespace ipczmq::c;
using ipczmq::errc;
using ipczmq::error;

int ipczmq_main_new(const ipczmq_options* options, ipczmq_endpoint** out) {
  return guarded([&] {
    ipczmq_endpoint*& to = checked(out, "place for the endpoint");
    auto main = std::make_unique<ipczmq::ipc_main>(options == nullptr ? ipczmq::main_options{}
                                                                      : options->main);
    auto bound = main->endpoints();
    to = new ipczmq_endpoint{std::move(main), nullptr, std::move(bound)};
  });
}

int ipczmq_renderer_new(const ipczmq_options* options, ipczmq_endpoint** out) {
  return guarded([&] {
    ipczmq_endpoint*& to = checked(out, "place for the endpoint");
    auto renderer = std::make_unique<ipczmq::ipc_renderer>(
        options == nullptr ? ipczmq::renderer_options{} : options->renderer);
    to = new ipczmq_endpoint{nullptr, std::move(renderer)};
  });
}

int ipczmq_close(ipczmq_endpoint* endpoint) {
  return guarded([&] { endpoint_of(endpoint).close(); });
}
void ipczmq_endpoint_free(ipczmq_endpoint* endpoint) { delete endpoint; }

int ipczmq_run(ipczmq_endpoint* endpoint) {
  return guarded([&] { endpoint_of(endpoint).run(); });
}
int ipczmq_stop(ipczmq_endpoint* endpoint) {
  return guarded([&] { endpoint_of(endpoint).stop(); });
}
int ipczmq_start(ipczmq_endpoint* endpoint) {
  return guarded([&] { endpoint_of(endpoint).start(); });
}
int ipczmq_fd(ipczmq_endpoint* endpoint, int* fd) {
  return guarded([&] { checked(fd, "place for the descriptor") = endpoint_of(endpoint).fd(); });
}
int ipczmq_poll(ipczmq_endpoint* endpoint, int64_t wait_ms, size_t* messages) {
  return guarded([&] {
    const std::size_t n = endpoint_of(endpoint).poll(milliseconds_of(wait_ms));
    if (messages != nullptr) *messages = n;
  });
}
int ipczmq_drain(ipczmq_endpoint* endpoint, int64_t within_ms, size_t* left) {
  return guarded([&] {
    const ipczmq::drain_result r = endpoint_of(endpoint).drain(milliseconds_of(within_ms));
    if (left != nullptr) *left = r.complete ? 0 : r.unacknowledged;
  });
}

const char* ipczmq_identity(const ipczmq_endpoint* endpoint) {
  return endpoint == nullptr ? "" : endpoint->any().identity().c_str();
}
const char* ipczmq_bound(const ipczmq_endpoint* endpoint, size_t index) {
  if (endpoint == nullptr || index >= endpoint->bound.size()) return nullptr;
  return endpoint->bound[index].c_str();
}

int ipczmq_statistic(const ipczmq_endpoint* endpoint, const char* name, uint64_t* out) {
  using s = ipczmq::statistics;
  static const std::map<std::string_view, std::uint64_t s::*> all{
      {"messages_sent", &s::messages_sent},
      {"messages_received", &s::messages_received},
      {"frames_sent", &s::frames_sent},
      {"frames_received", &s::frames_received},
      {"frames_resent", &s::frames_resent},
      {"frames_malformed", &s::frames_malformed},
      {"frames_duplicate", &s::frames_duplicate},
      {"messages_unknown", &s::messages_unknown},
      {"replies_late", &s::replies_late},
      {"calls_expired", &s::calls_expired},
      {"messages_lost", &s::messages_lost},
      {"messages_dropped", &s::messages_dropped},
      {"messages_repeated", &s::messages_repeated},
      {"frames_left", &s::frames_left},
      {"connections_cut", &s::connections_cut},
  };
  return guarded([&] {
    const s totals = endpoint_of(endpoint).statistics();
    const auto found = all.find(&checked(name, "name of a statistic"));
    if (found == all.end())
      throw error(errc::bad_arguments, "there is no statistic \"" + std::string(name) + "\"");
    checked(out, "place for the statistic") = totals.*found->second;
  });
}

int ipczmq_on_error(ipczmq_endpoint* endpoint, ipczmq_error_fn hook, void* user,
                    ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    checked(hook, "callback");
    endpoint_of(endpoint).on_error([hook, data](const ipczmq::failure& f) {
      hook(f.channel.c_str(), f.peer.c_str(), f.what.c_str(), data.get());
    });
  });
}
