#define _GNU_SOURCE
#include "CLinux.h"
#include "Uninterrupted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if.h>
#include <linux/virtio_net.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
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
  // Kernels before 4.20 lack strict checking. Every message that is sent is valid without it.
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_bytes, sizeof receive_buffer_bytes) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);

  // Port 0: the kernel assigns a port id. getpid() would fail for the second socket of a process.
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return close_and_return(fd, errno);
  return fd;
}

ssize_t clinux_netlink_send(int fd, const void *bytes, size_t count) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {
      .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &vector, .msg_iovlen = 1};
  return VALUE_OR_ERROR(sendmsg(fd, &message, 0));
}

int clinux_netlink_reserve_send(int fd, size_t count) {
  // The kernel doubles the value and counts its own overhead for each buffer against it.
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
  UNINTERRUPTED(received, recvmsg(fd, &message, *flags));
  if (received < 0) return -errno;
  *flags = message.msg_flags;
  *sender = from.nl_pid;
  return received;
}

// An ioctl about the link `name`, which `request` receives with the answer.
static int link_ioctl(int fd, unsigned long number, const char *name, struct ifreq *request) {
  if (strlen(name) >= sizeof request->ifr_name) return -ENAMETOOLONG;
  strcpy(request->ifr_name, name);
  return VALUE_OR_ERROR(ioctl(fd, number, request));
}

int clinux_link_index(int fd, const char *name) {
  struct ifreq request = {0};
  int result = link_ioctl(fd, SIOCGIFINDEX, name, &request);
  return result < 0 ? result : request.ifr_ifindex;
}

int clinux_link_address(int fd, const char *name, uint8_t address[6]) {
  struct ifreq request = {0};
  int result = link_ioctl(fd, SIOCGIFHWADDR, name, &request);
  memcpy(address, request.ifr_hwaddr.sa_data, 6);
  return result;
}

static int tap_ioctl(int fd, unsigned long request, unsigned long argument) {
  return VALUE_OR_ERROR(ioctl(fd, request, argument));
}

int clinux_tap_open(const char *name, uint16_t flags) {
  struct ifreq request = {.ifr_flags = (short)flags};
  int fd = clinux_open("/dev/net/tun", O_RDWR | O_NONBLOCK, 0);
  if (fd < 0) return fd;
  int result = link_ioctl(fd, TUNSETIFF, name, &request);
  return result < 0 ? close_and_return(fd, -result) : fd;
}

int clinux_tap_set_persistent(int fd, int persistent) {
  return tap_ioctl(fd, TUNSETPERSIST, persistent != 0);
}

int clinux_tap_set_owner(int fd, uint32_t uid) {
  return tap_ioctl(fd, TUNSETOWNER, uid);
}

int clinux_tap_set_group(int fd, uint32_t gid) {
  return tap_ioctl(fd, TUNSETGROUP, gid);
}

int clinux_tap_reset(int fd) {
  struct tun_filter everything = {0};
  const int header = sizeof(struct virtio_net_hdr), little = 0, room = INT_MAX, none = -1;
  const struct {
    unsigned long request;
    const void *argument;
    // A kernel without the request answers EINVAL; then there is nothing to reset.
    int is_optional;
  } settings[] = {
      {TUNDETACHFILTER, NULL, 0},        {TUNSETTXFILTER, &everything, 0}, {TUNSETOFFLOAD, NULL, 0},
      {TUNSETVNETHDRSZ, &header, 0},     {TUNSETVNETLE, &little, 1},       {TUNSETVNETBE, &little, 1},
      {TUNSETSNDBUF, &room, 0},          {TUNSETSTEERINGEBPF, &none, 1},   {TUNSETFILTEREBPF, &none, 1},
  };
  for (size_t index = 0; index < sizeof settings / sizeof *settings; index++) {
    int result = tap_ioctl(fd, settings[index].request, (unsigned long)settings[index].argument);
    if (result < 0 && !(settings[index].is_optional && result == -EINVAL)) return result;
  }
  return 0;
}

int clinux_enter_network_namespace(int fd) { return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0; }

int clinux_unshare_network_namespace(void) { return unshare(CLONE_NEWNET) < 0 ? -errno : 0; }

const char *clinux_errno_name(int number) { return strerrorname_np(number); }

int clinux_open(const char *path, int flags, uint32_t mode) {
  return VALUE_OR_ERROR(open(path, flags | O_CLOEXEC, (mode_t)mode));
}

int clinux_lock(int fd, int kind, int64_t byte) {
  struct flock lock = {.l_type = (short)kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
  return VALUE_OR_ERROR(fcntl(fd, F_OFD_SETLKW, &lock));
}

int clinux_lock_whole(int fd) { return VALUE_OR_ERROR(flock(fd, LOCK_EX)); }

ssize_t clinux_read(int fd, void *bytes, size_t capacity) {
  return VALUE_OR_ERROR(read(fd, bytes, capacity));
}

ssize_t clinux_write(int fd, const void *bytes, size_t count) {
  return VALUE_OR_ERROR(write(fd, bytes, count));
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
  ssize_t count = clinux_read(fd, &info, sizeof info);
  if (count < 0) return count == -EAGAIN ? 0 : (int)count;
  if (count != sizeof info) return -EIO;
  *is_from_kernel = info.ssi_code == SI_KERNEL;
  return (int)info.ssi_signo;
}
