import CLinux

/// The scope of a destination: RT_SCOPE_ of linux/rtnetlink.h.
public struct RouteScope: RawRepresentable, Hashable, Sendable {
  /// The RT_SCOPE_ number.
  public var rawValue: UInt8

  /// The scope with this RT_SCOPE_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ scope: rt_scope_t) { rawValue = UInt8(truncatingIfNeeded: scope.rawValue) }

  /// RT_SCOPE_UNIVERSE: anywhere; `global` in iproute2.
  public static let universe = RouteScope(RT_SCOPE_UNIVERSE)
  /// RT_SCOPE_SITE.
  public static let site = RouteScope(RT_SCOPE_SITE)
  /// RT_SCOPE_LINK: on the link.
  public static let link = RouteScope(RT_SCOPE_LINK)
  /// RT_SCOPE_HOST: on this host.
  public static let host = RouteScope(RT_SCOPE_HOST)
  /// RT_SCOPE_NOWHERE: in a deletion, any scope.
  public static let nowhere = RouteScope(RT_SCOPE_NOWHERE)
}

/// What a route does with a packet: RTN_ of linux/rtnetlink.h.
public struct RouteType: RawRepresentable, Hashable, Sendable {
  /// The RTN_ number.
  public var rawValue: UInt8

  /// The type with this RTN_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ type: Int) { rawValue = UInt8(truncatingIfNeeded: type) }

  /// RTN_UNSPEC: in a deletion, any type.
  public static let unspecified = RouteType(RTN_UNSPEC)
  /// RTN_UNICAST: forward the packet.
  public static let unicast = RouteType(RTN_UNICAST)
  /// RTN_LOCAL: deliver the packet to this host.
  public static let local = RouteType(RTN_LOCAL)
  /// RTN_BROADCAST: deliver the packet to this host, or send it as a broadcast.
  public static let broadcast = RouteType(RTN_BROADCAST)
  /// RTN_ANYCAST: an anycast address of this host.
  public static let anycast = RouteType(RTN_ANYCAST)
  /// RTN_MULTICAST: a multicast route.
  public static let multicast = RouteType(RTN_MULTICAST)
  /// RTN_BLACKHOLE: drop the packet silently.
  public static let blackhole = RouteType(RTN_BLACKHOLE)
  /// RTN_UNREACHABLE: drop the packet and report that the destination is unreachable.
  public static let unreachable = RouteType(RTN_UNREACHABLE)
  /// RTN_PROHIBIT: drop the packet and report that it is prohibited.
  public static let prohibit = RouteType(RTN_PROHIBIT)
  /// RTN_THROW: continue with the next table.
  public static let `throw` = RouteType(RTN_THROW)
}

/// The origin of a route: RTPROT_ of linux/rtnetlink.h. The kernel does not interpret numbers above 4.
public struct RouteProtocol: RawRepresentable, Hashable, Sendable {
  /// The RTPROT_ number.
  public var rawValue: UInt8

  /// The origin with this RTPROT_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ number: Int32) { rawValue = UInt8(truncatingIfNeeded: number) }

  /// RTPROT_UNSPEC: in a deletion, any origin.
  public static let unspecified = RouteProtocol(RTPROT_UNSPEC)
  /// RTPROT_KERNEL: the kernel.
  public static let kernel = RouteProtocol(RTPROT_KERNEL)
  /// RTPROT_BOOT: the boot scripts.
  public static let boot = RouteProtocol(RTPROT_BOOT)
  /// RTPROT_STATIC: the administrator.
  public static let `static` = RouteProtocol(RTPROT_STATIC)
}

/// A routing table: RT_TABLE_ of linux/rtnetlink.h.
public struct RouteTable: RawRepresentable, Hashable, Sendable {
  /// The number of the table.
  public var rawValue: UInt32

  /// The table with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// RT_TABLE_DEFAULT, 253.
  public static let `default` = RouteTable(rawValue: RT_TABLE_DEFAULT.rawValue)
  /// RT_TABLE_MAIN, 254.
  public static let main = RouteTable(rawValue: RT_TABLE_MAIN.rawValue)
  /// RT_TABLE_LOCAL, 255.
  public static let local = RouteTable(rawValue: RT_TABLE_LOCAL.rawValue)
}

/// The RTNH_F_ and RTM_F_ flags of a route.
public struct RouteFlags: OptionSet, Hashable, Sendable {
  /// The bits of rtm_flags.
  public var rawValue: UInt32

  /// Flags from rtm_flags.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ flag: Int32) { rawValue = UInt32(flag) }

  /// RTNH_F_DEAD: the next hop is dead.
  public static let dead = RouteFlags(RTNH_F_DEAD)
  /// RTNH_F_ONLINK: the gateway is on the link, even if no other route says so.
  public static let onLink = RouteFlags(RTNH_F_ONLINK)
  /// RTNH_F_LINKDOWN: the link has no carrier.
  public static let linkDown = RouteFlags(RTNH_F_LINKDOWN)
}
