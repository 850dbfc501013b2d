import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Links as the kernel tells of them")
struct LinkDecodingTests {
  private func link(_ text: String) throws -> Link {
    try golden(text).decoded { span throws(DecodingFailure) in try Link(decoding: span) }
  }

  @Test("a TAP that is a port of a bridge is read whole")
  func tap() throws {
    let tap = try link(tapLinkGolden)
    #expect(tap.index == 3)
    #expect(tap.name == "tap0")
    #expect(tap.alias == "tapestry:default/web-1/eth0")
    #expect(tap.alternativeNames == ["web-1.eth0"])
    #expect(tap.macAddress == MACAddress(2, 0, 0, 0, 0, 5))
    #expect(tap.mtu == 1400)
    #expect(tap.flags == [.up, .broadcast, .multicast])
    #expect(tap.operationalState == .down)
    #expect(tap.promiscuity == 1)
    #expect(tap.master == 2)
    #expect(tap.group == 7)
    #expect(tap.lowerLink == nil)
    #expect(tap.peerNamespaceID == nil)
    #expect(tap.kind == "tun")
    #expect(tap.slaveKind == "bridge")
    #expect(tap.bridge == nil)
    #expect(tap.addressGenerationMode == AddressGenerationMode.byNobody)
    #expect(tap.reference == .index(3, named: "tap0"))
    #expect(tap.statistics?.receivedPackets == 0)
  }

  @Test("what a TAP is, is read")
  func tun() throws {
    let tun = try #require(try link(tapLinkGolden).tun)
    #expect(tun.isTap)
    #expect(tun.type == 2)
    #expect(tun.owner == 1000)
    #expect(tun.group == 100)
    #expect(!tun.hasPacketInformation)
    #expect(!tun.hasVnetHeader)
    #expect(tun.isPersistent)
    #expect(!tun.isMultiQueue)
    #expect(tun.queues == nil)
    #expect(tun.other.isEmpty)
  }

  @Test("what a port is set to is read, and what is not decoded of it is kept")
  func port() throws {
    let port = try #require(try link(tapLinkGolden).bridgePort)
    #expect(port.state == .disabled)
    #expect(port.priority == 32)
    #expect(port.cost == 2)
    #expect(port.isIsolated == true)
    #expect(port.learning == true)
    #expect(port.unicastFlood == true)
    #expect(port.hairpin == false)
    #expect(port.isLocked == false)
    #expect(port.other.count == 23)
    // IFLA_BRPORT_MULTICAST_ROUTER
    #expect(port.other.contains(RawAttribute(type: 25, payload: [1])))
  }

  @Test("the settings of IPv4 are read from the kernel's array, the first of which is number 1")
  func ipv4() throws {
    let ipv4 = try link(tapLinkGolden).ipv4
    #expect(ipv4[.forwarding] == 0)
    #expect(ipv4[.acceptRedirects] == 1)
    #expect(ipv4[.sendRedirects] == 1)
    #expect(ipv4[.rpFilter] == 0)
    #expect(ipv4[.acceptSourceRoute] == 1)
    #expect(ipv4[.proxyARP] == 0)
    #expect(ipv4.count == IPv4DeviceSetting.allCases.count)
  }

  @Test("of the carrier it is read whether it is there, and how often it has come")
  func carrier() throws {
    let idle = try link(tapLinkGolden)
    #expect(!idle.hasCarrier && idle.carrierArrivals == 0)
  }

  @Test("what is not decoded is kept, in the kernel's order")
  func other() throws {
    let other = try link(tapLinkGolden).other
    #expect(
      other.map(\.type) == [
        13, 17, 67, 50, 51, 61, 31, 40, 41, 58, 63, 64, 59, 60, 66, 32, 35, 48, 68, 69, 39, 2, 43, 6, 26, 14, 62, 65,
      ])
    // IFLA_TXQLEN 1000, and IFLA_QDISC.
    #expect(other[0].payload == [0xe8, 0x03, 0, 0])
    #expect(other[23].payload == Array("pfifo_fast".utf8) + [0])
  }

  @Test("counters are read, however long the kernel's struct is")
  func statistics() throws {
    let raw = try golden(
      """
      01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00  // packets received and transmitted
      03 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00  // bytes
      05 00 00 00 00 00 00 00 06 00 00 00 00 00 00 00  // errors
      07 00 00 00 00 00 00 00 08 00 00 00 00 00 00 80  // dropped
      09 00 00 00 00 00 00 00                          // multicast
      """)
    for bytes in [raw, raw + raw] {
      let read = try bytes.decoded { span throws(DecodingFailure) in try LinkStatistics(decoding: span) }
      #expect(read.receivedPackets == 1)
      #expect(read.transmittedPackets == 2)
      #expect(read.receivedBytes == 3)
      #expect(read.transmittedBytes == 4)
      #expect(read.receiveErrors == 5)
      #expect(read.transmitErrors == 6)
      #expect(read.receiveDropped == 7)
      #expect(read.transmitDropped == 0x8000_0000_0000_0008)
      #expect(read.receivedMulticast == 9)
    }
    #expect(throws: DecodingFailure.self) {
      try raw.dropLast().decoded { span throws(DecodingFailure) in try LinkStatistics(decoding: span) }
    }
  }

  @Test("a veth's other end, and the loopback without a kind, are read")
  func veth() throws {
    let veth = try link(
      """
      00 00 01 00 05 00 00 00 43 10 01 00 00 00 00 00  // ARPHRD_ETHER, index 5, up, running, with a carrier
      07 00 03 00 76 61 00 00                          // IFLA_IFNAME "va"
      05 00 10 00 06 00 00 00                          // IFLA_OPERSTATE up
      10 00 12 00                                      // IFLA_LINKINFO
        09 00 01 00 76 65 74 68 00 00 00 00            //   IFLA_INFO_KIND "veth"
      08 00 25 00 02 00 00 00                          // IFLA_LINK_NETNSID 2
      08 00 05 00 04 00 00 00                          // IFLA_LINK 4
      """)
    #expect(veth.kind == "veth")
    #expect(veth.lowerLink == 4)
    #expect(veth.peerNamespaceID == 2)
    #expect(veth.flags == [.up, .broadcast, .running, .multicast, .lowerUp])
    #expect(veth.operationalState == .up)

    let loopback = try link(
      """
      00 00 04 03 01 00 00 00 49 00 01 00 00 00 00 00  // ARPHRD_LOOPBACK, index 1
      07 00 03 00 6c 6f 00 00                          // IFLA_IFNAME "lo"
      0a 00 01 00 00 00 00 00 00 00 00 00              // IFLA_ADDRESS
      """)
    #expect(loopback.kind == nil)
    #expect(loopback.flags == [.up, .loopback, .running, .lowerUp])
    #expect(loopback.macAddress?.isZero == true)
  }

  @Test("the data of a kind that is not known is kept, and so is an address that is no MAC")
  func unknownKind() throws {
    let link = try link(
      """
      00 00 08 03 07 00 00 00 00 00 00 00 00 00 00 00  // ARPHRD_IPGRE
      08 00 01 00 0a 00 00 01                          // IFLA_ADDRESS of four bytes
      18 00 12 00                                      // IFLA_LINKINFO
        08 00 01 00 67 72 65 00                        //   IFLA_INFO_KIND "gre"
        0c 00 02 00 08 00 01 00 05 00 00 00            //   IFLA_INFO_DATA
      """)
    #expect(link.macAddress == nil)
    #expect(link.other == [RawAttribute(type: 1, payload: [10, 0, 0, 1])])
    #expect(link.kind == "gre")
    #expect(link.otherInformation == [RawAttribute(type: 2, payload: [8, 0, 1, 0, 5, 0, 0, 0])])
  }

  @Test("a name that is no UTF-8 does not hide the link")
  func oddName() throws {
    let link = try link("00 00 01 00 07 00 00 00 00 00 00 00 00 00 00 00  08 00 03 00 61 ff 62 00")
    #expect(link.name == "a\u{fffd}b")
  }

  @Test("a message cut off anywhere, or with bytes changed, never traps")
  func mutated() throws {
    let raw = try golden(tapLinkGolden)
    for count in raw.indices {
      _ = try? Array(raw[..<count]).decoded { span throws(DecodingFailure) in try Link(decoding: span) }
    }
    var generator = SeededGenerator(seed: 3)
    var read = 0
    for _ in 0..<2000 {
      var bytes = raw
      for _ in 0..<3 {
        bytes[.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if (try? bytes.decoded { span throws(DecodingFailure) in try Link(decoding: span) }) != nil { read += 1 }
    }
    #expect(read > 100)
  }
}
