import Glibc

/// IFF_ flags of a link: netdevice(7).
public struct LinkFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(_ flag: Int) { rawValue = UInt32(flag) }

  /// The administrator set the link up.
  public static let up = LinkFlags(IFF_UP)
  public static let broadcast = LinkFlags(IFF_BROADCAST)
  public static let loopback = LinkFlags(IFF_LOOPBACK)
  public static let pointToPoint = LinkFlags(IFF_POINTOPOINT)
  /// The link can pass packets (RFC 2863, operational state up or unknown).
  public static let running = LinkFlags(IFF_RUNNING)
  public static let noARP = LinkFlags(IFF_NOARP)
  /// An administrator asked for promiscuous mode; the bridge's own doing shows only in `Link.promiscuity`.
  public static let promiscuous = LinkFlags(IFF_PROMISC)
  public static let allMulticast = LinkFlags(IFF_ALLMULTI)
  public static let multicast = LinkFlags(IFF_MULTICAST)
  /// IFF_LOWER_UP of linux/if.h: the driver says there is a carrier, and the link is up.
  public static let lowerUp = LinkFlags(rawValue: 1 << 16)
  /// IFF_DORMANT of linux/if.h.
  public static let dormant = LinkFlags(rawValue: 1 << 17)
}

/// IF_OPER_ state of linux/if.h (RFC 2863, ifOperStatus).
public struct OperationalState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let unknown = OperationalState(rawValue: 0)
  public static let notPresent = OperationalState(rawValue: 1)
  public static let down = OperationalState(rawValue: 2)
  public static let lowerLayerDown = OperationalState(rawValue: 3)
  public static let testing = OperationalState(rawValue: 4)
  public static let dormant = OperationalState(rawValue: 5)
  public static let up = OperationalState(rawValue: 6)

  /// The word ip-link(8) prints, in lower case.
  public var description: String {
    let words = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"]
    return words.indices.contains(Int(rawValue)) ? words[Int(rawValue)] : "state \(rawValue)"
  }
}
