// SPDX-License-Identifier: MIT
// Preloaded into a peer: counts what it allocates in the file that BENCH_ALLOCATIONS names, where
// the other process can read it: first all, then those of operator new.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <new>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::uint64_t unseen[2];
std::uint64_t* counters = unseen;

__attribute__((constructor)) void map_counters() {
  const char* path = std::getenv("BENCH_ALLOCATIONS");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (::ftruncate(fd, sizeof unseen) == 0) {
    void* p = ::mmap(nullptr, sizeof unseen, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) counters = static_cast<std::uint64_t*>(p);
  }
  ::close(fd);
}

void count(int which) { __atomic_fetch_add(&counters[which], 1, __ATOMIC_RELAXED); }

}  // namespace

extern "C" {
void* malloc(std::size_t size) {
  count(0);
  return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
  count(0);
  return __libc_calloc(n, size);
}
void* realloc(void* old, std::size_t size) {
  count(0);
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count(0);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  count(0);
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
}

void* operator new(std::size_t size) {
  count(0);
  count(1);
  void* p = __libc_malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
