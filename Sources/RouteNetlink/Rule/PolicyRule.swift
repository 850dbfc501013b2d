import CLinux
import Linux
public import NetTypes
public import Netlink

/// A rule that says which routing table a packet is looked up in: RTM_NEWRULE, ip-rule(8).
public struct PolicyRule: Hashable, Sendable {
  public var family: IPFamily
  /// Lower numbers come first.
  public var priority: UInt32 = 0
  /// The packets that it is for are from here; nil: from anywhere.
  public var source: IPPrefix?
  public var destination: IPPrefix?
  /// The names of links, which need not be there.
  public var inputLink: String?
  public var outputLink: String?
  /// Whether it asks for the packet's mark.
  public var hasMark = false
  /// Whether it asks for more: the type of service, a user, a protocol, ports.
  public var hasMore = false
  /// Whether it is for all other packets instead: ip-rule(8)'s `not`.
  public var isInverted = false
  public var action: Action
  /// Routes to prefixes of this length, and of shorter ones, are passed over.
  public var suppressedPrefixLength: Int?

  public enum Action: Hashable, Sendable {
    case lookup(RouteTable)
    /// Dropped, with a word to the sender or without.
    case refuse
    /// Another rule is next, or anything that is not known.
    case other
  }

  public init(_ family: IPFamily, _ action: Action) {
    self.family = family
    self.action = action
  }

  /// `struct fib_rule_hdr`.
  fileprivate static let headerSize = 12

  /// Decodes the payload of an RTM_NEWRULE message; nil for a family that is not IP.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let number = AddressFamily(rawValue: try payload.integer(at: 0))
    guard number == .inet || number == .inet6 else { return nil }
    let family: IPFamily = number == .inet ? .v4 : .v6
    let destinationLength = Int(try payload.integer(at: 1, as: UInt8.self))
    let sourceLength = Int(try payload.integer(at: 2, as: UInt8.self))
    var table = RouteTable(rawValue: UInt32(try payload.integer(at: 4, as: UInt8.self)))
    var read = PolicyRule(family, .other)
    read.hasMore = try payload.integer(at: 3, as: UInt8.self) != 0
    let action = try payload.integer(at: 7, as: UInt8.self)
    read.isInverted = try payload.integer(at: 8, as: UInt32.self) & UInt32(FIB_RULE_INVERT) != 0
    try payload.forEachAttribute(from: Self.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case FRA_DST:
        read.destination = try IPPrefix(
          family: number, address: try value.address(number), prefixLength: destinationLength)
      case FRA_SRC:
        read.source = try IPPrefix(family: number, address: try value.address(number), prefixLength: sourceLength)
      case FRA_IIFNAME: read.inputLink = value.string
      case FRA_OIFNAME: read.outputLink = value.string
      case FRA_PRIORITY: read.priority = try value.exactly()
      case FRA_FWMARK, FRA_FWMASK:
        let mark: UInt32 = try value.exactly()
        read.hasMark = read.hasMark || mark != 0
      case FRA_TABLE: table = RouteTable(rawValue: try value.exactly())
      case FRA_SUPPRESS_PREFIXLEN:
        let length: Int32 = try value.exactly()
        if length >= 0 { read.suppressedPrefixLength = Int(length) }
      case FRA_TUN_ID, FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_L3MDEV:
        read.hasMore = read.hasMore || value.array.contains { $0 != 0 }
      default: break
      }
    }
    read.action =
      switch Int(action) {
      case FR_ACT_TO_TBL: .lookup(table)
      case FR_ACT_BLACKHOLE, FR_ACT_UNREACHABLE, FR_ACT_PROHIBIT: .refuse
      default: .other
      }
    self = read
  }
}

extension RouteSocket {
  /// All rules of a family, first those that come first: an RTM_GETRULE dump. None where the kernel has no such rules.
  public mutating func rules(_ family: IPFamily) throws(NetlinkError) -> [PolicyRule] {
    do throws(NetlinkError) {
      return try get(RTM_GETRULE, dump: true, operation: "list routing rules") { message in
        message.append((family == .v4 ? AddressFamily.inet : .inet6).rawValue)
        for _ in 1..<PolicyRule.headerSize { message.append(UInt8(0)) }
      } decoding: { payload throws(DecodingFailure) in
        try PolicyRule(decoding: payload)
      }
    } catch {
      // CONFIG_IP_MULTIPLE_TABLES is off, or there is no IPv6.
      guard [.notSupported, .addressFamilyNotSupported].contains(error.errno) else { throw error }
      return []
    }
  }
}
