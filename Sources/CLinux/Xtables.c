#include "CLinuxXtables.h"

#include <errno.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <sys/socket.h>

// The offsets that `Xtables` uses. It reads and writes bytes, because the structs end in arrays of structs of variable
// length.
#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member)
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)

SIZE(struct ipt_getinfo, 84);
AT(struct ipt_getinfo, valid_hooks, 32);
AT(struct ipt_getinfo, hook_entry, 36);
AT(struct ipt_getinfo, underflow, 56);
AT(struct ipt_getinfo, num_entries, 76);
AT(struct ipt_getinfo, size, 80);
AT(struct ipt_get_entries, size, 32);
AT(struct ipt_get_entries, entrytable, 40);
AT(struct ipt_replace, valid_hooks, 32);
AT(struct ipt_replace, num_entries, 36);
AT(struct ipt_replace, size, 40);
AT(struct ipt_replace, hook_entry, 44);
AT(struct ipt_replace, underflow, 64);
AT(struct ipt_replace, num_counters, 84);
AT(struct ipt_replace, counters, 88);
AT(struct ipt_replace, entries, 96);
AT(struct xt_counters_info, num_counters, 32);
AT(struct xt_counters_info, counters, 40);
SIZE(struct xt_counters, 16);
SIZE(struct ipt_entry, 112);
AT(struct ipt_entry, ip.dst, 4);
AT(struct ipt_entry, ip.smsk, 8);
AT(struct ipt_entry, ip.dmsk, 12);
AT(struct ipt_entry, ip.iniface, 16);
AT(struct ipt_entry, ip.flags, 82);
AT(struct ipt_entry, ip.invflags, 83);
AT(struct ipt_entry, target_offset, 88);
AT(struct ipt_entry, next_offset, 90);
AT(struct ipt_entry, counters, 96);
SIZE(struct xt_entry_match, 32);
SIZE(struct xt_entry_target, 32);
AT(struct xt_entry_target, u.user.name, 2);
AT(struct xt_entry_target, u.user.revision, 31);
AT(struct xt_standard_target, verdict, 32);
SIZE(struct xt_standard_target, 40);
AT(struct xt_error_target, errorname, 32);
SIZE(struct xt_comment_info, 256);

// The differences of IPv6, and a check that there are no others.
SIZE(struct ip6t_getinfo, sizeof(struct ipt_getinfo));
AT(struct ip6t_getinfo, size, offsetof(struct ipt_getinfo, size));
AT(struct ip6t_get_entries, entrytable, offsetof(struct ipt_get_entries, entrytable));
AT(struct ip6t_replace, num_counters, offsetof(struct ipt_replace, num_counters));
AT(struct ip6t_replace, counters, offsetof(struct ipt_replace, counters));
AT(struct ip6t_replace, entries, offsetof(struct ipt_replace, entries));
SIZE(struct ip6t_entry, 168);
AT(struct ip6t_entry, ipv6.dst, 16);
AT(struct ip6t_entry, ipv6.smsk, 32);
AT(struct ip6t_entry, ipv6.dmsk, 48);
AT(struct ip6t_entry, ipv6.iniface_mask, 96);
AT(struct ip6t_entry, ipv6.proto, 128);
AT(struct ip6t_entry, ipv6.flags, 131);
AT(struct ip6t_entry, ipv6.invflags, 132);
AT(struct ip6t_entry, target_offset, 140);
AT(struct ip6t_entry, next_offset, 142);
AT(struct ip6t_entry, counters, 152);
#define SAME(name) _Static_assert((int)IP6T_SO_##name == (int)IPT_SO_##name, #name)
SAME(GET_INFO);
SAME(GET_ENTRIES);
SAME(SET_REPLACE);
SAME(SET_ADD_COUNTERS);

int clinux_xtables_open(bool ipv6) {
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

static int level(bool ipv6) { return ipv6 ? IPPROTO_IPV6 : IPPROTO_IP; }

static int get(int fd, bool ipv6, int option, void *bytes, size_t count) {
  socklen_t length = (socklen_t)count;
  return getsockopt(fd, level(ipv6), option, bytes, &length) < 0 ? -errno : 0;
}

int clinux_xtables_get_info(int fd, bool ipv6, void *bytes, size_t count) {
  return get(fd, ipv6, IPT_SO_GET_INFO, bytes, count);
}

int clinux_xtables_get_entries(int fd, bool ipv6, void *bytes, size_t count) {
  return get(fd, ipv6, IPT_SO_GET_ENTRIES, bytes, count);
}

int clinux_xtables_replace(int fd, bool ipv6, void *bytes, size_t count, void *counters) {
  if (count < sizeof(struct ipt_replace)) return -EINVAL;
  ((struct ipt_replace *)bytes)->counters = counters;
  return setsockopt(fd, level(ipv6), IPT_SO_SET_REPLACE, bytes, (socklen_t)count) < 0 ? -errno : 0;
}

int clinux_xtables_add_counters(int fd, bool ipv6, const void *bytes, size_t count) {
  return setsockopt(fd, level(ipv6), IPT_SO_SET_ADD_COUNTERS, bytes, (socklen_t)count) < 0 ? -errno : 0;
}
