import CLinux
import Glibc
public import Netlink

/// A conntrack entry: IPCTNL_MSG_CT_NEW, linux/netfilter/nfnetlink_conntrack.h. All numbers are in host byte order.
public struct ConntrackEntry: Hashable, Sendable {
  /// The addresses of the packet that created the entry: CTA_TUPLE_ORIG.
  public var original: ConntrackTuple
  /// The addresses of reply packets: CTA_TUPLE_REPLY. Without NAT, it is `original` with source and destination swapped.
  public var reply: ConntrackTuple
  /// The IPS_ flags: CTA_STATUS.
  public var status: ConntrackStatus = []
  /// The connection's mark, which rules set and match: CTA_MARK.
  public var mark: UInt32 = 0
  /// The zone of both directions: CTA_ZONE. The zone of a single direction is in that tuple.
  public var zone: UInt16 = 0
  /// The seconds until the entry expires if no packet comes: CTA_TIMEOUT. nil if a flowtable has offloaded the flow.
  public var timeout: UInt32?
  /// Distinguishes the entry from an earlier or later one with the same tuples: CTA_ID.
  public var id: UInt32
  /// All other CTA_ attributes, in the kernel's order: CTA_PROTOINFO, CTA_COUNTERS_ORIG and so on.
  public var other: [RawAttribute] = []

  /// An entry with no flags, mark 0, zone 0 and no timeout.
  public init(original: ConntrackTuple, reply: ConntrackTuple, id: UInt32) {
    self.original = original
    self.reply = reply
    self.id = id
  }

  /// Decodes the payload of an IPCTNL_MSG_CT_NEW message. Returns nil if the entry is neither of IPv4 nor of IPv6.
  /// - Throws: `DecodingFailure` for malformed attributes, or if a tuple or the id is missing.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    guard [AF_INET, AF_INET6].contains(Int32(try payload.integer(at: 0, as: UInt8.self))) else { return nil }
    var original: ConntrackTuple?
    var reply: ConntrackTuple?
    var id: UInt32?
    var status: ConntrackStatus = []
    var mark: UInt32 = 0
    var zone: UInt16 = 0
    var timeout: UInt32?
    var other: [RawAttribute] = []
    try payload.forEachAttribute(from: NetfilterHeader.size) { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case CTA_TUPLE_ORIG.rawValue: original = try ConntrackTuple(decoding: value)
      case CTA_TUPLE_REPLY.rawValue: reply = try ConntrackTuple(decoding: value)
      case CTA_STATUS.rawValue: status = ConntrackStatus(rawValue: UInt32(bigEndian: try value.exactly()))
      case CTA_TIMEOUT.rawValue: timeout = UInt32(bigEndian: try value.exactly())
      case CTA_MARK.rawValue: mark = UInt32(bigEndian: try value.exactly())
      case CTA_ZONE.rawValue: zone = UInt16(bigEndian: try value.exactly())
      case CTA_ID.rawValue: id = UInt32(bigEndian: try value.exactly())
      default: other.append(RawAttribute(type: type, payload: value.array))
      }
    }
    guard let original, let reply, let id else { throw DecodingFailure("an entry without its tuples or its id") }
    self.init(original: original, reply: reply, id: id)
    self.status = status
    self.mark = mark
    self.zone = zone
    self.timeout = timeout
    self.other = other
  }
}
