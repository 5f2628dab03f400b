// SPDX-License-Identifier: MIT
// Hello, welcome and refuse: their maps, and what a main's table and a renderer make of them.
#include "session/client.hpp"
#include "session/roster.hpp"
#include "target.hpp"
#include "wire/decode.hpp"

#include <memory>
#include <string>

namespace {

using namespace fuzz;
using namespace ipczmq;

const session::time_point start = session::time_point{} + std::chrono::seconds(1000);

template <class T>
bool read(bytes_view map, T& out) {
  const std::string wrong = wire::decode(map, out);
  check(wrong.size() < 2000, "what is wrong is said in a few words");
  if (!wrong.empty()) return false;
  T again;
  check(wire::decode(wire::encode(out), again).empty(), "what was read can be written and read");
  check(again == out, "what was read, written and read is the same");
  check(wire::meets_minima(out.limits), "what was accepted meets the minima");
  return true;
}

wire::secret secret_of(int n) {
  wire::secret s{};
  s.fill(static_cast<std::byte>(n));
  return s;
}

void knock(const wire::hello& h) {
  session::roster table(false);
  int secrets = 0;
  const auto random = [&] { return secret_of(++secrets); };
  const std::string routing = h.identity + '\0' + std::string(16, 'n');
  const auto first = table.on_hello(h, routing, random);
  if (first.what == session::admission::what::refused) {
    check(first.code == "incompatible",
          "a hello with a fitting routing id is refused for its version");
    return;
  }
  check(first.what == session::admission::what::fresh, "nobody can resume what there never was");
  check(table.by_identity(h.identity) == first.id && table.by_routing_id(routing) == first.id,
        "who was admitted is known");
  const auto again = table.on_hello(h, routing, random);
  check(again.id == first.id, "a repeated hello is that of the same renderer");
  const std::string other = h.identity + '\0' + std::string(16, 'o');
  wire::hello rival = h;
  if (rival.instance) (*rival.instance)[0] ^= std::byte{1};
  const auto second = table.on_hello(rival, other, random);
  check(second.what == session::admission::what::refused ||
            (h.resume && h.resume->session == secret_of(1) && h.resume->secret == secret_of(2)),
        "without the secret nobody takes over a live renderer");
  if (!h.instance || second.what != session::admission::what::refused) return;
  const auto anew = table.on_hello(h, other, random);
  check(anew.what == session::admission::what::fresh && anew.itself && anew.replaces == first.id,
        "a renderer that begins anew is not its own rival");
}

std::shared_ptr<const wire::frame> control(bytes_view messages) {
  auto f = std::make_shared<wire::frame>();
  std::vector<std::byte> first(wire::header_size);
  wire::write_header(first.data(), {});
  first.insert(first.end(), messages.begin(), messages.end());
  f->parts.push_back(exact(first));
  return wire::decode(*f, {}).empty() ? f : nullptr;
}

// A renderer that waits for its welcome gets the frame, once or twice, then time passes.
void answer(const std::shared_ptr<const wire::frame>& f) {
  session::config c;
  c.epoch = start;
  wire::hello h;
  h.identity = "r";
  session::client client(c, h, start);
  session::client_effects fx;
  client.on_link_up(start, fx);
  for (int i = 1; i <= 3; ++i) {
    const session::time_point now = start + std::chrono::milliseconds(i);
    fx.clear();
    client.on_frame(f, now, fx);
    if (i == 1) check(!fx.recovered, "nothing is resumed that was not asked for");
    if (client.closed()) check(!client.connected(), "closed is closed");
    client.flush(now, fx);
    if (i == 2) client.on_link_down(now, fx);
    if (i == 2) client.on_link_up(now, fx);
    check(client.next_due() > session::time_point{}, "what is due is a time");
  }
  fx.clear();
  client.tick(start + std::chrono::hours(24 * 400), fx);
}

}  // namespace

// First byte: hello's map, welcome's map, or the messages of a control frame.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  input in(data, size);
  const std::uint8_t choice = in.byte() % 3;
  if (choice == 2) {
    const auto f = control(in.rest());
    if (f != nullptr) answer(f);
    return 0;
  }
  std::vector<std::byte> message = {std::byte{0x92}, choice == 0 ? std::byte{32} : std::byte{33}};
  const bytes_view map = in.rest();
  message.insert(message.end(), map.begin(), map.end());
  const auto f = control(message);
  if (f == nullptr || f->messages.size() != 1) return 0;
  const bytes_view payload = f->messages[0].payload;
  if (choice == 0) {
    wire::hello h;
    if (read(payload, h)) knock(h);
  } else {
    wire::welcome w;
    (void)read(payload, w);
    answer(f);
  }
  return 0;
}
