import CLinux
import Glibc
import Netlink

/// A conntrack entry: IPCTNL_MSG_CT_NEW, linux/netfilter/nfnetlink_conntrack.h. All numbers are in host byte order.
public struct ConntrackEntry: Hashable, Sendable {
  /// The addresses of the packet that created the entry: CTA_TUPLE_ORIG.
  public var original: ConntrackTuple
  /// The addresses of reply packets: CTA_TUPLE_REPLY. Without NAT, it is `original` with source and destination swapped.
  public var reply: ConntrackTuple
}

extension ConntrackEntry {
  /// Decodes the payload of an IPCTNL_MSG_CT_NEW message. Returns nil if the entry is neither of IPv4 nor of IPv6.
  /// - Throws: `DecodingFailure` for malformed attributes, or if a tuple is missing.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    guard [AF_INET, AF_INET6].contains(Int32(try payload.integer(at: 0, as: UInt8.self))) else { return nil }
    var (original, reply): (ConntrackTuple?, ConntrackTuple?)
    try payload.forEachAttribute(from: NetfilterHeader.size) { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_TUPLE_ORIG.rawValue: original = try ConntrackTuple(decoding: value)
      case CTA_TUPLE_REPLY.rawValue: reply = try ConntrackTuple(decoding: value)
      default: break
      }
    }
    guard let original, let reply else { throw DecodingFailure("an entry without its tuples") }
    self.init(original: original, reply: reply)
  }
}
