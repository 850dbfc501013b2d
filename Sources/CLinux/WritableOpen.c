#define _GNU_SOURCE
#include "CLinux.h"
#include "Uninterrupted.h"

#include <errno.h>
#include <fcntl.h>

static _Thread_local int last_error;

int clinux_writable_open(const char *path, int flags, int mode) {
  int fd;
  UNINTERRUPTED(fd, open(path, flags, (mode_t)mode));
  if (fd >= 0) return fd;
  if ((flags & O_ACCMODE) != O_RDONLY) last_error = errno;
  // SQLite would retry EINTR without end.
  if (errno == EINTR) errno = EIO;
  return -1;
}

int clinux_writable_open_error(void) { return last_error; }

void clinux_writable_open_forget(void) { last_error = 0; }
