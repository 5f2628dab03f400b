// SPDX-License-Identifier: MIT
#pragma once

namespace ipczmq::detail {

// gcc 12 at -O1 forgets that a callable, once it is inside of another one in a std::function, can
// still write to what it has captured by reference (-fipa-modref): `while (running) main.poll();`
// would never see `running` change. Of what the compiler cannot look into, it assumes nothing.
template <class F>
void keep_captures([[maybe_unused]] F& f) {
#if defined(__GNUC__) && !defined(__clang__)
  asm volatile("" : : "g"(&f) : "memory");
#endif
}

}  // namespace ipczmq::detail
