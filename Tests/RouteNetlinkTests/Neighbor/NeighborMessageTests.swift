import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Neighbour messages")
struct NeighborMessageTests {
  private let guest = MACAddress(2, 0, 0, 0, 0, 7)

  private func decode(_ bytes: some Collection<UInt8>) throws(DecodingFailure) -> Neighbor? {
    try Array(bytes).decoded { span throws(DecodingFailure) in try Neighbor(decoding: span) }
  }

  @Test("a permanent entry is written and read alike")
  func permanent() throws {
    let neighbor = Neighbor.permanent(.v4(IPv4Address(198, 51, 100, 7)), guest, linkIndex: 2)
    let raw = try golden(
      """
      30 00 00 00 1c 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWNEIGH, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      02 00 00 00 02 00 00 00 80 00 00 00              // ndmsg: AF_INET, index 2, NUD_PERMANENT
      08 00 01 00 c6 33 64 07                          // NDA_DST 198.51.100.7
      0a 00 02 00 02 00 00 00 00 07 00 00              // NDA_LLADDR
      """)
    #expect(bytes { $0.replace(neighbor) } == raw)
    #expect(try decode(raw.dropFirst(16)) == neighbor)
  }

  @Test("deleting says the link and the address, and nothing else")
  func delete() throws {
    let address = IPAddress.v6(try IPv6Address(parsing: "fd00::7"))
    let raw = try golden(
      """
      30 00 00 00 1d 00 01 00 00 00 00 00 00 00 00 00              // RTM_DELNEIGH, NLM_F_REQUEST
      0a 00 00 00 02 00 00 00 00 00 00 00                          // ndmsg: AF_INET6, index 2
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07  // NDA_DST fd00::7
      """)
    #expect(bytes { $0.flushNeighbor(address, linkIndex: 2) } == raw)
  }

  @Test("what the kernel tells of an entry is read")
  func kernel() throws {
    let raw = try golden(
      """
      02 00 00 00 02 00 00 00 02 00 80 01                          // AF_INET, index 2, NUD_REACHABLE, NTF_ROUTER
      08 00 01 00 ac 1e 00 02                                      // NDA_DST 172.30.0.2
      0a 00 02 00 02 00 00 00 00 07 00 00                          // NDA_LLADDR
      08 00 04 00 00 00 00 00                                      // NDA_PROBES 0
      14 00 03 00 11 00 00 00 11 00 00 00 11 00 00 00 00 00 00 00  // NDA_CACHEINFO
      """)
    let neighbor = try #require(try decode(raw))
    #expect(neighbor.address == .v4(IPv4Address(172, 30, 0, 2)))
    #expect(neighbor.linkIndex == 2)
    #expect(neighbor.macAddress == guest)
    #expect(neighbor.state == Neighbor.State(rawValue: 2))
    #expect(try decode(payload { $0.append(neighbor) }) == neighbor)
  }

  @Test("an entry without an address, or of no IP family, is passed over; a cut one is refused")
  func strange() throws {
    #expect(try decode(golden("02 00 00 00 02 00 00 00 80 00 00 01")) == nil)
    #expect(try decode(golden("07 00 00 00 02 00 00 00 80 00 00 01")) == nil)
    #expect(throws: DecodingFailure.self) { try decode(golden("02 00 00 00 02 00 00 00  80 00 00")) }
    #expect(throws: DecodingFailure.self) {
      try decode(golden("02 00 00 00 02 00 00 00 80 00 00 01  06 00 01 00 01 02 00 00"))
    }
  }

  @Test("a forwarding entry is written and read alike; one that the bridge learnt, or of a VLAN, is passed over")
  func forwarding() throws {
    let entry = ForwardingEntry(guest, port: 5)
    let raw = try golden(
      """
      28 00 00 00 1c 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWNEIGH, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      07 00 00 00 05 00 00 00 40 00 04 00              // ndmsg: AF_BRIDGE, index 5, NUD_NOARP, NTF_MASTER
      0a 00 02 00 02 00 00 00 00 07 00 00              // NDA_LLADDR
      """)
    #expect(bytes { $0.replace(entry, linkName: "tap0") } == raw)
    let read: ForwardingEntry? = try Array(raw.dropFirst(16)).decoded { span throws(DecodingFailure) in
      try ForwardingEntry(decoding: span)
    }
    #expect(read == entry)
    let local = try golden("07 00 00 00 05 00 00 00 80 00 04 00  0a 00 02 00 02 00 00 00 00 07 00 00")
    let bridges = try local.decoded { span throws(DecodingFailure) in try ForwardingEntry(decoding: span) }
    #expect(bridges == ForwardingEntry(guest, port: 5, kind: .local))
    #expect(Array(bytes { $0.replace(ForwardingEntry(guest, port: 5, kind: .local)) }.dropFirst(16)) == local)
    let tagged = try golden(
      "07 00 00 00 05 00 00 00 40 00 04 00  0a 00 02 00 02 00 00 00 00 07 00 00  06 00 05 00 07 00 00 00")
    #expect(try tagged.decoded { span throws(DecodingFailure) in try ForwardingEntry(decoding: span) } == nil)
    let learnt = try golden("07 00 00 00 05 00 00 00 02 00 04 00  0a 00 02 00 02 00 00 00 00 07 00 00")
    #expect(try learnt.decoded { span throws(DecodingFailure) in try ForwardingEntry(decoding: span) } == nil)
  }

  @Test("operations say which entry and which link")
  func words() {
    var batch = RouteBatch()
    let address = IPAddress.v4(IPv4Address(198, 51, 100, 7))
    batch.replace(.permanent(address, guest, linkIndex: 2), linkName: "tap0")
    batch.replace(.permanent(address, guest, linkIndex: 2))
    batch.flushNeighbor(address, linkIndex: 2, linkName: "svbr0")
    #expect(
      batch.operations == [
        "set neighbour 198.51.100.7 dev tap0", "set neighbour 198.51.100.7 dev link 2",
        "delete neighbour 198.51.100.7 dev svbr0",
      ])
  }
}
