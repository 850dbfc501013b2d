import CLinux
public import Netlink

/// What a bridge is set to: IFLA_INFO_DATA of kind `bridge`. When written, nil leaves a setting as it is.
public struct BridgeAttributes: Hashable, Sendable {
  /// Hundredths of a second a port listens and learns before it forwards, with the spanning tree on.
  public var forwardDelay: UInt32?
  /// Hundredths of a second.
  public var helloTime: UInt32?
  /// Hundredths of a second.
  public var maxAge: UInt32?
  /// Hundredths of a second after which a learned address is forgotten.
  public var ageingTime: UInt32?
  /// IEEE 802.1D spanning tree: 0 off, 1 in the kernel, 2 in user space.
  public var spanningTree: UInt32?
  public var priority: UInt16?
  public var vlanFiltering: Bool?
  /// Which reserved multicast addresses 01:80:c2:00:00:0x are forwarded, a bit each.
  public var groupForwardMask: UInt16?
  public var multicastSnooping: Bool?
  public var multicastQuerier: Bool?
  /// Whether bridged IPv4 frames cross the inet hooks, for this bridge (br_netfilter).
  public var callIPTables: Bool?
  public var callIP6Tables: Bool?
  public var callARPTables: Bool?
  /// All other IFLA_BR_ attributes.
  public var other: [RawAttribute] = []

  public init() {}

  init(decoding span: RawSpan) throws(DecodingFailure) {
    var read = BridgeAttributes()
    try span.forEachAttribute { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFLA_BR_FORWARD_DELAY: read.forwardDelay = try value.exactly()
      case IFLA_BR_HELLO_TIME: read.helloTime = try value.exactly()
      case IFLA_BR_MAX_AGE: read.maxAge = try value.exactly()
      case IFLA_BR_AGEING_TIME: read.ageingTime = try value.exactly()
      case IFLA_BR_STP_STATE: read.spanningTree = try value.exactly()
      case IFLA_BR_PRIORITY: read.priority = try value.exactly()
      case IFLA_BR_VLAN_FILTERING: read.vlanFiltering = try value.boolean()
      case IFLA_BR_GROUP_FWD_MASK: read.groupForwardMask = try value.exactly()
      case IFLA_BR_MCAST_SNOOPING: read.multicastSnooping = try value.boolean()
      case IFLA_BR_MCAST_QUERIER: read.multicastQuerier = try value.boolean()
      case IFLA_BR_NF_CALL_IPTABLES: read.callIPTables = try value.boolean()
      case IFLA_BR_NF_CALL_IP6TABLES: read.callIP6Tables = try value.boolean()
      case IFLA_BR_NF_CALL_ARPTABLES: read.callARPTables = try value.boolean()
      default: read.other.append(value.rawAttribute(type))
      }
    }
    self = read
  }
}

extension MessageBuffer {
  /// The attributes, in the order of their numbers.
  mutating func append(_ bridge: BridgeAttributes) {
    if let value = bridge.forwardDelay { attribute(IFLA_BR_FORWARD_DELAY, value) }
    if let value = bridge.helloTime { attribute(IFLA_BR_HELLO_TIME, value) }
    if let value = bridge.maxAge { attribute(IFLA_BR_MAX_AGE, value) }
    if let value = bridge.ageingTime { attribute(IFLA_BR_AGEING_TIME, value) }
    if let value = bridge.spanningTree { attribute(IFLA_BR_STP_STATE, value) }
    if let value = bridge.priority { attribute(IFLA_BR_PRIORITY, value) }
    if let value = bridge.vlanFiltering { attribute(IFLA_BR_VLAN_FILTERING, value) }
    if let value = bridge.groupForwardMask { attribute(IFLA_BR_GROUP_FWD_MASK, value) }
    if let value = bridge.multicastSnooping { attribute(IFLA_BR_MCAST_SNOOPING, value) }
    if let value = bridge.multicastQuerier { attribute(IFLA_BR_MCAST_QUERIER, value) }
    if let value = bridge.callIPTables { attribute(IFLA_BR_NF_CALL_IPTABLES, value) }
    if let value = bridge.callIP6Tables { attribute(IFLA_BR_NF_CALL_IP6TABLES, value) }
    if let value = bridge.callARPTables { attribute(IFLA_BR_NF_CALL_ARPTABLES, value) }
    attributes(bridge.other)
  }
}
