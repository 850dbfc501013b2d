import NetTypes
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Link messages")
struct LinkMessageTests {
  @Test("creating a bridge is one message with all that the kernel takes at creation")
  func createBridge() throws {
    var attributes = BridgeAttributes()
    attributes.spanningTree = 0
    attributes.multicastSnooping = false
    var bridge = NewLink(try InterfaceName(parsing: "svbr0"), .bridge(attributes))
    bridge.macAddress = MACAddress(2, 0, 0, 0, 0, 1)
    bridge.mtu = 1400
    bridge.isUp = true
    let raw = try golden(
      """
      64 00 00 00 10 00 01 06 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST NLM_F_CREATE NLM_F_EXCL
      00 00 00 00 00 00 00 00 01 00 00 00 01 00 00 00  // ifinfomsg: index 0, IFF_UP set
      0a 00 03 00 73 76 62 72 30 00 00 00              // IFLA_IFNAME "svbr0"
      0a 00 01 00 02 00 00 00 00 01 00 00              // IFLA_ADDRESS
      08 00 04 00 78 05 00 00                          // IFLA_MTU 1400
      24 00 12 80                                      // IFLA_LINKINFO
        0b 00 01 00 62 72 69 64 67 65 00 00            //   IFLA_INFO_KIND "bridge"
        14 00 02 80                                    //   IFLA_INFO_DATA
          08 00 05 00 00 00 00 00                      //     IFLA_BR_STP_STATE 0
          05 00 17 00 00 00 00 00                      //     IFLA_BR_MCAST_SNOOPING 0
      """)
    #expect(bytes { $0.create(bridge) } == raw)
  }

  @Test("creating a veth pair says all of both ends")
  func createVeth() throws {
    var peer = VethPeer(try InterfaceName(parsing: "vb"))
    peer.macAddress = MACAddress(2, 0, 0, 0, 0, 0x0b)
    peer.namespace = 9
    var veth = NewLink(try InterfaceName(parsing: "va"), .veth(peer: peer))
    veth.macAddress = MACAddress(2, 0, 0, 0, 0, 0x0a)
    let raw = try golden(
      """
      78 00 00 00 10 00 01 06 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST NLM_F_CREATE NLM_F_EXCL
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg
      07 00 03 00 76 61 00 00                          // IFLA_IFNAME "va"
      0a 00 01 00 02 00 00 00 00 0a 00 00              // IFLA_ADDRESS
      44 00 12 80                                      // IFLA_LINKINFO
        09 00 01 00 76 65 74 68 00 00 00 00            //   IFLA_INFO_KIND "veth"
        34 00 02 80                                    //   IFLA_INFO_DATA
          30 00 01 00                                  //     VETH_INFO_PEER, no nest
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg
            07 00 03 00 76 62 00 00                    //       IFLA_IFNAME "vb"
            0a 00 01 00 02 00 00 00 00 0b 00 00        //       IFLA_ADDRESS
            08 00 1c 00 09 00 00 00                    //       IFLA_NET_NS_FD 9
      """)
    #expect(bytes { $0.create(veth) } == raw)
  }

  @Test("everything that can be changed of a link by its index is one message, without NLM_F_CREATE")
  func set() throws {
    var change = LinkChange(.index(5, named: "tap0"))
    change.alias = "tapestry:a/b/c"
    change.mtu = 1300
    change.group = 9
    change.macAddress = MACAddress(2, 0, 0, 0, 0, 5)
    change.master = 0
    change.isUp = false
    change.addressGenerationMode = AddressGenerationMode.byNobody
    change.ipv4 = [.rpFilter: 0, .forwarding: 1]
    let raw = try golden(
      """
      80 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST
      00 00 00 00 05 00 00 00 00 00 00 00 01 00 00 00  // ifinfomsg: index 5, IFF_UP cleared
      12 00 14 00                                      // IFLA_IFALIAS without a NUL
        74 61 70 65 73 74 72 79 3a 61 2f 62 2f 63 00 00
      0a 00 01 00 02 00 00 00 00 05 00 00              // IFLA_ADDRESS
      08 00 04 00 14 05 00 00                          // IFLA_MTU 1300
      08 00 1b 00 09 00 00 00                          // IFLA_GROUP 9
      08 00 0a 00 00 00 00 00                          // IFLA_MASTER none
      28 00 1a 80                                      // IFLA_AF_SPEC
        18 00 02 80                                    //   AF_INET
          14 00 01 80                                  //     IFLA_INET_CONF
            08 00 01 00 01 00 00 00                    //       IPV4_DEVCONF_FORWARDING 1
            08 00 08 00 00 00 00 00                    //       IPV4_DEVCONF_RP_FILTER 0
        0c 00 0a 80                                    //   AF_INET6
          05 00 08 00 01 00 00 00                      //     IFLA_INET6_ADDR_GEN_MODE none
      """)
    #expect(bytes { $0.set(change) } == raw)
  }

  @Test("a change that says nothing but the link changes nothing, not even whether it is up")
  func setNothing() throws {
    let raw = try golden(
      """
      2c 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg
      09 00 03 00 74 61 70 30 00 00 00 00              // IFLA_IFNAME "tap0"
      """)
    #expect(bytes { $0.set(LinkChange(.name("tap0"))) } == raw)
  }

  @Test("a name too long for IFLA_IFNAME is looked up as an alternative name")
  func longName() throws {
    let raw = try golden(
      """
      38 00 00 00 11 00 01 00 00 00 00 00 00 00 00 00  // RTM_DELLINK, NLM_F_REQUEST
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg
      15 00 35 00                                      // IFLA_ALT_IFNAME, 16 letters and a NUL
        61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 00 00 00 00
      """)
    #expect(bytes { $0.delete(.name("abcdefghijklmnop")) } == raw)
    #expect(bytes { $0.delete(.name("abcdefghijklmno")) }[34] == 3)
  }

  @Test(
    "an index of zero or less is never sent as zero, which would mean a whole group", arguments: [0, -5] as [Int32])
  func noIndex(index: Int32) throws {
    var change = LinkChange(.index(index))
    change.group = 0
    #expect(Array(bytes { $0.set(change) }[20..<24]) == [0xff, 0xff, 0xff, 0xff])
    #expect(Array(bytes { $0.delete(.index(index)) }[20..<24]) == [0xff, 0xff, 0xff, 0xff])
  }

  @Test("the settings of a port whose master changes go after it in a message of their own, and so does up")
  func port() throws {
    var port = BridgePortAttributes()
    port.learning = false
    port.isIsolated = true
    var change = LinkChange(.index(5, named: "tap0"))
    change.master = 2
    change.bridgePort = port
    change.isUp = true
    let raw = try golden(
      """
      28 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST
      00 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: index 5
      08 00 0a 00 02 00 00 00                          // IFLA_MASTER 2
      44 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00  // RTM_NEWLINK, NLM_F_REQUEST
      00 00 00 00 05 00 00 00 01 00 00 00 01 00 00 00  // ifinfomsg: index 5, IFF_UP set
      24 00 12 80                                      // IFLA_LINKINFO
        0b 00 04 00 62 72 69 64 67 65 00 00            //   IFLA_INFO_SLAVE_KIND "bridge"
        14 00 05 80                                    //   IFLA_INFO_SLAVE_DATA
          05 00 08 00 00 00 00 00                      //     IFLA_BRPORT_LEARNING 0
          05 00 21 00 01 00 00 00                      //     IFLA_BRPORT_ISOLATED 1
      """)
    #expect(bytes { $0.set(change) } == raw)
  }

  @Test("a link is set down before its master changes, not after")
  func portDown() throws {
    var change = LinkChange(.index(5))
    change.master = 2
    change.bridgePort = BridgePortAttributes()
    change.isUp = false
    let written = bytes { $0.set(change) }
    #expect(Array(written[24..<32]) == [0, 0, 0, 0, 1, 0, 0, 0])
  }

  @Test("an alternative name is added in a property list")
  func alternativeName() throws {
    let body = """
      00 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: index 5
      14 00 34 80                                      // IFLA_PROP_LIST
        0f 00 35 00 77 65 62 2d 31 2e 65 74 68 30 00 00  // IFLA_ALT_IFNAME "web-1.eth0"
      """
    let add = try golden("34 00 00 00 6c 00 01 0e 00 00 00 00 00 00 00 00  // RTM_NEWLINKPROP, as iproute2\n\(body)")
    #expect(bytes { $0.addAlternativeName("web-1.eth0", to: .index(5)) } == add)
  }

  @Test("deleting a link says its index, and deleting a group says nothing but the group")
  func delete() throws {
    let one = try golden(
      """
      20 00 00 00 11 00 01 00 00 00 00 00 00 00 00 00  // RTM_DELLINK, NLM_F_REQUEST
      00 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: index 4
      """)
    let group = try golden(
      """
      28 00 00 00 11 00 01 00 00 00 00 00 00 00 00 00  // RTM_DELLINK, NLM_F_REQUEST
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg
      08 00 1b 00 09 00 00 00                          // IFLA_GROUP 9
      """)
    #expect(bytes { $0.delete(.index(4, named: "va")) } == one)
    #expect(bytes { $0.deleteLinks(group: 9) } == group)
  }
}
