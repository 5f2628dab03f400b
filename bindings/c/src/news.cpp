// SPDX-License-Identifier: MIT
// The hooks of main and renderer, as one.
#include "handles.hpp"

#include <functional>

namespace ipczmq::c {

namespace {

using tell_fn = std::function<void(const ipczmq_news&)>;

void watch_main(ipc_main& m, const tell_fn& tell) {
  const auto about = [tell](int kind) {
    return [tell, kind](ipczmq::web_contents w) {
      const ipczmq_contents handed{std::move(w)};
      tell({kind, &handed, "", "", 0, nullptr});
    };
  };
  m.on_web_contents_created(about(IPCZMQ_CREATED));
  m.on_render_process_gone([tell](ipczmq::web_contents w, const gone_details& d) {
    const ipczmq_contents handed{std::move(w)};
    const std::string reason(to_string(d.reason));
    const ipczmq_lost lost{d.lost};
    tell({IPCZMQ_GONE, &handed, reason.c_str(), d.message.c_str(), d.unacknowledged,
          d.lost.total() == 0 ? nullptr : &lost});
  });
  m.on_destroyed(about(IPCZMQ_DESTROYED));
  m.on_unresponsive(about(IPCZMQ_UNRESPONSIVE));
  m.on_responsive(about(IPCZMQ_RESPONSIVE));
  m.on_drain(about(IPCZMQ_DRAIN));
  m.on_recovered([tell](ipczmq::web_contents w, const recovery_details&) {
    const ipczmq_contents handed{std::move(w)};
    tell({IPCZMQ_RECOVERED, &handed, "", "", 0, nullptr});
  });
  m.on_overflow([tell](ipczmq::web_contents w, std::size_t dropped) {
    const ipczmq_contents handed{std::move(w)};
    tell({IPCZMQ_DROPPED, &handed, "", "", dropped, nullptr});
  });
}

void watch_renderer(ipc_renderer& r, const tell_fn& tell) {
  const auto state = [tell](int kind) {
    return [tell, kind] { tell({kind, nullptr, "", "", 0, nullptr}); };
  };
  const auto end = [tell](int kind) {
    return [tell, kind](const disconnect_details& d) {
      const ipczmq_lost lost{d.lost};
      tell({kind, nullptr, ipczmq_code_name(static_cast<int>(d.code)), d.message.c_str(),
            d.unacknowledged, d.lost.total() == 0 ? nullptr : &lost});
    };
  };
  r.on_connected(state(IPCZMQ_CONNECTED));
  r.on_disconnected(end(IPCZMQ_LOST_CONNECTION));
  r.on_recovered([tell](const recovery_details&) {
    tell({IPCZMQ_RECOVERED, nullptr, "", "", 0, nullptr});
  });
  r.on_drain(state(IPCZMQ_DRAIN));
  r.on_overflow([tell](std::size_t dropped) {
    tell({IPCZMQ_DROPPED, nullptr, "", "", dropped, nullptr});
  });
  r.on_closed(end(IPCZMQ_ENDED));
}

}  // namespace

}  // namespace ipczmq::c

using namespace ipczmq::c;

int ipczmq_on_news(ipczmq_endpoint* endpoint, ipczmq_news_fn hook, void* user,
                   ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    const ipczmq_endpoint& e = checked(endpoint, "endpoint");
    checked(hook, "callback");
    const tell_fn tell = [hook, data](const ipczmq_news& n) { hook(&n, data.get()); };
    if (e.main != nullptr) {
      watch_main(*e.main, tell);
    } else {
      watch_renderer(*e.renderer, tell);
    }
  });
}
