// SPDX-License-Identifier: MIT
// Many renderers in one process: crowd renderers ENDPOINT count=N first=I [drive=...]. Each is
// named by its number and asks main's "count" for it once. Lines: "asked N" when all calls have
// been made, "answered N wrong M" when all are over, then obeys "again" (the same once more) and
// "exit". crowd main ENDPOINT: answers; says "created N", "asked N twice M" on "tell".
#include <ipczmq/ipczmq.hpp>

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;

int number(int argc, char** argv, std::string_view name, int otherwise) {
  for (int i = 3; i < argc; ++i)
    if (const std::string_view word = argv[i]; word.starts_with(name) && word[name.size()] == '=')
      return std::stoi(std::string(word.substr(name.size() + 1)));
  return otherwise;
}

void say(const std::string& line) { std::cout << line << std::endl; }

void be_main(const std::string& endpoint) {
  std::atomic<std::size_t> created{0};
  std::atomic<std::size_t> gone{0};
  std::map<std::string, int> asked;  // of each renderer, how often
  ipczmq::ipc_main m({.endpoints = {endpoint}});
  m.on_web_contents_created([&](ipczmq::web_contents) { ++created; });
  m.on_destroyed([&](ipczmq::web_contents) { ++gone; });
  m.handle("count", [&](ipczmq::event& event, int n) {
    ++asked[event.sender.identity()];
    return n;
  });
  m.handle("tell", [&](ipczmq::event&) {
    std::size_t twice = 0;
    for (const auto& [who, times] : asked) twice += times > 1 ? 1 : 0;
    const auto s = m.statistics();
    malloc_trim(0);  // what the rush took and nobody uses is no renderer's
    return "created " + std::to_string(created) + " gone " + std::to_string(gone) + " asked " +
           std::to_string(asked.size()) + " twice " + std::to_string(twice) + " cut " +
           std::to_string(s.connections_cut) + " malformed " + std::to_string(s.frames_malformed);
  });
  for (const std::string& e : m.endpoints()) say("endpoint " + e);
  m.start();
  say("ready");
  ipczmq::ipc_renderer own({.endpoint = m.endpoints().front(), .identity = "teller"});
  for (std::string line; std::getline(std::cin, line) && line != "exit";)
    say("ok " + own.invoke<std::string>("tell").get());
}

void be_renderers(const std::string& endpoint, int count, int first) {
  say("ready");
  std::vector<std::unique_ptr<ipczmq::ipc_renderer>> all;
  for (int i = first; i < first + count; ++i)
    all.push_back(std::make_unique<ipczmq::ipc_renderer>(ipczmq::renderer_options{
        .endpoint = endpoint, .identity = std::to_string(i), .log = [](auto, auto) {}}));
  for (std::string line = "again"; line != "exit";) {
    std::vector<ipczmq::call<int>> calls;
    for (int i = 0; i < count; ++i) calls.push_back(all[i]->invoke<int>("count", first + i));
    int answered = 0;
    int wrong = 0;
    for (int i = 0; i < count; ++i) {
      try {
        (calls[i].get_for(120s) == first + i ? answered : wrong) += 1;
      } catch (const ipczmq::error& e) {
        if (++wrong == 1) say(std::string("failed ") + e.what());
      }
    }
    say("answered " + std::to_string(answered) + " wrong " + std::to_string(wrong));
    if (!std::getline(std::cin, line)) break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    if (std::string_view(argv[1]) == "main") {
      be_main(argv[2]);
    } else {
      be_renderers(argv[2], number(argc, argv, "count", 1), number(argc, argv, "first", 0));
    }
  } catch (const std::exception& e) {
    say(std::string("failed ") + e.what());
    return 1;
  }
}
