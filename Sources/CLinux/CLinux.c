#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int close_and_return(int fd, int error) {
  close(fd);
  return -error;
}

int clinux_netlink_open(int protocol, int receive_buffer_bytes) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return -errno;

  const int on = 1;
  // Kernels before 4.20 lack strict checking; everything we send is valid without it.
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_bytes, sizeof receive_buffer_bytes) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);

  // Port 0: the kernel picks one. getpid() would fail for the second socket of a process.
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return close_and_return(fd, errno);
  return fd;
}

ssize_t clinux_netlink_send(int fd, const void *bytes, size_t count) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {
      .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &vector, .msg_iovlen = 1};
  ssize_t sent;
  do sent = sendmsg(fd, &message, 0);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int clinux_netlink_reserve_send(int fd, size_t count) {
  // The kernel doubles the number, and counts its own overhead of each buffer against it.
  if (count > INT_MAX / 2) return -EMSGSIZE;
  const int bytes = (int)count + 1024;
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) == 0) return 0;
  return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

ssize_t clinux_netlink_receive(int fd, void *bytes, size_t capacity, int *flags, uint32_t *sender) {
  struct sockaddr_nl from = {0};
  struct iovec vector = {.iov_base = bytes, .iov_len = capacity};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1};
  ssize_t received;
  do received = recvmsg(fd, &message, *flags);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  *flags = message.msg_flags;
  *sender = from.nl_pid;
  return received;
}

int clinux_tap_open(const char *name, uint16_t flags) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return -ENAMETOOLONG;
  strcpy(request.ifr_name, name);
  request.ifr_flags = (short)flags;

  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -errno;
  if (ioctl(fd, TUNSETIFF, &request) < 0) return close_and_return(fd, errno);
  return fd;
}

int clinux_tap_set_persistent(int fd, int persistent) {
  return ioctl(fd, TUNSETPERSIST, (unsigned long)persistent) < 0 ? -errno : 0;
}

int clinux_tap_set_owner(int fd, uint32_t uid) {
  return ioctl(fd, TUNSETOWNER, (unsigned long)uid) < 0 ? -errno : 0;
}

int clinux_tap_set_group(int fd, uint32_t gid) {
  return ioctl(fd, TUNSETGROUP, (unsigned long)gid) < 0 ? -errno : 0;
}

int clinux_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0; }

int clinux_unshare_network_namespace(void) { return unshare(CLONE_NEWNET) < 0 ? -errno : 0; }

const char *clinux_errno_name(int number) { return strerrorname_np(number); }

int clinux_open(const char *path, int flags, uint32_t mode) {
  int fd;
  do fd = open(path, flags | O_CLOEXEC, (mode_t)mode);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

int clinux_lock(int fd, int kind, int64_t byte) {
  struct flock lock = {.l_type = (short)kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
  int result;
  do result = fcntl(fd, F_OFD_SETLKW, &lock);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int clinux_signal_open(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t index = 0; index < count; index++) sigaddset(&set, signals[index]);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) return -error;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int clinux_signal_next(int fd, int *is_from_kernel) {
  struct signalfd_siginfo info;
  ssize_t count;
  do count = read(fd, &info, sizeof info);
  while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? 0 : -errno;
  if (count != sizeof info) return -EIO;
  *is_from_kernel = info.ssi_code == SI_KERNEL;
  return (int)info.ssi_signo;
}
