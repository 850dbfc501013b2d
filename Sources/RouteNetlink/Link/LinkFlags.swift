import Glibc

/// The IFF_ flags of a link: netdevice(7).
public struct LinkFlags: OptionSet, Hashable, Sendable {
  /// The bits of ifi_flags.
  public var rawValue: UInt32

  /// Flags from ifi_flags.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ flag: Int) { rawValue = UInt32(flag) }

  /// IFF_UP: the link is administratively up.
  public static let up = LinkFlags(IFF_UP)
  /// IFF_BROADCAST.
  public static let broadcast = LinkFlags(IFF_BROADCAST)
  /// IFF_LOOPBACK.
  public static let loopback = LinkFlags(IFF_LOOPBACK)
  /// IFF_POINTOPOINT.
  public static let pointToPoint = LinkFlags(IFF_POINTOPOINT)
  /// IFF_RUNNING: the link can pass packets (RFC 2863: operational state up or unknown).
  public static let running = LinkFlags(IFF_RUNNING)
  /// IFF_NOARP.
  public static let noARP = LinkFlags(IFF_NOARP)
  /// IFF_PROMISC: an administrator set promiscuous mode. A bridge's use of it shows only in `Link.promiscuity`.
  public static let promiscuous = LinkFlags(IFF_PROMISC)
  /// IFF_ALLMULTI.
  public static let allMulticast = LinkFlags(IFF_ALLMULTI)
  /// IFF_MULTICAST.
  public static let multicast = LinkFlags(IFF_MULTICAST)
  /// IFF_LOWER_UP of linux/if.h: the driver reports a carrier, and the link is up.
  public static let lowerUp = LinkFlags(rawValue: 1 << 16)
  /// IFF_DORMANT of linux/if.h.
  public static let dormant = LinkFlags(rawValue: 1 << 17)
}

/// The operational state: IF_OPER_ of linux/if.h (RFC 2863, ifOperStatus).
public struct OperationalState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The IF_OPER_ number.
  public var rawValue: UInt8

  /// The state with this IF_OPER_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// IF_OPER_UNKNOWN.
  public static let unknown = OperationalState(rawValue: 0)
  /// IF_OPER_NOTPRESENT.
  public static let notPresent = OperationalState(rawValue: 1)
  /// IF_OPER_DOWN.
  public static let down = OperationalState(rawValue: 2)
  /// IF_OPER_LOWERLAYERDOWN.
  public static let lowerLayerDown = OperationalState(rawValue: 3)
  /// IF_OPER_TESTING.
  public static let testing = OperationalState(rawValue: 4)
  /// IF_OPER_DORMANT.
  public static let dormant = OperationalState(rawValue: 5)
  /// IF_OPER_UP.
  public static let up = OperationalState(rawValue: 6)

  /// The state as ip-link(8) prints it, in lower case.
  public var description: String {
    let words = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"]
    return words.indices.contains(Int(rawValue)) ? words[Int(rawValue)] : "state \(rawValue)"
  }
}
