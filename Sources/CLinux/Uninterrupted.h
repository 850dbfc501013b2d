// System calls that a signal interrupts: signal(7).
#pragma once

#include <errno.h>

enum { most_interruptions = 1000 };

// Sets `result` to the return value of `call`, and repeats the call while a signal interrupts it. After
// most_interruptions it gives up: EINTR is then reported as an error, instead of a loop without end.
#define UNINTERRUPTED(result, call)                                                                      \
  for (int interruptions = 0;                                                                            \
       ((result) = (call)) < 0 && errno == EINTR && interruptions < most_interruptions; interruptions++)

// The value of `call`, which UNINTERRUPTED repeats, or -errno.
#define VALUE_OR_ERROR(call)            \
  ({                                    \
    __typeof__(call) value;             \
    UNINTERRUPTED(value, call);         \
    value < 0 ? -errno : value;         \
  })
