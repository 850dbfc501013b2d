import CLinux
public import NetTypes
public import Netlink

/// A route: RTM_NEWROUTE, rtnetlink(7).
public struct Route: Hashable, Sendable {
  /// RTA_DST and rtm_dst_len.
  public var destination: IPPrefix
  /// RTA_TABLE.
  public var table = RouteTable.main
  /// rtm_type.
  public var type = RouteType.unicast
  /// RTA_GATEWAY: the next hop; nil if the destination is on the link.
  public var gateway: IPAddress?
  /// RTA_OIF: the index of the output link.
  public var outputLink: Int32?
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

  /// A unicast route in the main table. Without a gateway the destination is on the link.
  public init(_ destination: IPPrefix, gateway: IPAddress? = nil, outputLink: Int32? = nil) {
    self.destination = destination
    self.gateway = gateway
    self.outputLink = outputLink
  }

  /// Decodes the payload of an RTM_NEWROUTE or RTM_DELROUTE message. Returns nil if the family is not IP.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    let prefixLength = Int(try payload.integer(at: 1, as: UInt8.self))
    var destination: IPAddress?
    var read = Route(try IPPrefix(family: family, address: nil, prefixLength: prefixLength))
    read.table = RouteTable(rawValue: UInt32(try payload.integer(at: 4, as: UInt8.self)))
    read.type = RouteType(rawValue: try payload.integer(at: 7))
    try payload.forEachAttribute(after: Self.headerSize) { type, value throws(DecodingFailure) in
      switch UInt32(type) {
      case RTA_DST.rawValue: destination = try value.address(family)
      case RTA_TABLE.rawValue: read.table = RouteTable(rawValue: try value.exactly())
      case RTA_GATEWAY.rawValue: read.gateway = try value.address(family)
      case RTA_OIF.rawValue: read.outputLink = try value.exactly()
      case RTA_PREFSRC.rawValue: read.preferredSource = try value.address(family)
      default: read.other.append(value.rawAttribute(type))
      }
    }
    read.destination = try IPPrefix(family: family, address: destination, prefixLength: prefixLength)
    self = read
  }

  /// `struct rtmsg`.
  fileprivate static let headerSize = 12
}

extension MessageBuffer {
  mutating func append(_ route: Route) {
    append(route.destination.family.rawValue)
    append(UInt8(truncatingIfNeeded: route.destination.prefixLength))
    append(UInt16(0))
    // RT_TABLE_UNSPEC if the number is in RTA_TABLE.
    append(UInt8(exactly: route.table.rawValue) ?? 0)
    append(UInt8(RTPROT_STATIC))
    // As in ip-route(8). For IPv6 routes the kernel always uses the scope `universe`.
    let isOnLink = route.gateway == nil && route.destination.family == .inet
    append(UInt8(truncatingIfNeeded: (isOnLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE).rawValue))
    append(route.type.rawValue)
    append(UInt32(0))
    if !route.destination.isDefault { attribute(RTA_DST.rawValue, route.destination.address) }
    if let gateway = route.gateway { attribute(RTA_GATEWAY.rawValue, gateway) }
    if let link = route.outputLink { attribute(RTA_OIF.rawValue, link) }
    if let source = route.preferredSource { attribute(RTA_PREFSRC.rawValue, source) }
    if route.table.rawValue > UInt8.max { attribute(RTA_TABLE.rawValue, route.table.rawValue) }
    attributes(route.other)
  }
}
