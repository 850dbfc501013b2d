// The tables of iptables-legacy and ip6tables-legacy (linux/netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h). They
// are read and replaced as a whole, by socket options. Every function returns a value or -errno. `ipv6` selects the family,
// and must be the same for all calls with one socket. Except for the entries, the structs of both families are the same.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Opens a socket of the family; every socket type supports the options. Returns its fd.
int clinux_xtables_open(bool ipv6);
/// IPT_SO_GET_INFO: `bytes` holds the table's name and receives `struct ipt_getinfo`.
int clinux_xtables_get_info(int fd, bool ipv6, void *bytes, size_t count);
/// IPT_SO_GET_ENTRIES: `bytes` holds the header of `struct ipt_get_entries` with the table's name and size, and receives
/// the entries. -EAGAIN if the size has changed.
int clinux_xtables_get_entries(int fd, bool ipv6, void *bytes, size_t count);
/// IPT_SO_SET_REPLACE: `bytes` is a `struct ipt_replace`; its pointer to the counters is set here. `counters` receives the
/// counters of the old entries. -EAGAIN if their number is not that of the struct.
int clinux_xtables_replace(int fd, bool ipv6, void *bytes, size_t count, void *counters);
/// IPT_SO_SET_ADD_COUNTERS: `bytes` is a `struct xt_counters_info`.
int clinux_xtables_add_counters(int fd, bool ipv6, const void *bytes, size_t count);
