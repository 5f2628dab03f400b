/* SPDX-License-Identifier: MIT */
/* What the tests in C check with: it counts, and goes on. */
#pragma once

#include <ipczmq.h>
#include <stdio.h>

static _Atomic int failed, checks; /* listeners check on other threads */

#define CHECK(condition)                                                             \
  do {                                                                               \
    ++checks;                                                                        \
    if (!(condition)) {                                                              \
      ++failed;                                                                      \
      printf("FAILED: %s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
             ipczmq_error_message());                                                \
    }                                                                                \
  } while (0)
#define MUST(call) CHECK((call) == IPCZMQ_OK)
