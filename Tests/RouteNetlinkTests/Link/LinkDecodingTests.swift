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
    #expect(tap.isUp)
    #expect(tap.master == 2)
    #expect(tap.group == 7)
    #expect(tap.kind == "tun")
    #expect(tap.reference == .index(3, named: "tap0"))
    #expect(tap.receivedPackets == 0)
  }

  @Test("who may attach to a TAP is read")
  func tun() throws {
    let tun = try #require(try link(tapLinkGolden).tun)
    #expect(tun.owner == 1000)
    #expect(tun.group == 100)
  }

  @Test("what a port is set to is read")
  func port() throws {
    let port = try #require(try link(tapLinkGolden).bridgePort)
    #expect(port.isIsolated == true)
    #expect(port.learning == true)
    #expect(port.unicastFlood == true)
  }

  @Test("the settings of IPv4 are read from the kernel's array, the first of which is number 1")
  func ipv4() throws {
    let ipv4 = try link(tapLinkGolden).ipv4
    #expect(ipv4[.forwarding] == 0)
    #expect(ipv4[.rpFilter] == 0)
    #expect(ipv4[.proxyARP] == 0)
    #expect(ipv4.count == IPv4DeviceSetting.allCases.count)
  }

  @Test("of the carrier it is read whether it is there, and how often it has come")
  func carrier() throws {
    let idle = try link(tapLinkGolden)
    #expect(!idle.hasCarrier && idle.carrierArrivals == 0)
  }

  @Test("packets are counted, however long the kernel's struct is")
  func statistics() throws {
    let header = "00 00 01 00 05 00 00 00 00 00 00 00 00 00 00 00"
    let (received, sent) = ("01 00 00 00 00 00 00 80", "02 00 00 00 00 00 00 00")
    let short = try link("\(header)  14 00 17 00 \(received) \(sent)")
    #expect(short.receivedPackets == 0x8000_0000_0000_0001 && short.sentPackets == 2)
    let long = try link("\(header)  18 00 17 00 \(sent) \(received) 03 00 00 00")
    #expect(long.receivedPackets == 2 && long.sentPackets == 0x8000_0000_0000_0001)
    #expect(throws: DecodingFailure.self) { try link("\(header)  0c 00 17 00 \(received)") }
  }

  @Test("a veth, and the loopback without a kind, are read")
  func veth() throws {
    let veth = try link(
      """
      00 00 01 00 05 00 00 00 43 10 01 00 00 00 00 00  // ARPHRD_ETHER, index 5, up, running, with a carrier
      07 00 03 00 76 61 00 00                          // IFLA_IFNAME "va"
      10 00 12 00                                      // IFLA_LINKINFO
        09 00 01 00 76 65 74 68 00 00 00 00            //   IFLA_INFO_KIND "veth"
      """)
    #expect(veth.kind == "veth")
    #expect(veth.isUp)

    let loopback = try link(
      """
      00 00 04 03 01 00 00 00 49 00 01 00 00 00 00 00  // ARPHRD_LOOPBACK, index 1
      07 00 03 00 6c 6f 00 00                          // IFLA_IFNAME "lo"
      0a 00 01 00 00 00 00 00 00 00 00 00              // IFLA_ADDRESS
      """)
    #expect(loopback.kind == nil)
    #expect(loopback.isUp)
    #expect(loopback.macAddress?.isZero == true)
  }

  @Test("the data of a kind that is not known is passed over, and so is an address that is no MAC")
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
    #expect(link.kind == "gre")
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
