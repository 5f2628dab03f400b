// SPDX-License-Identifier: MIT
#include "options.hpp"

#include "js.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace ipczmq_node {

namespace {

Napi::TypeError wrong(const Napi::Value& v, const char* name, const char* wanted) {
  return Napi::TypeError::New(v.Env(), std::string("option '") + name + "': wanted " + wanted);
}

bool given(const Napi::Object& o, const char* name, Napi::Value& v) {
  v = o.Get(name);
  return !v.IsUndefined() && !v.IsNull();
}

void read(const Napi::Object& o, const char* name, std::string& to) {
  Napi::Value v;
  if (!given(o, name, v)) return;
  if (!v.IsString()) throw wrong(v, name, "a string");
  to = v.As<Napi::String>().Utf8Value();
}

void read(const Napi::Object& o, const char* name, bool& to) {
  Napi::Value v;
  if (!given(o, name, v)) return;
  if (!v.IsBoolean()) throw wrong(v, name, "a boolean");
  to = v.As<Napi::Boolean>().Value();
}

std::int64_t count(const Napi::Value& v, const char* name, const char* wanted) {
  if (!v.IsNumber()) throw wrong(v, name, wanted);
  const double n = v.As<Napi::Number>().DoubleValue();
  if (!(n >= 0) || n > 9e15) throw wrong(v, name, wanted);
  return static_cast<std::int64_t>(std::ceil(n));
}

void read(const Napi::Object& o, const char* name, std::chrono::milliseconds& to) {
  Napi::Value v;
  if (given(o, name, v)) to = std::chrono::milliseconds(count(v, name, "milliseconds"));
}

template <class Integer>
void read_count(const Napi::Object& o, const char* name, Integer& to) {
  Napi::Value v;
  if (given(o, name, v)) to = static_cast<Integer>(count(v, name, "a number of 0 or more"));
}

void read(const Napi::Object& o, ipczmq::limits& to) {
  Napi::Value v;
  if (!given(o, "limits", v)) return;
  if (!v.IsObject()) throw wrong(v, "limits", "an object");
  const auto limits = v.As<Napi::Object>();
  read_count(limits, "partBytes", to.part_bytes);
  read_count(limits, "messages", to.messages);
  read_count(limits, "attachments", to.attachments);
  read_count(limits, "depth", to.depth);
}

// A policy, of those that options.hpp lists; JavaScript writes the names with hyphens.
template <class Policy, class Names>
void read_policy(const Napi::Object& o, const char* name, const Names& names, Policy& to) {
  std::string word;
  read(o, name, word);
  if (word.empty()) return;
  std::string wanted;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string own(names[i]);
    std::replace(own.begin(), own.end(), '_', '-');
    if (word == own) {
      to = static_cast<Policy>(i);
      return;
    }
    wanted.append(i == 0 ? "'" : ", '").append(own).append("'");
  }
  throw wrong(o, name, ("one of " + wanted).c_str());
}

// What both roles have beside their endpoints.
template <class Options>
void read_common(const Napi::Object& o, Options& to) {
  read(o, "identity", to.identity);
  read(o, "insecure", to.insecure);
  read(o, "linger", to.linger);
  read(o, "callDeadline", to.call_deadline);
  read(o, to.limits);
  read_count(o, "queueBytes", to.queue_bytes);
  read_count(o, "queueMessages", to.queue_messages);
  read_policy(o, "overflow", ipczmq::overflow_policy_names, to.overflow);
  read(o, "blockFor", to.block_for);
}

}  // namespace

ipczmq::main_options main_options_of(const Napi::Object& o) {
  ipczmq::main_options to;
  Napi::Value v;
  if (given(o, "endpoints", v)) {
    if (!v.IsArray()) throw wrong(v, "endpoints", "an array of strings");
    const auto list = v.As<Napi::Array>();
    for (std::uint32_t i = 0; i < list.Length(); ++i) {
      const Napi::Value one = list[i];
      if (!one.IsString()) throw wrong(one, "endpoints", "an array of strings");
      to.endpoints.push_back(one.As<Napi::String>().Utf8Value());
    }
  }
  read_common(o, to);
  read_policy(o, "duplicates", ipczmq::duplicate_policy_names, to.duplicates);
  read(o, "pingInterval", to.ping_interval);
  read(o, "pingTimeout", to.ping_timeout);
  read(o, "unresponsiveAfter", to.unresponsive_after);
  read(o, "resumeFor", to.resume_for);
  read_count(o, "totalQueueBytes", to.total_queue_bytes);
  read_count(o, "totalInboxBytes", to.total_inbox_bytes);
  read_count(o, "connectionsMax", to.connections_max);
  return to;
}

ipczmq::renderer_options renderer_options_of(const Napi::Object& o) {
  ipczmq::renderer_options to;
  read(o, "endpoint", to.endpoint);
  read_common(o, to);
  Napi::Value v;
  if (given(o, "connectWithin", v))
    to.connect_within = std::chrono::milliseconds(count(v, "connectWithin", "milliseconds"));
  read_policy(o, "afterRestart", ipczmq::restart_policy_names, to.after_restart);
  return to;
}

}  // namespace ipczmq_node
