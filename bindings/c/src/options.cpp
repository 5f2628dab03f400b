// SPDX-License-Identifier: MIT
#include "options.hpp"

#include "handles.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace ipczmq::c {

namespace {

template <class T>
T number(std::string_view name, std::string_view text) {
  T n{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (problem != std::errc() || end != text.data() + text.size())
    throw error(errc::bad_arguments, "option " + std::string(name) + ": \"" + std::string(text) +
                                         "\" is not a number of the right range");
  return n;
}

bool flag(std::string_view name, std::string_view text) {
  if (text != "true" && text != "false")
    throw error(errc::bad_arguments, "option " + std::string(name) + ": \"" + std::string(text) +
                                         "\" is neither true nor false");
  return text == "true";
}

// The policy of that name, of those that options.hpp lists.
template <class Policy, class Names>
Policy policy(std::string_view name, std::string_view text, const Names& names) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (text == names[i]) return static_cast<Policy>(i);
    known.append(i == 0 ? "" : ", ").append(names[i]);
  }
  throw error(errc::bad_arguments, "option " + std::string(name) + ": \"" + std::string(text) +
                                       "\" is none of " + known);
}

using setter = std::function<void(ipczmq_options&, std::string_view name, std::string_view text)>;

template <class... M>
setter times(M... members) {
  return [members...](ipczmq_options& o, std::string_view name, std::string_view text) {
    const std::chrono::milliseconds t(number<std::uint32_t>(name, text));
    (members(o, t), ...);
  };
}

template <auto Member>
setter main_time() {
  return times([](ipczmq_options& o, std::chrono::milliseconds t) { o.main.*Member = t; });
}

const std::map<std::string_view, setter>& setters() {
  using o = ipczmq_options;
  using text = std::string_view;
  static const std::map<text, setter> all{
      {"endpoint",
       [](o& x, text, text v) {
         x.main.endpoints.emplace_back(v);
         x.renderer.endpoint = v;
       }},
      {"identity",
       [](o& x, text, text v) {
         x.main.identity = v;
         x.renderer.identity = v;
       }},
      {"insecure",
       [](o& x, text n, text v) { x.main.insecure = x.renderer.insecure = flag(n, v); }},
      {"duplicates",
       [](o& x, text n, text v) {
         x.main.duplicates = policy<duplicate_policy>(n, v, duplicate_policy_names);
       }},
      {"linger",
       times([](o& x, std::chrono::milliseconds t) { x.main.linger = x.renderer.linger = t; })},
      {"call_deadline", times([](o& x, std::chrono::milliseconds t) {
         x.main.call_deadline = x.renderer.call_deadline = t;
       })},
      {"ping_interval", main_time<&main_options::ping_interval>()},
      {"ping_timeout", main_time<&main_options::ping_timeout>()},
      {"unresponsive_after", main_time<&main_options::unresponsive_after>()},
      {"resume_for", main_time<&main_options::resume_for>()},
      {"connect_within",
       times([](o& x, std::chrono::milliseconds t) { x.renderer.connect_within = t; })},
      {"queue_bytes",
       [](o& x, text n, text v) {
         x.main.queue_bytes = x.renderer.queue_bytes = number<std::size_t>(n, v);
       }},
      {"queue_messages",
       [](o& x, text n, text v) {
         x.main.queue_messages = x.renderer.queue_messages = number<std::size_t>(n, v);
       }},
      {"total_queue_bytes",
       [](o& x, text n, text v) { x.main.total_queue_bytes = number<std::size_t>(n, v); }},
      {"total_inbox_bytes",
       [](o& x, text n, text v) { x.main.total_inbox_bytes = number<std::size_t>(n, v); }},
      {"overflow",
       [](o& x, text n, text v) {
         x.main.overflow = x.renderer.overflow =
             policy<overflow_policy>(n, v, overflow_policy_names);
       }},
      {"block_for", times([](o& x, std::chrono::milliseconds t) {
         x.main.block_for = x.renderer.block_for = t;
       })},
      {"after_restart",
       [](o& x, text n, text v) {
         x.renderer.after_restart = policy<restart_policy>(n, v, restart_policy_names);
       }},
      {"part_bytes",
       [](o& x, text n, text v) {
         x.main.limits.part_bytes = x.renderer.limits.part_bytes = number<std::size_t>(n, v);
       }},
      {"depth",
       [](o& x, text n, text v) {
         x.main.limits.depth = x.renderer.limits.depth = number<std::uint32_t>(n, v);
       }},
      {"connections_max",
       [](o& x, text n, text v) { x.main.connections_max = number<std::size_t>(n, v); }},
  };
  return all;
}

}  // namespace

}  // namespace ipczmq::c

using namespace ipczmq::c;

ipczmq_options* ipczmq_options_new(void) {
  ipczmq_options* made = nullptr;
  guarded([&] { made = new ipczmq_options; });
  return made;
}

int ipczmq_options_set(ipczmq_options* options, const char* name, const char* value) {
  return guarded([&] {
    ipczmq_options& o = checked(options, "options");
    const std::string_view text = &checked(value, "value of an option");
    const auto found = setters().find(&checked(name, "name of an option"));
    if (found == setters().end()) {
      std::string known;
      for (const auto& each : setters()) known.append(" ").append(each.first);
      throw ipczmq::error(ipczmq::errc::bad_arguments,
                          "there is no option \"" + std::string(name) + "\"; there are" + known);
    }
    found->second(o, name, text);
  });
}

int ipczmq_options_set_log(ipczmq_options* options, ipczmq_log_fn log, void* user,
                           ipczmq_release_fn release) {
  return guarded([&] {
    const user_data data(user, release);
    ipczmq_options& o = checked(options, "options");
    checked(log, "callback");
    o.main.log = [log, data](ipczmq::log_level level, std::string_view line) {
      log(static_cast<int>(level), std::string(line).c_str(), data.get());
    };
    o.renderer.log = o.main.log;
  });
}

void ipczmq_options_free(ipczmq_options* options) { delete options; }
