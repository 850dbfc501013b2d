import CLinux
import Netlink

/// The settings of a bridge port: IFLA_INFO_SLAVE_DATA of kind `bridge`. When written, nil leaves a setting unchanged.
public struct BridgePortAttributes: Hashable, Sendable {
  /// IFLA_BRPORT_LEARNING: whether the bridge learns source addresses on this port.
  public var learning: Bool?
  /// IFLA_BRPORT_UNICAST_FLOOD: whether frames to unknown unicast addresses leave by this port.
  public var unicastFlood: Bool?
  /// IFLA_BRPORT_GROUP_FWD_MASK: bit X makes the bridge treat frames to 01:80:c2:00:00:0X, which IEEE 802.1D restricts to a
  /// link, like all others. The port's own interface gets the other ones, as if it were not a port. The kernel answers
  /// EINVAL for bit 1, pause.
  public var groupForwardMask: UInt16?
  /// IFLA_BRPORT_ISOLATED: whether frames between this port and other isolated ports are dropped.
  public var isIsolated: Bool?

  /// Settings that change nothing.
  public init() {}

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var read = BridgePortAttributes()
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_BRPORT_LEARNING: read.learning = try value.boolean()
      case IFLA_BRPORT_UNICAST_FLOOD: read.unicastFlood = try value.boolean()
      case IFLA_BRPORT_GROUP_FWD_MASK: read.groupForwardMask = try value.exactly()
      case IFLA_BRPORT_ISOLATED: read.isIsolated = try value.boolean()
      default: break
      }
    }
    self = read
  }
}

extension MessageBuffer {
  /// Appends the attributes in ascending order of their numbers.
  mutating func append(_ port: BridgePortAttributes) {
    if let value = port.learning { attribute(IFLA_BRPORT_LEARNING, value) }
    if let value = port.unicastFlood { attribute(IFLA_BRPORT_UNICAST_FLOOD, value) }
    if let value = port.groupForwardMask { attribute(IFLA_BRPORT_GROUP_FWD_MASK, value) }
    if let value = port.isIsolated { attribute(IFLA_BRPORT_ISOLATED, value) }
  }
}
