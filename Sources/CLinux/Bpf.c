#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load(union bpf_attr *attributes) {
  // EAGAIN: a signal arrived while the verifier checked the program.
  for (int attempt = 0; attempt < 5; attempt++) {
    long fd = syscall(SYS_bpf, BPF_PROG_LOAD, attributes, sizeof *attributes);
    if (fd >= 0) return (int)fd;
    if (errno != EAGAIN) break;
  }
  return -errno;
}

int clinux_bpf_load_classifier(
    const void *instructions, uint32_t count, const char *name, const char *license, char *log, uint32_t log_bytes) {
  union bpf_attr attributes = {0};
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insns = (uint64_t)(uintptr_t)instructions;
  attributes.insn_cnt = count;
  attributes.license = (uint64_t)(uintptr_t)license;
  strncpy(attributes.prog_name, name, sizeof attributes.prog_name - 1);
  int fd = load(&attributes);
  if (fd == -EPERM) {
    // Before Linux 5.11 a program counts as locked memory, and even root's RLIMIT_MEMLOCK may be small.
    const struct rlimit unlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0) fd = load(&attributes);
  }
  if (fd >= 0 || fd == -EPERM || fd == -ENOSYS) return fd;

  // Load again to get the verifier's log.
  attributes.log_level = 1;
  attributes.log_buf = (uint64_t)(uintptr_t)log;
  attributes.log_size = log_bytes;
  return load(&attributes);
}
