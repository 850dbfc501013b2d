import CLinux
import Glibc
public import Netlink

/// A tracked connection: IPCTNL_MSG_CT_NEW, linux/netfilter/nfnetlink_conntrack.h.
public struct ConntrackEntry: Hashable, Sendable {
  /// How the packet that began it was addressed.
  public var original: ConntrackTuple
  /// How packets that answer it are addressed. Where nothing is translated it is `original` turned round.
  public var reply: ConntrackTuple
  public var status: ConntrackStatus = []
  /// The connection's mark, which rules set and match: CTA_MARK.
  public var mark: UInt32 = 0
  /// The zone that both directions are in: CTA_ZONE. A zone of one direction alone is in that tuple.
  public var zone: UInt16 = 0
  /// In how many seconds it is forgotten if no packet comes; nil where a flowtable has it: CTA_TIMEOUT.
  public var timeout: UInt32?
  /// Tells it from an earlier or later entry with the same tuples: CTA_ID.
  public var id: UInt32
  /// All other CTA_ attributes, in the kernel's order: CTA_PROTOINFO, CTA_COUNTERS_ORIG, ….
  public var other: [RawAttribute] = []

  public init(original: ConntrackTuple, reply: ConntrackTuple, id: UInt32) {
    self.original = original
    self.reply = reply
    self.id = id
  }

  /// Decodes the payload of an IPCTNL_MSG_CT_NEW message; nil for an entry that is not of IP.
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
