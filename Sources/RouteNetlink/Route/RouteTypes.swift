import CLinux

/// How far a destination is: RT_SCOPE_ of linux/rtnetlink.h.
public struct RouteScope: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ scope: rt_scope_t) { rawValue = UInt8(truncatingIfNeeded: scope.rawValue) }

  /// Anywhere; iproute2 calls it global.
  public static let universe = RouteScope(RT_SCOPE_UNIVERSE)
  public static let site = RouteScope(RT_SCOPE_SITE)
  /// On the link.
  public static let link = RouteScope(RT_SCOPE_LINK)
  /// This host.
  public static let host = RouteScope(RT_SCOPE_HOST)
  /// In a deletion: whatever the scope.
  public static let nowhere = RouteScope(RT_SCOPE_NOWHERE)
}

/// What becomes of a packet that a route matches: RTN_ of linux/rtnetlink.h.
public struct RouteType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ type: Int) { rawValue = UInt8(truncatingIfNeeded: type) }

  /// In a deletion: whatever the type.
  public static let unspecified = RouteType(RTN_UNSPEC)
  public static let unicast = RouteType(RTN_UNICAST)
  public static let local = RouteType(RTN_LOCAL)
  public static let broadcast = RouteType(RTN_BROADCAST)
  public static let anycast = RouteType(RTN_ANYCAST)
  public static let multicast = RouteType(RTN_MULTICAST)
  /// Dropped without a word.
  public static let blackhole = RouteType(RTN_BLACKHOLE)
  public static let unreachable = RouteType(RTN_UNREACHABLE)
  public static let prohibit = RouteType(RTN_PROHIBIT)
  /// Looked up in the next table.
  public static let `throw` = RouteType(RTN_THROW)
}

/// Who made a route: RTPROT_ of linux/rtnetlink.h. The kernel passes numbers above 4 on unread.
public struct RouteProtocol: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ number: Int32) { rawValue = UInt8(truncatingIfNeeded: number) }

  /// In a deletion: whoever made it.
  public static let unspecified = RouteProtocol(RTPROT_UNSPEC)
  public static let kernel = RouteProtocol(RTPROT_KERNEL)
  public static let boot = RouteProtocol(RTPROT_BOOT)
  public static let `static` = RouteProtocol(RTPROT_STATIC)
}

/// A routing table: RT_TABLE_ of linux/rtnetlink.h.
public struct RouteTable: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let `default` = RouteTable(rawValue: RT_TABLE_DEFAULT.rawValue)
  public static let main = RouteTable(rawValue: RT_TABLE_MAIN.rawValue)
  public static let local = RouteTable(rawValue: RT_TABLE_LOCAL.rawValue)
}

/// RTNH_F_ and RTM_F_ flags of a route.
public struct RouteFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ flag: Int32) { rawValue = UInt32(flag) }

  public static let dead = RouteFlags(RTNH_F_DEAD)
  /// The gateway is on the link, whatever the other routes say.
  public static let onLink = RouteFlags(RTNH_F_ONLINK)
  public static let linkDown = RouteFlags(RTNH_F_LINKDOWN)
}
