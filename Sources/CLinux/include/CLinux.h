// The kernel's UAPI headers, and the calls that Swift cannot import: variadic functions such as ioctl, macros, and structs
// whose header conflicts with Glibc's. Every function returns a value or -errno, unless its comment says otherwise.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Must precede <linux/in.h>, which then leaves its types to Glibc's header. So Swift sees one definition of each.
#include <netinet/in.h>

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "CLinuxProcess.h"
#include "CLinuxXtables.h"

// netlink(7)

/// Opens a netlink socket, bound to a port id that the kernel assigns, with NETLINK_EXT_ACK, NETLINK_CAP_ACK and
/// NETLINK_GET_STRICT_CHK. Returns its fd.
int clinux_netlink_open(int protocol, int receive_buffer_bytes);
/// One sendmsg(2) to the kernel. Returns the number of bytes sent.
ssize_t clinux_netlink_send(int fd, const void *bytes, size_t count);
/// Enlarges the send buffer for one message of `count` bytes: a message cannot be larger than the send buffer.
int clinux_netlink_reserve_send(int fd, size_t count);
/// One recvmsg(2) with `*flags` (MSG_DONTWAIT). Sets `*flags` to msg_flags (MSG_TRUNC) and `*sender` to the sender's port
/// id (0 is the kernel). Returns the number of bytes received.
ssize_t clinux_netlink_receive(int fd, void *bytes, size_t capacity, int *flags, uint32_t *sender);

// netdevice(7)

/// SIOCGIFINDEX, on a socket of any family: the index of the link `name` in the socket's network namespace; -ENODEV if
/// there is none. if_nametoindex(3) opens a socket for each call, and hides the error if it cannot.
int clinux_link_index(int fd, const char *name);
/// SIOCGIFHWADDR, on a socket of any family: the first six bytes of the link's hardware address.
int clinux_link_address(int fd, const char *name, uint8_t address[6]);

// tun(4)

/// Opens /dev/net/tun and creates or attaches to the TAP `name`: TUNSETIFF with these IFF_ flags. Returns its fd.
int clinux_tap_open(const char *name, uint16_t flags);
/// TUNSETPERSIST.
int clinux_tap_set_persistent(int fd, int persistent);
/// TUNSETOWNER.
int clinux_tap_set_owner(int fd, uint32_t uid);
/// TUNSETGROUP.
int clinux_tap_set_group(int fd, uint32_t gid);
/// Resets the settings that an earlier holder may have left to those of a new device.
int clinux_tap_reset(int fd);

// bpf(2)

/// BPF_PROG_LOAD of a BPF_PROG_TYPE_SCHED_CLS program with `count` instructions. Returns its fd. If the verifier refuses
/// the program, `log` receives its log.
int clinux_bpf_load_classifier(
    const void *instructions, uint32_t count, const char *name, const char *license, char *log, uint32_t log_bytes);

// namespaces(7)

/// setns(2) with CLONE_NEWNET.
int clinux_enter_network_namespace(int fd);
/// unshare(2) with CLONE_NEWNET.
int clinux_unshare_network_namespace(void);

// errno(3)

/// The symbol of an error number, `ENODEV`; NULL if it has none.
const char *clinux_errno_name(int number);

// signalfd(2)

/// Blocks these signals in the calling thread and opens a signalfd that reads them. Returns its fd.
int clinux_signal_open(const int *signals, size_t count);
/// The next pending signal, or 0 if none is pending. Sets `*is_from_kernel` to 1 for a signal from the terminal
/// (SI_KERNEL), otherwise to 0.
int clinux_signal_next(int fd, int *is_from_kernel);

// open(2), fcntl(2): variadic in C. flock(2), read(2), write(2): repeated when a signal interrupts them; EINTR after 1000
// interruptions.

/// open(2) with O_CLOEXEC. Returns the fd.
int clinux_open(const char *path, int flags, uint32_t mode);
/// open(2) for SQLite (sqlite3_vfs.xSetSystemCall). Returns -1 and sets errno, as in C. If SQLite cannot open a file for
/// writing it retries for reading, and the result of that hides the reason.
int clinux_writable_open(const char *path, int flags, int mode);
/// The errno of this thread's last failed clinux_writable_open for writing since clinux_writable_open_forget; 0 if none.
int clinux_writable_open_error(void);
/// Resets clinux_writable_open_error of this thread to 0.
void clinux_writable_open_forget(void);
/// Allocates the first `bytes` bytes of a file: posix_fallocate(3).
int clinux_reserve_keep(int fd, off_t bytes);
/// Sets the reserve file of this thread; -1 for none. When the file system is full, the two calls below shrink the reserve
/// portion by portion (64 KiB), until they succeed or the reserve is empty. Returns the previous reserve.
int clinux_reserve_use(int fd);
/// write(2) and pwrite(2) for SQLite. They return -1 and set errno, as in C.
ssize_t clinux_reserved_write(int fd, const void *bytes, size_t count);
ssize_t clinux_reserved_pwrite(int fd, const void *bytes, size_t count, off_t offset);
/// Waits for an open file description lock on one byte of the file: F_OFD_SETLKW with F_RDLCK, F_WRLCK or F_UNLCK.
int clinux_lock(int fd, int kind, int64_t byte);
/// Waits for an exclusive lock on the whole file: flock(2) with LOCK_EX.
int clinux_lock_whole(int fd);
/// read(2).
ssize_t clinux_read(int fd, void *bytes, size_t capacity);
/// write(2).
ssize_t clinux_write(int fd, const void *bytes, size_t count);
