// Threads, mount namespaces and child processes: what Glibc's module map leaves out, or C alone can do between vfork and
// exec. Every function returns a value, or -errno.
#pragma once

#include <sys/types.h>

// pthreads(7)

/// pthread_setname_np(3) on the calling thread; names of more than 15 bytes are cut.
int clinux_set_thread_name(const char *name);

// mount_namespaces(7)

/// unshare(2) with CLONE_NEWNS, on the calling thread alone.
int clinux_unshare_mount_namespace(void);
/// setns(2) with CLONE_NEWNS, after unshare(2) with CLONE_FS: the calling thread alone moves. Its working directory
/// becomes the root of the namespace.
int clinux_enter_mount_namespace(int fd);

// memfd_create(2)

/// An anonymous file in memory.
int clinux_memory_file(const char *name);

// vfork(2), execve(2)

struct clinux_spawn_request {
  /// A path, or a name that is looked up in PATH.
  const char *program;
  /// NULL-terminated.
  char *const *arguments;
  /// NULL-terminated; NULL to inherit.
  char *const *environment;
  /// Descriptors that become 0, 1 and 2; negative to inherit.
  int standard_streams[3];
  /// The signal sent to the child when the thread that spawned it ends: prctl(2), PR_SET_PDEATHSIG. 0 for none.
  int parent_death_signal;
};

/// Starts a child in the namespaces of the calling thread, with no signal blocked. Returns its process id
/// once execve(2) has worked, or -errno when anything on the way to it failed.
pid_t clinux_spawn(const struct clinux_spawn_request *request);

// fork(2), execve(2)

/// Starts a child that is there and has not begun: it waits for clinux_release(), and ends when the other end of its
/// gate is closed before, as it is when the parent ends. `*gate` is for the caller to close.
pid_t clinux_spawn_held(const struct clinux_spawn_request *request, int *gate);
/// Lets the child begin. Returns 0 once execve(2) has worked, or something has killed the child before; or -errno when
/// anything on the way to it failed, and then the child ends.
int clinux_release(int gate);

// prctl(2), wait(2)

/// PR_SET_CHILD_SUBREAPER: whether the descendants whose parents have ended become this process's children.
int clinux_adopt_orphans(int on);
/// Reaps a child that has ended, but for `kept`. Returns its process id; 0 when none has, or only that one; -ECHILD when
/// there are no children.
pid_t clinux_reap_other(pid_t kept);

// pidfd_open(2)

/// A descriptor that polls as readable when the process has ended.
int clinux_pidfd_open(pid_t pid);
/// pidfd_send_signal(2): ESRCH once the process has been waited for, and never another process.
int clinux_pidfd_send_signal(int pidfd, int signal);
/// waitid(2) on a pidfd: waits for the process to end, and reaps it. Returns its exit status, or the number of the
/// signal that ended it, and then sets `*signaled`.
int clinux_pidfd_wait(int pidfd, int *signaled);
