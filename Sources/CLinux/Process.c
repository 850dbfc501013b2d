#define _GNU_SOURCE
#include "CLinuxProcess.h"
#include "Uninterrupted.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_set_thread_name(const char *name) {
  char cut[16] = {0};
  strncpy(cut, name, sizeof cut - 1);
  return -pthread_setname_np(pthread_self(), cut);
}

int clinux_unshare_mount_namespace(void) { return unshare(CLONE_NEWNS) < 0 ? -errno : 0; }

int clinux_enter_mount_namespace(int fd) {
  if (unshare(CLONE_FS) < 0) return -errno;
  return setns(fd, CLONE_NEWNS) < 0 ? -errno : 0;
}

int clinux_memory_file(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int clinux_adopt_orphans(int on) { return prctl(PR_SET_CHILD_SUBREAPER, on, 0, 0, 0) < 0 ? -errno : 0; }

pid_t clinux_reap_other(pid_t kept) {
  siginfo_t info = {0};
  int result;
  // Look first (WNOWAIT): other code waits for the kept child.
  UNINTERRUPTED(result, waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT));
  if (result < 0) return -errno;
  if (info.si_pid == 0 || info.si_pid == kept) return 0;
  UNINTERRUPTED(result, waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG));
  return result < 0 ? -errno : info.si_pid;
}

int clinux_pidfd_open(pid_t pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : fd;
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int clinux_pidfd_wait(int pidfd, int *signaled) {
  siginfo_t info = {0};
  int result;
  UNINTERRUPTED(result, waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
  if (result < 0) return -errno;
  *signaled = info.si_code != CLD_EXITED;
  return info.si_status;
}

// Installs the given fds as 0 to 2. They are first copied to higher numbers, so that none is overwritten before it is
// used. The copies have FD_CLOEXEC; dup2 clears it.
static int place_standard_streams(const int streams[3]) {
  int copies[3];
  for (int i = 0; i < 3; i++) {
    if (streams[i] < 0) continue;
    copies[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
    if (copies[i] < 0) return -1;
  }
  for (int i = 0; i < 3; i++)
    if (streams[i] >= 0 && dup2(copies[i], i) < 0) return -1;
  return 0;
}

// Runs in the child, which shares the parent's memory until execve: only async-signal-safe calls.
static void become(const struct clinux_spawn_request *request, pid_t parent) {
  // execve(2) resets handlers too, but a handler of the parent could run before it. Ignored signals stay ignored, as
  // nohup(1) expects.
  for (int signal = 1; signal < NSIG; signal++) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) < 0 || action.sa_handler == SIG_IGN) continue;
    action = (struct sigaction){.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
  }

  if (request->parent_death_signal) {
    if (prctl(PR_SET_PDEATHSIG, request->parent_death_signal) < 0) return;
    if (getppid() != parent) {
      errno = ESRCH;
      return;
    }
  }
  if (place_standard_streams(request->standard_streams) < 0) return;

  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, NULL) < 0) return;
  if (request->environment)
    execvpe(request->program, request->arguments, request->environment);
  else
    execvp(request->program, request->arguments);
}

pid_t clinux_spawn(const struct clinux_spawn_request *request) {
  // No signal handler of the parent may run in the child while it shares the parent's memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);

  volatile int error = 0;
  pid_t parent = getpid();
  pid_t child = vfork();
  if (child == 0) {
    become(request, parent);
    error = errno;
    _exit(127);
  }
  if (child < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);

  if (error == 0) return child;
  if (child > 0) {
    // The child has ended or is about to. If it cannot be waited for, a zombie remains. The error is execve's either way.
    pid_t waited;
    UNINTERRUPTED(waited, waitpid(child, NULL, 0));
  }
  return -error;
}

pid_t clinux_spawn_held(const struct clinux_spawn_request *request, int *gate) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);

  // Not vfork: the parent continues while the child waits.
  pid_t parent = getpid();
  pid_t child = fork();
  int error = errno;
  if (child == 0) {
    close(ends[0]);
    char word;
    ssize_t count;
    do count = read(ends[1], &word, sizeof word);
    while (count < 0 && errno == EINTR);
    if (count == sizeof word) {
      become(request, parent);
      error = errno;
      send(ends[1], &error, sizeof error, MSG_NOSIGNAL);
    }
    _exit(127);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);

  close(ends[1]);
  if (child > 0) {
    *gate = ends[0];
    return child;
  }
  close(ends[0]);
  return -error;
}

int clinux_release(int gate) {
  ssize_t count;
  do count = send(gate, "", 1, MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  // EPIPE: the child was killed. The caller that waits for it gets its status.
  if (count < 0) return errno == EPIPE ? 0 : -errno;
  // execve closes the child's end (SOCK_CLOEXEC).
  int error;
  do count = recv(gate, &error, sizeof error, 0);
  while (count < 0 && errno == EINTR);
  return count == sizeof error ? -error : 0;
}
