// SPDX-License-Identifier: MIT
#include "options.hpp"

#include "js.hpp"

#include <cmath>

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

// One of a few words, which stand for the numbers of an enumeration in their order.
template <class Enum>
void read_word(const Napi::Object& o, const char* name, std::initializer_list<const char*> words,
               Enum& to) {
  std::string word;
  read(o, name, word);
  if (word.empty()) return;
  std::string wanted;
  int number = 0;
  for (const char* w : words) {
    if (word == w) {
      to = static_cast<Enum>(number);
      return;
    }
    wanted += (number++ == 0 ? "'" : ", '") + std::string(w) + "'";
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
  read_word(o, "overflow", {"block", "fail", "drop-oldest", "drop-newest", "disconnect"},
            to.overflow);
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
  read_word(o, "duplicates", {"refuse", "replace"}, to.duplicates);
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
  read_word(o, "afterRestart", {"report", "repeat"}, to.after_restart);
  return to;
}

}  // namespace ipczmq_node
