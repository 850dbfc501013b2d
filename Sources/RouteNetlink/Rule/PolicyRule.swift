import CLinux
public import Linux
public import NetTypes
import Netlink

/// A routing rule: selects the routing table for a packet. RTM_NEWRULE, ip-rule(8).
public struct PolicyRule: Hashable, Sendable {
  /// The address family.
  public var family: IPFamily
  /// FRA_PRIORITY: rules with a lower number come first.
  public var priority: UInt32 = 0
  /// FRA_SRC: the source prefix; nil for any.
  public var source: IPPrefix?
  /// FRA_DST: the destination prefix; nil for any.
  public var destination: IPPrefix?
  /// FRA_IIFNAME: the name of the input link, which need not exist; nil for any.
  public var inputLink: String?
  /// FRA_OIFNAME: the name of the output link, which need not exist; nil for any.
  public var outputLink: String?
  /// FRA_FWMARK: true if the rule matches the packet's mark.
  public var hasMark = false
  /// True if the rule has other conditions: the type of service, a user, a protocol, ports.
  public var hasMore = false
  /// FIB_RULE_INVERT: the rule applies to the packets that do not match; `not` in ip-rule(8).
  public var isInverted = false
  /// What the rule does.
  public var action: Action
  /// FRA_SUPPRESS_PREFIXLEN: routes whose prefix is this long or shorter, in bits, are ignored.
  public var suppressedPrefixLength: Int?

  /// FR_ACT_.
  public enum Action: Hashable, Sendable {
    /// FR_ACT_TO_TBL: look up the route in this table.
    case lookup(RouteTable)
    /// FR_ACT_BLACKHOLE, FR_ACT_UNREACHABLE, FR_ACT_PROHIBIT: drop the packet, with or without an ICMP error.
    case refuse
    /// FR_ACT_GOTO, or any unknown action.
    case other
  }

  /// A rule with priority 0 for all packets.
  public init(_ family: IPFamily, _ action: Action) {
    self.family = family
    self.action = action
  }

  /// `struct fib_rule_hdr`.
  fileprivate static let headerSize = 12

  /// Decodes the payload of an RTM_NEWRULE message. Returns nil if the family is not IP.
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
  /// Returns the rules of a family, in the order in which they apply: an RTM_GETRULE dump. There are none if the kernel has
  /// no routing rules.
  /// - Throws: `KernelError` of the exchange, except EOPNOTSUPP and EAFNOSUPPORT; EBADMSG for a malformed answer.
  public mutating func rules(_ family: IPFamily) throws(KernelError) -> [PolicyRule] {
    do throws(KernelError) {
      return try get(RTM_GETRULE, dump: true, operation: "list routing rules") { message in
        message.append((family == .v4 ? AddressFamily.inet : .inet6).rawValue)
        for _ in 1..<PolicyRule.headerSize { message.append(UInt8(0)) }
      } decoding: { payload throws(DecodingFailure) in
        try PolicyRule(decoding: payload)
      }
    } catch {
      // CONFIG_IP_MULTIPLE_TABLES is off, or the kernel has no IPv6.
      guard [.notSupported, .addressFamilyNotSupported].contains(error.errno) else { throw error }
      return []
    }
  }
}
