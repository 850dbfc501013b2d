import CLinux

/// What a route does with a packet: RTN_ of linux/rtnetlink.h.
public struct RouteType: RawRepresentable, Hashable, Sendable {
  /// The RTN_ number.
  public var rawValue: UInt8

  /// The type with this RTN_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  private init(_ type: Int) { rawValue = UInt8(truncatingIfNeeded: type) }

  /// RTN_UNICAST: forward the packet.
  public static let unicast = RouteType(RTN_UNICAST)
  /// RTN_LOCAL: deliver the packet to this host.
  public static let local = RouteType(RTN_LOCAL)
  /// RTN_BLACKHOLE: drop the packet silently.
  public static let blackhole = RouteType(RTN_BLACKHOLE)
  /// RTN_UNREACHABLE: drop the packet and report that the destination is unreachable.
  public static let unreachable = RouteType(RTN_UNREACHABLE)
  /// RTN_PROHIBIT: drop the packet and report that it is prohibited.
  public static let prohibit = RouteType(RTN_PROHIBIT)
  /// RTN_THROW: continue with the next table.
  public static let `throw` = RouteType(RTN_THROW)
}

/// A routing table: RT_TABLE_ of linux/rtnetlink.h.
public struct RouteTable: RawRepresentable, Hashable, Sendable {
  /// The number of the table.
  public var rawValue: UInt32

  /// The table with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// RT_TABLE_MAIN, 254.
  public static let main = RouteTable(rawValue: RT_TABLE_MAIN.rawValue)
  /// RT_TABLE_LOCAL, 255.
  public static let local = RouteTable(rawValue: RT_TABLE_LOCAL.rawValue)
}
