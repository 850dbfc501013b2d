import CLinux
public import Netlink

/// The settings of a bridge port: IFLA_INFO_SLAVE_DATA of kind `bridge`. When written, nil leaves a setting unchanged.
public struct BridgePortAttributes: Hashable, Sendable {
  /// IFLA_BRPORT_STATE: the spanning tree state.
  public var state: BridgePortState?
  /// IFLA_BRPORT_PRIORITY.
  public var priority: UInt16?
  /// IFLA_BRPORT_COST.
  public var cost: UInt32?
  /// IFLA_BRPORT_MODE, hairpin mode: whether a frame may leave by the port on which it arrived.
  public var hairpin: Bool?
  /// IFLA_BRPORT_GUARD: BPDU guard.
  public var guardsBPDU: Bool?
  /// IFLA_BRPORT_PROTECT: root guard.
  public var protectsRoot: Bool?
  /// IFLA_BRPORT_FAST_LEAVE: fast leave of multicast groups.
  public var fastLeave: Bool?
  /// IFLA_BRPORT_LEARNING: whether the bridge learns source addresses on this port.
  public var learning: Bool?
  /// IFLA_BRPORT_UNICAST_FLOOD: whether frames to unknown unicast addresses leave by this port.
  public var unicastFlood: Bool?
  /// IFLA_BRPORT_MCAST_FLOOD: whether frames to unknown multicast addresses leave by this port.
  public var multicastFlood: Bool?
  /// IFLA_BRPORT_BCAST_FLOOD: whether broadcast frames leave by this port.
  public var broadcastFlood: Bool?
  /// IFLA_BRPORT_GROUP_FWD_MASK: bit X makes the bridge treat frames to 01:80:c2:00:00:0X, which IEEE 802.1D restricts to a
  /// link, like all others. The port's own interface gets the other ones, as if it were not a port. The kernel answers
  /// EINVAL for bit 1, pause.
  public var groupForwardMask: UInt16?
  /// IFLA_BRPORT_PROXYARP.
  public var proxyARP: Bool?
  /// IFLA_BRPORT_NEIGH_SUPPRESS: ARP and neighbour discovery suppression.
  public var neighborSuppression: Bool?
  /// IFLA_BRPORT_ISOLATED: whether frames between this port and other isolated ports are dropped.
  public var isIsolated: Bool?
  /// IFLA_BRPORT_LOCKED: whether frames from addresses without a forwarding entry are dropped (IEEE 802.1X).
  public var isLocked: Bool?
  /// All other IFLA_BRPORT_ attributes.
  public var other: [RawAttribute] = []

  /// Settings that change nothing.
  public init() {}

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var read = BridgePortAttributes()
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_BRPORT_STATE: read.state = BridgePortState(rawValue: try value.exactly())
      case IFLA_BRPORT_PRIORITY: read.priority = try value.exactly()
      case IFLA_BRPORT_COST: read.cost = try value.exactly()
      case IFLA_BRPORT_MODE: read.hairpin = try value.boolean()
      case IFLA_BRPORT_GUARD: read.guardsBPDU = try value.boolean()
      case IFLA_BRPORT_PROTECT: read.protectsRoot = try value.boolean()
      case IFLA_BRPORT_FAST_LEAVE: read.fastLeave = try value.boolean()
      case IFLA_BRPORT_LEARNING: read.learning = try value.boolean()
      case IFLA_BRPORT_UNICAST_FLOOD: read.unicastFlood = try value.boolean()
      case IFLA_BRPORT_PROXYARP: read.proxyARP = try value.boolean()
      case IFLA_BRPORT_MCAST_FLOOD: read.multicastFlood = try value.boolean()
      case IFLA_BRPORT_BCAST_FLOOD: read.broadcastFlood = try value.boolean()
      case IFLA_BRPORT_GROUP_FWD_MASK: read.groupForwardMask = try value.exactly()
      case IFLA_BRPORT_NEIGH_SUPPRESS: read.neighborSuppression = try value.boolean()
      case IFLA_BRPORT_ISOLATED: read.isIsolated = try value.boolean()
      case IFLA_BRPORT_LOCKED: read.isLocked = try value.boolean()
      default: read.other.append(value.rawAttribute(type))
      }
    }
    self = read
  }
}

/// The spanning tree state of a port: BR_STATE_ of linux/if_bridge.h.
public struct BridgePortState: RawRepresentable, Hashable, Sendable {
  /// The BR_STATE_ number.
  public var rawValue: UInt8

  /// The state with this BR_STATE_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// BR_STATE_DISABLED.
  public static let disabled = BridgePortState(rawValue: UInt8(BR_STATE_DISABLED))
  /// BR_STATE_LISTENING.
  public static let listening = BridgePortState(rawValue: UInt8(BR_STATE_LISTENING))
  /// BR_STATE_LEARNING.
  public static let learning = BridgePortState(rawValue: UInt8(BR_STATE_LEARNING))
  /// BR_STATE_FORWARDING.
  public static let forwarding = BridgePortState(rawValue: UInt8(BR_STATE_FORWARDING))
  /// BR_STATE_BLOCKING.
  public static let blocking = BridgePortState(rawValue: UInt8(BR_STATE_BLOCKING))
}

extension MessageBuffer {
  /// Appends the attributes in ascending order of their numbers.
  mutating func append(_ port: BridgePortAttributes) {
    if let value = port.state { attribute(IFLA_BRPORT_STATE, value.rawValue) }
    if let value = port.priority { attribute(IFLA_BRPORT_PRIORITY, value) }
    if let value = port.cost { attribute(IFLA_BRPORT_COST, value) }
    if let value = port.hairpin { attribute(IFLA_BRPORT_MODE, value) }
    if let value = port.guardsBPDU { attribute(IFLA_BRPORT_GUARD, value) }
    if let value = port.protectsRoot { attribute(IFLA_BRPORT_PROTECT, value) }
    if let value = port.fastLeave { attribute(IFLA_BRPORT_FAST_LEAVE, value) }
    if let value = port.learning { attribute(IFLA_BRPORT_LEARNING, value) }
    if let value = port.unicastFlood { attribute(IFLA_BRPORT_UNICAST_FLOOD, value) }
    if let value = port.proxyARP { attribute(IFLA_BRPORT_PROXYARP, value) }
    if let value = port.multicastFlood { attribute(IFLA_BRPORT_MCAST_FLOOD, value) }
    if let value = port.broadcastFlood { attribute(IFLA_BRPORT_BCAST_FLOOD, value) }
    if let value = port.groupForwardMask { attribute(IFLA_BRPORT_GROUP_FWD_MASK, value) }
    if let value = port.neighborSuppression { attribute(IFLA_BRPORT_NEIGH_SUPPRESS, value) }
    if let value = port.isIsolated { attribute(IFLA_BRPORT_ISOLATED, value) }
    if let value = port.isLocked { attribute(IFLA_BRPORT_LOCKED, value) }
    attributes(port.other)
  }
}
