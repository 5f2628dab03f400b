// SPDX-License-Identifier: MIT
// A scripted peer: peer_program main|renderer ENDPOINT [option=value ...], told what to do by lines
// on stdin. Every line it prints begins with a word that says what it is; commands that can fail
// answer "ok ..." or "error CODE TEXT".
#include <ipczmq/ipczmq.hpp>

#include "driving.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;
using arguments = std::map<std::string, std::string>;

void say(const std::string& line) {
  static std::mutex one_at_a_time;
  const std::lock_guard l(one_at_a_time);
  std::cout << line << std::endl;
}

std::string option(const arguments& a, const std::string& name, const std::string& otherwise) {
  const auto it = a.find(name);
  return it == a.end() ? otherwise : it->second;
}
milliseconds ms(const arguments& a, const std::string& name, milliseconds otherwise) {
  return milliseconds(std::stol(option(a, name, std::to_string(otherwise.count()))));
}

void attempt(const std::function<std::string()>& f) {
  try {
    say("ok " + f());
  } catch (const ipczmq::error& e) {
    say("error " + std::string(ipczmq::errc_name(static_cast<ipczmq::errc>(e.code().value()))) +
        " " + e.what());
  }
}

std::atomic<int> open_calls{0};

// Memory that is really there.
ipczmq::buffer filled(std::size_t bytes) {
  ipczmq::buffer b(bytes);
  std::memset(b.mutable_data(), 'x', bytes);
  return b;
}

// What both roles do when asked by the other side.
void serve(ipczmq::emitter e) {
  e.handle("echo", [](ipczmq::event&, ipczmq::value v) { return v; });
  e.handle("big", [](ipczmq::event&, std::size_t bytes) { return filled(bytes); });
  e.handle("fail", [](ipczmq::event&, std::string text) -> int { throw std::runtime_error(text); });
  e.handle("forever", [kept = std::make_shared<std::vector<ipczmq::deferred<int>>>()](
                          ipczmq::event&) { return kept->emplace_back(); });
  e.handle("open", [](ipczmq::event& event) {
    const ipczmq::deferred<int> d;
    ++open_calls;
    std::thread([d, event] {
      while (!event.cancelled()) std::this_thread::sleep_for(milliseconds(1));
      d.resolve(1);
      --open_calls;
    }).detach();
    return d;
  });
  e.handle("never", [](ipczmq::event& event) {
    say("never called");
    const ipczmq::deferred<int> d;
    std::thread([d, event] {
      while (!event.cancelled()) std::this_thread::sleep_for(milliseconds(1));
      say("never cancelled");
    }).detach();
    return d;
  });
  e.on("sync", [](ipczmq::event& event, ipczmq::value v) { event.return_value = v; });
  e.on("bounce", [](ipczmq::event& event, ipczmq::value v) { event.reply("bounced", v); });
  e.on("block", [](ipczmq::event&, int time) {
    say("block begins");
    std::this_thread::sleep_for(milliseconds(time));
    say("block ends");
  });
  e.on("block-for", [](ipczmq::event&, std::string ms) {
    say("block begins");
    std::this_thread::sleep_for(milliseconds(std::stoi(ms)));
    say("block ends");
  });
  e.on("number", [next = std::make_shared<int>(0)](ipczmq::event&, int n) {
    if (n != *next) say("disorder " + std::to_string(n) + " for " + std::to_string(*next));
    *next = n + 1;
  });
  e.on("numbers", [](ipczmq::event&, int n) { say("numbers " + std::to_string(n)); });
}

// Commands of both roles; false for an unknown one.
bool common(ipczmq::endpoint& e, const std::string& verb, std::istringstream& rest) {
  std::string a;
  rest >> a;
  if (verb == "on") {
    e.on(a, [a](ipczmq::event&, ipczmq::args args) {
      say("event " + a + " " + (args.empty() ? "" : args.get<std::string>(0)));
    });
    say("ok");
  } else if (verb == "off") {
    e.remove_all_listeners(a);
    say("ok");
  } else if (verb == "drain") {
    attempt([&] {
      const auto d = e.drain(milliseconds(std::stol(a)));
      return d ? std::string("complete") : "not " + std::to_string(d.unacknowledged);
    });
  } else if (verb == "close") {
    attempt([&] { return e.close(), std::string(); });
  } else if (verb == "open") {
    say("open " + std::to_string(open_calls));
  } else if (verb == "statistics") {
    const auto s = e.statistics();
    say("statistics cut=" + std::to_string(s.connections_cut) + " malformed=" +
        std::to_string(s.frames_malformed) + " unknown=" + std::to_string(s.messages_unknown) +
        " late=" + std::to_string(s.replies_late) + " lost=" + std::to_string(s.messages_lost) +
        " duplicate=" + std::to_string(s.frames_duplicate) + " resent=" +
        std::to_string(s.frames_resent) + " expired=" + std::to_string(s.calls_expired));
  } else if (verb == "abort") {
    ::signal(SIGABRT, SIG_DFL);
    ::abort();
  } else if (verb == "_exit") {
    ::_exit(0);
  } else {
    return false;
  }
  return true;
}

std::string end_of(const ipczmq::call<int>& c) {
  try {
    c.get();
    return "answered";
  } catch (const ipczmq::error& e) {
    return std::string(ipczmq::errc_name(static_cast<ipczmq::errc>(e.code().value())));
  }
}

void command(ipczmq::ipc_renderer& r, const std::string& line) {
  static std::vector<ipczmq::call<int>> calls;
  std::istringstream words(line);
  std::string verb, channel, text;
  words >> verb;
  if (std::istringstream rest(line.substr(verb.size())); common(r, verb, rest)) return;
  words >> channel >> text;
  const ipczmq::call_options o{.deadline = milliseconds(5000)};
  if (verb == "send") {
    attempt([&] { return r.send(channel, text), std::string(); });
  } else if (verb == "send_sync") {
    attempt([&] { return r.send_sync<std::string>(o, channel, text); });
  } else if (verb == "invoke") {
    attempt([&] { return r.invoke<std::string>(o, channel, text).get(); });
  } else if (verb == "calls") {
    // So many to "open", each with a deadline of so many ms.
    for (int i = std::stoi(channel); i > 0; --i)
      calls.push_back(r.invoke<int>({.deadline = milliseconds(std::stoi(text))}, "open"));
    say("ok");
  } else if (verb == "cancel" || verb == "ends") {
    std::map<std::string, int> ends;
    for (auto& c : calls) {
      if (verb == "cancel") c.cancel();
      ++ends[end_of(c)];
    }
    calls.clear();
    std::string all;
    for (const auto& [end, times] : ends) all += end + " " + std::to_string(times);
    say("ends " + all);
  } else if (verb == "numbers") {
    const int n = std::stoi(channel);
    for (int i = 0; i < n; ++i) r.send("number", i);
    r.send("numbers", n);
    say("ok");
  }
}

// Sends events with `bytes` each to one renderer until no more are accepted, at most a thousand.
void push(ipczmq::ipc_main& m, const std::string& identity, std::size_t bytes) {
  int n = 0;
  attempt([&] {
    for (; n < 1000; ++n) m.from_identity(identity).value().send("pushed", filled(bytes));
    return std::string();
  });
  say("pushed " + std::to_string(n));
}

void command(ipczmq::ipc_main& m, const std::string& line) {
  std::istringstream words(line);
  std::string verb, channel, text;
  words >> verb;
  if (std::istringstream rest(line.substr(verb.size())); common(m, verb, rest)) return;
  words >> channel >> text;
  if (verb == "publish") say("ok " + std::to_string(m.publish(channel, text)));
  if (verb == "broadcast") say("ok " + std::to_string(m.broadcast(channel, text)));
  if (verb == "hoard" || verb == "release") {
    static std::vector<int> hoard;
    for (int fd; verb == "hoard" && (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      hoard.push_back(fd);
    say("ok " + std::to_string(hoard.size()));
    for (; verb == "release" && !hoard.empty(); hoard.pop_back()) ::close(hoard.back());
  }
  if (verb == "push") push(m, channel, std::stoul(text));
}

// What is said on stdin is done on this thread, until it ends.
template <class E>
void obey(E& e, const arguments& a) {
  const std::string way = option(a, "drive", "run");
  say("ready");  // before anything that a listener says
  const ipczmq::test::driver driver(e, way);
  std::string line;
  while (std::getline(std::cin, line) && line != "exit") command(e, line);
}

void be_main(const std::string& endpoint, const arguments& a) {
  ipczmq::ipc_main m({.endpoints = {endpoint},
                      .ping_interval = ms(a, "ping_interval", milliseconds(1000)),
                      .ping_timeout = ms(a, "ping_timeout", milliseconds(5000)),
                      .unresponsive_after = ms(a, "unresponsive_after", milliseconds(10000)),
                      .resume_for = ms(a, "resume_for", milliseconds(15000)),
                      .linger = ms(a, "linger", milliseconds(1000)),
                      .queue_bytes = std::stoul(option(a, "queue_bytes", "134217728"))});
  serve(m);
  m.on_web_contents_created([](ipczmq::web_contents w) { say("created " + w.identity()); });
  m.on_render_process_gone([](ipczmq::web_contents w, const ipczmq::gone_details& d) {
    say("gone " + w.identity() + " " + std::string(to_string(d.reason)) + " " + d.message);
  });
  m.on_unresponsive([](ipczmq::web_contents w) { say("unresponsive " + w.identity()); });
  m.on_responsive([](ipczmq::web_contents w) { say("responsive " + w.identity()); });
  m.on_destroyed([](ipczmq::web_contents w) { say("destroyed " + w.identity()); });
  m.handle("ask-back", [](ipczmq::event& event, std::string channel, ipczmq::value v) {
    const ipczmq::deferred<ipczmq::value> d;
    event.sender.invoke(channel, v).then([d](ipczmq::call<ipczmq::value> c) {
      try {
        d.resolve(c.get());
      } catch (...) {
        d.reject(std::current_exception());
      }
    });
    return d;
  });
  m.on("publish", [&m](ipczmq::event&, std::string channel, ipczmq::value v) {
    say("published " + std::to_string(m.publish(channel, v)));
  });
  m.on("broadcast", [&m](ipczmq::event&, std::string channel, ipczmq::value v) {
    say("broadcast " + std::to_string(m.broadcast(channel, v)));
  });
  for (const std::string& e : m.endpoints()) say("endpoint " + e);
  obey(m, a);
}

void be_renderer(const std::string& endpoint, const arguments& a) {
  ipczmq::ipc_renderer r({.endpoint = endpoint,
                          .identity = option(a, "identity", ""),
                          .linger = ms(a, "linger", milliseconds(1000))});
  serve(r);
  r.on_connected([] { say("connected"); });
  r.on_recovered([] { say("recovered"); });
  const auto ended = [](const std::string& what) {
    return [what](const ipczmq::disconnect_details& d) {
      say(what + " " + std::string(ipczmq::errc_name(d.code)) + " " + d.message);
    };
  };
  r.on_disconnected(ended("disconnected"));
  r.on_closed(ended("closed"));
  obey(r, a);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) return 2;
  arguments a;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto at = words[i].find('=');
    a[words[i].substr(0, at)] = words[i].substr(at + 1);
  }
  try {
    words[0] == "main" ? be_main(words[1], a) : be_renderer(words[1], a);
  } catch (const std::exception& e) {
    say(std::string("failed ") + e.what());
    return 1;
  }
}
