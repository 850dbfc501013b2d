import CLinux
public import Netlink

/// The settings of a bridge: IFLA_INFO_DATA of kind `bridge`. When written, nil leaves a setting unchanged.
public struct BridgeAttributes: Hashable, Sendable {
  /// IFLA_BR_FORWARD_DELAY: with STP, the time that a port listens and learns before it forwards, in 1/100 s.
  public var forwardDelay: UInt32?
  /// IFLA_BR_HELLO_TIME, in 1/100 s.
  public var helloTime: UInt32?
  /// IFLA_BR_MAX_AGE, in 1/100 s.
  public var maxAge: UInt32?
  /// IFLA_BR_AGEING_TIME: the time after which a learned address expires, in 1/100 s.
  public var ageingTime: UInt32?
  /// IFLA_BR_STP_STATE, the spanning tree protocol of IEEE 802.1D: 0 off, 1 in the kernel, 2 in user space.
  public var spanningTree: UInt32?
  /// IFLA_BR_PRIORITY.
  public var priority: UInt16?
  /// IFLA_BR_VLAN_FILTERING.
  public var vlanFiltering: Bool?
  /// IFLA_BR_GROUP_FWD_MASK: bit x forwards the reserved multicast address 01:80:c2:00:00:0x.
  public var groupForwardMask: UInt16?
  /// IFLA_BR_MCAST_SNOOPING.
  public var multicastSnooping: Bool?
  /// IFLA_BR_MCAST_QUERIER.
  public var multicastQuerier: Bool?
  /// IFLA_BR_NF_CALL_IPTABLES: whether this bridge's IPv4 frames traverse the inet hooks (br_netfilter).
  public var callIPTables: Bool?
  /// IFLA_BR_NF_CALL_IP6TABLES: the same for IPv6.
  public var callIP6Tables: Bool?
  /// IFLA_BR_NF_CALL_ARPTABLES: the same for ARP.
  public var callARPTables: Bool?
  /// All other IFLA_BR_ attributes.
  public var other: [RawAttribute] = []

  /// Settings that change nothing.
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
  /// Appends the attributes in ascending order of their numbers.
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
