// The kernel's UAPI headers, and the few calls that Swift cannot import: variadic ioctls, macros, and structs whose
// header collides with Glibc's. Every function returns a value, or -errno.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Before <linux/in.h>, which then leaves its types to Glibc's header, so that Swift sees one definition of each.
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

/// Opens a netlink socket bound to a port the kernel picks, with extended acks, capped acks and strict checking on.
int clinux_netlink_open(int protocol, int receive_buffer_bytes);
/// One sendmsg(2) to the kernel.
ssize_t clinux_netlink_send(int fd, const void *bytes, size_t count);
/// Makes room for one message of `count` bytes: a socket takes no larger one than its send buffer.
int clinux_netlink_reserve_send(int fd, size_t count);
/// One recvmsg(2) with `*flags` (MSG_DONTWAIT). `*flags` receives msg_flags (MSG_TRUNC), `*sender` the sender's port id
/// (0 is the kernel).
ssize_t clinux_netlink_receive(int fd, void *bytes, size_t capacity, int *flags, uint32_t *sender);

// netdevice(7)

/// SIOCGIFINDEX on a socket of any kind: the index of the link called `name` in the socket's network namespace; -ENODEV
/// when there is none. if_nametoindex(3) opens a socket for it each time, and hides why that could not be opened.
int clinux_link_index(int fd, const char *name);

// tun(4)

/// Opens /dev/net/tun and makes or attaches a TAP called `name` with the given IFF_ flags. Returns its descriptor.
int clinux_tap_open(const char *name, uint16_t flags);
int clinux_tap_set_persistent(int fd, int persistent);
int clinux_tap_set_owner(int fd, uint32_t uid);
int clinux_tap_set_group(int fd, uint32_t gid);
/// Sets what a former holder may have left as a new device has it.
int clinux_tap_reset(int fd);

// bpf(2)

/// BPF_PROG_LOAD of a program of type BPF_PROG_TYPE_SCHED_CLS with `count` instructions. Returns its descriptor. `log`
/// receives the verifier's words where it refuses the program.
int clinux_bpf_load_classifier(
    const void *instructions, uint32_t count, const char *name, const char *license, char *log, uint32_t log_bytes);

// namespaces(7)

/// setns(2) with CLONE_NEWNET.
int clinux_enter_network_namespace(int fd);
/// unshare(2) with CLONE_NEWNET.
int clinux_unshare_network_namespace(void);

// errno(3)

/// The symbol of an error number, `ENODEV`; NULL when it has none.
const char *clinux_errno_name(int number);

// signalfd(2)

/// Blocks these signals for the calling thread and opens a descriptor that reads them instead.
int clinux_signal_open(const int *signals, size_t count);
/// The next blocked signal, or 0 when none is pending. `*is_from_kernel` tells one that the terminal sent (SI_KERNEL).
int clinux_signal_next(int fd, int *is_from_kernel);

// open(2), fcntl(2): variadic in C. flock(2), read(2), write(2): made again when a signal interrupts them, which
// interrupts nobody without end.

int clinux_open(const char *path, int flags, uint32_t mode);
/// open(2) as it is in C, -1 and errno, for SQLite (sqlite3_vfs.xSetSystemCall). Where a file cannot be opened for
/// writing SQLite tries it for reading, and what that answers hides why.
int clinux_writable_open(const char *path, int flags, int mode);
/// The errno of this thread's last clinux_writable_open that asked to write and failed, since it was forgotten; 0 for none.
int clinux_writable_open_error(void);
void clinux_writable_open_forget(void);
/// Allocates a file's first bytes: posix_fallocate(3).
int clinux_reserve_keep(int fd, off_t bytes);
/// Has this thread's calls of the two below, where a file system is full, give room of this file back to it, portion by
/// portion, until they succeed or the file is empty. -1 for none. Returns what was used before.
int clinux_reserve_use(int fd);
/// write(2) and pwrite(2) as they are in C, for SQLite.
ssize_t clinux_reserved_write(int fd, const void *bytes, size_t count);
ssize_t clinux_reserved_pwrite(int fd, const void *bytes, size_t count, off_t offset);
/// Waits for an open-file-description lock on one byte of the file: F_OFD_SETLKW with F_RDLCK, F_WRLCK or F_UNLCK.
int clinux_lock(int fd, int kind, int64_t byte);
/// Waits for flock(2) of the whole file, alone.
int clinux_lock_whole(int fd);
ssize_t clinux_read(int fd, void *bytes, size_t capacity);
ssize_t clinux_write(int fd, const void *bytes, size_t count);
