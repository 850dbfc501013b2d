#define _GNU_SOURCE
#include "CLinux.h"
#include "Uninterrupted.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static _Thread_local int reserve = -1;

int clinux_reserve_use(int fd) {
  int former = reserve;
  reserve = fd;
  return former;
}

int clinux_reserve_keep(int fd, off_t bytes) {
  int error = EINTR;
  for (int tries = 0; error == EINTR && tries < most_interruptions; tries++) error = posix_fallocate(fd, 0, bytes);
  return -error;
}

enum { portion = 64 << 10 };

// If the last call failed for lack of space, gives a portion of the reserve back to the file system.
static int release_portion(void) {
  int error = errno;
  struct stat status;
  if ((error != ENOSPC && error != EDQUOT) || reserve < 0) return 0;
  if (fstat(reserve, &status) == 0 && status.st_size > 0) {
    int result;
    UNINTERRUPTED(result, ftruncate(reserve, status.st_size > portion ? status.st_size - portion : 0));
    if (result == 0) return 1;
  }
  errno = error;
  return 0;
}

ssize_t clinux_reserved_write(int fd, const void *bytes, size_t count) {
  ssize_t result;
  do result = write(fd, bytes, count);
  while (result < 0 && release_portion());
  return result;
}

ssize_t clinux_reserved_pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  ssize_t result;
  do result = pwrite(fd, bytes, count, offset);
  while (result < 0 && release_portion());
  return result;
}
