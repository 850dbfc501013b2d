// signal(7): calls that a signal interrupts.
#pragma once

#include <errno.h>

enum { most_interruptions = 1000 };

// Sets `result` to what `call` returns, and makes it again when a signal has interrupted it. A call that is said to be
// interrupted every time is given up: its EINTR is then an error to report, rather than a wait without end.
#define UNINTERRUPTED(result, call)                                                                      \
  for (int interruptions = 0;                                                                            \
       ((result) = (call)) < 0 && errno == EINTR && interruptions < most_interruptions; interruptions++)
