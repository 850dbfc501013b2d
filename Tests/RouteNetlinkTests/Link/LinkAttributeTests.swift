import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Attributes of links, both ways")
struct LinkAttributeTests {
  @Test("a bridge's attributes are read and written alike, unknown ones too")
  func bridge() throws {
    var bridge = BridgeAttributes()
    bridge.forwardDelay = 1500
    bridge.helloTime = 200
    bridge.maxAge = 2000
    bridge.ageingTime = 30000
    bridge.spanningTree = 1
    bridge.priority = 32768
    bridge.vlanFiltering = true
    bridge.groupForwardMask = 8
    bridge.multicastSnooping = true
    bridge.multicastQuerier = false
    bridge.callIPTables = true
    bridge.callIP6Tables = false
    bridge.callARPTables = true
    bridge.other = [RawAttribute(type: 49, payload: [0, 1, 0, 0])]
    let raw = try golden(
      """
      08 00 01 00 dc 05 00 00  // IFLA_BR_FORWARD_DELAY 15 s
      08 00 02 00 c8 00 00 00  // IFLA_BR_HELLO_TIME 2 s
      08 00 03 00 d0 07 00 00  // IFLA_BR_MAX_AGE 20 s
      08 00 04 00 30 75 00 00  // IFLA_BR_AGEING_TIME 300 s
      08 00 05 00 01 00 00 00  // IFLA_BR_STP_STATE 1
      06 00 06 00 00 80 00 00  // IFLA_BR_PRIORITY 32768
      05 00 07 00 01 00 00 00  // IFLA_BR_VLAN_FILTERING 1
      06 00 09 00 08 00 00 00  // IFLA_BR_GROUP_FWD_MASK 8
      05 00 17 00 01 00 00 00  // IFLA_BR_MCAST_SNOOPING 1
      05 00 19 00 00 00 00 00  // IFLA_BR_MCAST_QUERIER 0
      05 00 24 00 01 00 00 00  // IFLA_BR_NF_CALL_IPTABLES 1
      05 00 25 00 00 00 00 00  // IFLA_BR_NF_CALL_IP6TABLES 0
      05 00 26 00 01 00 00 00  // IFLA_BR_NF_CALL_ARPTABLES 1
      08 00 31 00 00 01 00 00  // IFLA_BR_FDB_MAX_LEARNED 256, which our headers do not know
      """)
    #expect(payload { $0.append(bridge) } == raw)
    #expect(try raw.decoded { span throws(DecodingFailure) in try BridgeAttributes(decoding: span) } == bridge)
  }

  @Test("a port's attributes are read and written alike, unknown ones too")
  func bridgePort() throws {
    var port = BridgePortAttributes()
    port.state = .forwarding
    port.priority = 32
    port.cost = 2
    port.hairpin = true
    port.guardsBPDU = false
    port.protectsRoot = true
    port.fastLeave = false
    port.learning = true
    port.unicastFlood = false
    port.proxyARP = true
    port.multicastFlood = false
    port.broadcastFlood = true
    port.groupForwardMask = 0xfffd
    port.neighborSuppression = false
    port.isIsolated = true
    port.isLocked = false
    port.other = [RawAttribute(type: 40, payload: [1])]
    let raw = try golden(
      """
      05 00 01 00 03 00 00 00  // IFLA_BRPORT_STATE forwarding
      06 00 02 00 20 00 00 00  // IFLA_BRPORT_PRIORITY 32
      08 00 03 00 02 00 00 00  // IFLA_BRPORT_COST 2
      05 00 04 00 01 00 00 00  // IFLA_BRPORT_MODE 1
      05 00 05 00 00 00 00 00  // IFLA_BRPORT_GUARD 0
      05 00 06 00 01 00 00 00  // IFLA_BRPORT_PROTECT 1
      05 00 07 00 00 00 00 00  // IFLA_BRPORT_FAST_LEAVE 0
      05 00 08 00 01 00 00 00  // IFLA_BRPORT_LEARNING 1
      05 00 09 00 00 00 00 00  // IFLA_BRPORT_UNICAST_FLOOD 0
      05 00 0a 00 01 00 00 00  // IFLA_BRPORT_PROXYARP 1
      05 00 1b 00 00 00 00 00  // IFLA_BRPORT_MCAST_FLOOD 0
      05 00 1e 00 01 00 00 00  // IFLA_BRPORT_BCAST_FLOOD 1
      06 00 1f 00 fd ff 00 00  // IFLA_BRPORT_GROUP_FWD_MASK 0xfffd
      05 00 20 00 00 00 00 00  // IFLA_BRPORT_NEIGH_SUPPRESS 0
      05 00 21 00 01 00 00 00  // IFLA_BRPORT_ISOLATED 1
      05 00 27 00 00 00 00 00  // IFLA_BRPORT_LOCKED 0
      05 00 28 00 01 00 00 00  // IFLA_BRPORT_MAB 1, which our headers do not know
      """)
    #expect(payload { $0.append(port) } == raw)
    #expect(try raw.decoded { span throws(DecodingFailure) in try BridgePortAttributes(decoding: span) } == port)
  }

  @Test("a port that is not a bridge's, and an attribute of the wrong size, are not guessed at")
  func wrongSize() throws {
    let raw = try golden("06 00 21 00 01 00 00 00")
    #expect(throws: DecodingFailure.self) {
      try raw.decoded { span throws(DecodingFailure) in try BridgePortAttributes(decoding: span) }
    }
  }
}
