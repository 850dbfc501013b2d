import CLinux
public import Netlink

/// What a port of a bridge is set to: IFLA_INFO_SLAVE_DATA of kind `bridge`. When written, nil leaves a setting as it
/// is.
public struct BridgePortAttributes: Hashable, Sendable {
  public var state: BridgePortState?
  public var priority: UInt16?
  public var cost: UInt32?
  /// Hairpin mode: a frame may leave by the port it came in by.
  public var hairpin: Bool?
  /// BPDU guard.
  public var guardsBPDU: Bool?
  public var protectsRoot: Bool?
  public var fastLeave: Bool?
  /// Whether the bridge learns source addresses on this port.
  public var learning: Bool?
  /// Whether frames to unknown unicast addresses leave by this port.
  public var unicastFlood: Bool?
  public var multicastFlood: Bool?
  public var broadcastFlood: Bool?
  /// Which frames to 01:80:c2:00:00:0X, which IEEE 802.1D keeps to a link, are treated as all others are: bit X. The
  /// rest are handed to the port's own interface, as if it were no port. EINVAL for bit 1, pause.
  public var groupForwardMask: UInt16?
  public var proxyARP: Bool?
  public var neighborSuppression: Bool?
  /// Whether frames between this port and the other isolated ones are dropped.
  public var isIsolated: Bool?
  /// Whether frames from addresses without a forwarding entry are dropped (IEEE 802.1X).
  public var isLocked: Bool?
  /// All other IFLA_BRPORT_ attributes.
  public var other: [RawAttribute] = []

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

/// BR_STATE_ of linux/if_bridge.h: the spanning tree's state of a port.
public struct BridgePortState: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let disabled = BridgePortState(rawValue: UInt8(BR_STATE_DISABLED))
  public static let listening = BridgePortState(rawValue: UInt8(BR_STATE_LISTENING))
  public static let learning = BridgePortState(rawValue: UInt8(BR_STATE_LEARNING))
  public static let forwarding = BridgePortState(rawValue: UInt8(BR_STATE_FORWARDING))
  public static let blocking = BridgePortState(rawValue: UInt8(BR_STATE_BLOCKING))
}

extension MessageBuffer {
  /// The attributes, in the order of their numbers.
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
