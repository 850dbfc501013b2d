import CLinux
import Glibc
import NetTypes
import Netlink

/// The four addresses of a conntrack entry.
enum AddressPlace: CaseIterable {
  case originalSource, originalDestination, replySource, replyDestination

  var tuple: ctattr_type {
    switch self {
    case .originalSource, .originalDestination: CTA_TUPLE_ORIG
    case .replySource, .replyDestination: CTA_TUPLE_REPLY
    }
  }

  var address: ctattr_ip {
    switch self {
    case .originalSource, .replySource: CTA_IP_V4_SRC
    case .originalDestination, .replyDestination: CTA_IP_V4_DST
    }
  }

  var filter: ctattr_filter {
    switch self {
    case .originalSource, .originalDestination: CTA_FILTER_ORIG_FLAGS
    case .replySource, .replyDestination: CTA_FILTER_REPLY_FLAGS
    }
  }

  /// CTA_FILTER_F_CTA_IP_SRC and CTA_FILTER_F_CTA_IP_DST: only this address of the tuple is compared. They are in no UAPI
  /// header. In host byte order.
  var filterFlag: UInt32 {
    switch self {
    case .originalSource, .replySource: 1 << 0
    case .originalDestination, .replyDestination: 1 << 1
    }
  }
}

extension MessageBuffer {
  /// Appends a request to delete all IPv4 entries with this address in this place: IPCTNL_MSG_CT_DELETE with CTA_FILTER.
  ///
  /// A deletion without a tuple empties the whole table, so it matters how kernels without the filter treat this
  /// message. Linux 6.12 and later honour the filter. Earlier kernels see a tuple, take the message for the deletion of
  /// the one entry with that tuple, and refuse it with EINVAL, because a tuple with one address and no protocol is
  /// invalid: nothing is deleted. One message checks one place, because all its conditions must hold.
  ///
  /// Not for IPv6: there the kernel's comparison is inverted (6.18), and all entries except those of the address match.
  mutating func flushConntrack(_ address: IPv4Address, in place: AddressPlace) {
    conntrackMessage(IPCTNL_MSG_CT_DELETE, family: AF_INET, operation: "flush connections of \(address)") { message in
      message.nest(place.tuple.rawValue) { tuple in
        tuple.nest(CTA_TUPLE_IP.rawValue) { $0.attribute(place.address.rawValue, bigEndian: address.rawValue) }
      }
      message.nest(CTA_FILTER.rawValue) { $0.attribute(place.filter.rawValue, place.filterFlag) }
    }
  }
}
