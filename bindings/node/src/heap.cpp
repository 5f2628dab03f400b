// SPDX-License-Identifier: MIT
#include "heap.hpp"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

namespace ipczmq_node {

namespace {

#if defined(__GLIBC__)
// A flood of 64 MiB, the most that a renderer queues, and its garbage.
constexpr int kept_at_the_end = 256 << 20;
// malloc's most: what is larger has pages of its own.
constexpr int pages_of_its_own = 32 << 20;

bool set_by_environment() {
  for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"})
    if (std::getenv(name) != nullptr) return true;
  const char* const tunables = std::getenv("GLIBC_TUNABLES");
  return tunables != nullptr && std::strstr(tunables, "glibc.malloc.") != nullptr;
}

class trimmer : public Napi::AsyncWorker {
 public:
  explicit trimmer(Napi::Env env) : AsyncWorker(env, "ipczmq.trim") {}
  void Execute() override { malloc_trim(0); }
};
#endif

}  // namespace

void keep_freed_memory() {
#if defined(__GLIBC__)
  static std::once_flag once;
  std::call_once(once, [] {
    if (set_by_environment()) return;
    mallopt(M_MMAP_THRESHOLD, pages_of_its_own);
    mallopt(M_TRIM_THRESHOLD, kept_at_the_end);
  });
#endif
}

Napi::Value trim_heap(const Napi::CallbackInfo& info) {
#if defined(__GLIBC__)
  (new trimmer(info.Env()))->Queue();
#endif
  return info.Env().Undefined();
}

}  // namespace ipczmq_node
