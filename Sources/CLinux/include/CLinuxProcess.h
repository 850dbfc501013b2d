// Threads, mount namespaces and child processes: calls that Glibc's module map leaves out, or that must be made in C
// between vfork and exec. Every function returns a value or -errno.
#pragma once

#include <sys/types.h>

// pthreads(7)

/// pthread_setname_np(3) on the calling thread. Names are cut to 15 bytes.
int clinux_set_thread_name(const char *name);

// mount_namespaces(7)

/// unshare(2) with CLONE_NEWNS, of the calling thread only.
int clinux_unshare_mount_namespace(void);
/// unshare(2) with CLONE_FS, then setns(2) with CLONE_NEWNS: moves only the calling thread. Its working directory becomes
/// the root directory of the namespace.
int clinux_enter_mount_namespace(int fd);

// memfd_create(2)

/// An anonymous file in memory. Returns its fd.
int clinux_memory_file(const char *name);

// vfork(2), execve(2)

/// What to execute, and how.
struct clinux_spawn_request {
  /// A path, or a name to look up in PATH.
  const char *program;
  /// NULL-terminated.
  char *const *arguments;
  /// NULL-terminated; NULL to inherit the parent's.
  char *const *environment;
  /// The fds that become 0, 1 and 2; negative to inherit.
  int standard_streams[3];
  /// PR_SET_PDEATHSIG of prctl(2): the signal that the child gets when the thread that spawned it ends. 0 for none.
  int parent_death_signal;
};

/// Starts a child in the namespaces of the calling thread, with no signal blocked. Returns its process id once execve(2)
/// has succeeded, or -errno if any step failed.
pid_t clinux_spawn(const struct clinux_spawn_request *request);

// fork(2), execve(2)

/// Forks a child that waits for clinux_release() before execve(2). The child exits if the other end of its gate is closed
/// first, which also happens when the parent ends. The caller closes `*gate`.
pid_t clinux_spawn_held(const struct clinux_spawn_request *request, int *gate);
/// Lets the child execute. Returns 0 once execve(2) has succeeded, or if the child was killed before; -errno if any step
/// failed, and then the child exits.
int clinux_release(int gate);

// prctl(2), wait(2)

/// PR_SET_CHILD_SUBREAPER: whether orphaned descendants become children of this process.
int clinux_adopt_orphans(int on);
/// Reaps one child that has ended, except `kept`. Returns its process id; 0 if no child, or only `kept`, has ended; -ECHILD
/// if there are no children.
pid_t clinux_reap_other(pid_t kept);

// pidfd_open(2)

/// Returns a pidfd. It polls as readable when the process has ended.
int clinux_pidfd_open(pid_t pid);
/// pidfd_send_signal(2). ESRCH once the process has been waited for. It never reaches another process.
int clinux_pidfd_send_signal(int pidfd, int signal);
/// waitid(2) with P_PIDFD: waits for the process to end, and reaps it. Returns its exit status, or, if a signal ended it,
/// the signal's number, and then sets `*signaled` to 1.
int clinux_pidfd_wait(int pidfd, int *signaled);
