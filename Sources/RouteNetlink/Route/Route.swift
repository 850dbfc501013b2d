import CLinux
public import NetTypes
public import Netlink

/// A route: RTM_NEWROUTE, rtnetlink(7).
public struct Route: Hashable, Sendable {
  /// RTA_DST and rtm_dst_len.
  public var destination: IPPrefix
  /// RTA_SRC and rtm_src_len, IPv6 only: the prefix of the source address.
  public var source: IPPrefix?
  /// rtm_tos.
  public var typeOfService: UInt8 = 0
  /// RTA_TABLE.
  public var table = RouteTable.main
  /// rtm_protocol: the origin of the route.
  public var `protocol` = RouteProtocol.static
  /// rtm_scope. For IPv6 routes the kernel always uses `universe`.
  public var scope: RouteScope
  /// rtm_type.
  public var type = RouteType.unicast
  /// rtm_flags.
  public var flags: RouteFlags = []
  /// RTA_GATEWAY: the next hop; nil if the destination is on the link.
  public var gateway: IPAddress?
  /// RTA_OIF: the index of the output link.
  public var outputLink: Int32?
  /// RTA_PRIORITY: of two routes to one destination, the kernel uses that with the lower number. nil means 0 for IPv4 and
  /// 1024 for IPv6.
  public var priority: UInt32?
  /// RTA_PREFSRC: the source address of the host's own packets on this route.
  public var preferredSource: IPAddress?
  /// All other RTA_ attributes, in the kernel's order.
  public var other: [RawAttribute] = []

  /// The indices of the output links: one, several if there are several next hops (RTA_MULTIPATH), or none.
  public var outputLinks: [Int32] {
    if let outputLink { return [outputLink] }
    guard let hops = other.first(where: { UInt32($0.type) == RTA_MULTIPATH.rawValue })?.payload else { return [] }
    var links: [Int32] = []
    var place = 0
    while let hop = NextHop(hops[place...]) {
      links.append(hop.link)
      place += hop.length
    }
    return links
  }

  /// `struct rtnexthop`.
  private struct NextHop {
    var link: Int32
    /// The bytes of the next hop with its attributes, up to the following one.
    var length: Int

    init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count >= 8 else { return nil }
      let start = bytes.startIndex
      func number<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Value.Type) -> Value {
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: type) }
      }
      let length = Int(number(0, UInt16.self))
      guard length >= 8, start + length <= bytes.endIndex else { return nil }
      link = number(4, Int32.self)
      self.length = min((length + 3) & ~3, bytes.count)
    }
  }

  /// A unicast route in the main table. Without a gateway the destination is on the link, as in ip-route(8).
  public init(_ destination: IPPrefix, gateway: IPAddress? = nil, outputLink: Int32? = nil) {
    self.destination = destination
    self.gateway = gateway
    self.outputLink = outputLink
    scope = gateway == nil && destination.family == .inet ? .link : .universe
  }

  /// Decodes the payload of an RTM_NEWROUTE or RTM_DELROUTE message. Returns nil if the family is not IP.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    let prefixLength = Int(try payload.integer(at: 1, as: UInt8.self))
    let sourceLength = Int(try payload.integer(at: 2, as: UInt8.self))
    var destination: IPAddress?
    var source: IPAddress?
    var read = Route(try IPPrefix(family: family, address: nil, prefixLength: prefixLength))
    read.typeOfService = try payload.integer(at: 3)
    read.table = RouteTable(rawValue: UInt32(try payload.integer(at: 4, as: UInt8.self)))
    read.protocol = RouteProtocol(rawValue: try payload.integer(at: 5))
    read.scope = RouteScope(rawValue: try payload.integer(at: 6))
    read.type = RouteType(rawValue: try payload.integer(at: 7))
    read.flags = RouteFlags(rawValue: try payload.integer(at: 8))
    try payload.forEachAttribute(from: Self.headerSize) { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case RTA_DST.rawValue: destination = try value.address(family)
      case RTA_SRC.rawValue: source = try value.address(family)
      case RTA_TABLE.rawValue: read.table = RouteTable(rawValue: try value.exactly())
      case RTA_GATEWAY.rawValue: read.gateway = try value.address(family)
      case RTA_OIF.rawValue: read.outputLink = try value.exactly()
      case RTA_PRIORITY.rawValue: read.priority = try value.exactly()
      case RTA_PREFSRC.rawValue: read.preferredSource = try value.address(family)
      default: read.other.append(value.rawAttribute(type))
      }
    }
    read.destination = try IPPrefix(family: family, address: destination, prefixLength: prefixLength)
    if sourceLength > 0 {
      read.source = try IPPrefix(family: family, address: source, prefixLength: sourceLength)
    }
    self = read
  }

  /// `struct rtmsg`.
  fileprivate static let headerSize = 12
}

extension MessageBuffer {
  mutating func append(_ route: Route) {
    append(route.destination.family.rawValue)
    append(UInt8(truncatingIfNeeded: route.destination.prefixLength))
    append(UInt8(truncatingIfNeeded: route.source?.prefixLength ?? 0))
    append(route.typeOfService)
    append(route.table.headerValue)
    append(route.protocol.rawValue)
    append(route.scope.rawValue)
    append(route.type.rawValue)
    append(route.flags.rawValue)
    if !route.destination.isDefault { attribute(RTA_DST.rawValue, route.destination.address) }
    if let source = route.source { attribute(RTA_SRC.rawValue, source.address) }
    if let gateway = route.gateway { attribute(RTA_GATEWAY.rawValue, gateway) }
    if let link = route.outputLink { attribute(RTA_OIF.rawValue, link) }
    if let priority = route.priority { attribute(RTA_PRIORITY.rawValue, priority) }
    if let source = route.preferredSource { attribute(RTA_PREFSRC.rawValue, source) }
    append(route.table)
    attributes(route.other)
  }

  /// Appends RTA_TABLE, if the number is too large for the header.
  mutating func append(_ table: RouteTable) {
    if table.rawValue > UInt8.max { attribute(RTA_TABLE.rawValue, table.rawValue) }
  }
}

extension RouteTable {
  /// `rtm_table`: RT_TABLE_UNSPEC if the number is in RTA_TABLE.
  var headerValue: UInt8 { UInt8(exactly: rawValue) ?? 0 }
}
