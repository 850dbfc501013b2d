import CLinux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import Conntrack

@Suite("Tracked connections, decoded")
struct ConntrackEntryTests {
  private func entry(_ bytes: [UInt8]) throws -> ConntrackEntry {
    let entry = try bytes.decoded { payload throws(DecodingFailure) in try ConntrackEntry(decoding: payload) }
    return try #require(entry)
  }

  private let guest = IPv4Address(172, 30, 0, 2)
  private let host = IPv4Address(198, 51, 100, 1)
  private let outside = IPv4Address(198, 51, 100, 2)

  private func udp(
    _ source: IPv4Address, _ sourcePort: UInt16, _ destination: IPv4Address, _ destinationPort: UInt16
  ) -> ConntrackTuple {
    ConntrackTuple(
      addresses: .v4(source: source, destination: destination), protocolNumber: 17,
      transport: .ports(source: sourcePort, destination: destinationPort))
  }

  @Test("a masqueraded ping")
  func ping() throws {
    let expected = ConntrackEntry(
      original: ConntrackTuple(
        addresses: .v4(source: guest, destination: outside), protocolNumber: 1, transport: .none),
      reply: ConntrackTuple(
        addresses: .v4(source: outside, destination: host), protocolNumber: 1, transport: .none))
    #expect(try entry(ConntrackGolden.ping()) == expected)
  }

  @Test("a published port")
  func published() throws {
    let expected = ConntrackEntry(
      original: udp(outside, 55561, host, 8080), reply: udp(guest, 53, outside, 55561))
    #expect(try entry(ConntrackGolden.published()) == expected)
  }

  @Test("zones do not hide an entry")
  func zones() throws {
    let both = try entry(ConntrackGolden.zoned())
    #expect(both.original == udp(host, 1111, outside, 7007))
    #expect(both.reply == udp(outside, 7007, host, 1111))
    let one = try entry(ConntrackGolden.originalZone())
    #expect(one.original == udp(host, 1111, outside, 7009))
    #expect(one.reply == udp(outside, 7009, host, 1111))
  }

  @Test("a protocol that is not looked into has no ports")
  func otherProtocol() throws {
    let entry = try entry(ConntrackGolden.otherProtocol())
    #expect(entry.original.protocolNumber == 253)
    #expect(entry.original.transport == .none)
  }

  @Test("IPv6")
  func ipv6() throws {
    let entry = try entry(ConntrackGolden.ipv6())
    let (one, two) = (try IPv6Address(parsing: "2001:db8::1"), try IPv6Address(parsing: "2001:db8::2"))
    #expect(entry.original.addresses == .v6(source: one, destination: two))
    #expect(entry.original.transport == .ports(source: 999, destination: 53))
    #expect(entry.reply.addresses == .v6(source: two, destination: one))
    #expect(entry.reply.transport == .ports(source: 53, destination: 999))
  }

  @Test("what is not known is passed over, and so is one port alone")
  func unknown() throws {
    var buffer = MessageBuffer()
    buffer.append(contentsOf: [2, 0, 0, 0])
    buffer.nest(CTA_TUPLE_ORIG.rawValue) { tuple in
      tuple.nest(CTA_TUPLE_IP.rawValue) { addresses in
        addresses.attribute(CTA_IP_V4_SRC.rawValue, bigEndian: guest.rawValue)
        addresses.attribute(CTA_IP_V4_DST.rawValue, bigEndian: outside.rawValue)
        addresses.flag(99)
      }
      tuple.nest(CTA_TUPLE_PROTO.rawValue) { layer4 in
        layer4.attribute(CTA_PROTO_NUM.rawValue, UInt8(17))
        layer4.attribute(CTA_PROTO_SRC_PORT.rawValue, bigEndian: UInt16(1))
      }
      tuple.attribute(77, UInt8(5))
    }
    buffer.udpTuple(CTA_TUPLE_REPLY, from: outside, 53, to: host, 1024)
    buffer.attribute(CTA_ID.rawValue, bigEndian: UInt32(1))
    buffer.attribute(1000, bytes: [1, 2, 3])
    let entry = try entry(buffer.bytes)
    #expect(entry.original.addresses == .v4(source: guest, destination: outside))
    #expect(entry.original.transport == .none)
  }

  @Test("an entry that is of neither IP is passed over")
  func otherFamily() throws {
    var bytes = try ConntrackGolden.zoned()
    bytes[0] = 7
    #expect(try bytes.decoded { payload throws(DecodingFailure) in try ConntrackEntry(decoding: payload) } == nil)
  }

  @Test("an entry without a tuple, an address or a protocol is refused")
  func incomplete() throws {
    let whole = try ConntrackGolden.zoned()
    // The attribute types, made ones that are not known.
    for offset in [6, 10, 14, 22, 30, 34, 58] {
      var bytes = whole
      bytes[offset] = 0x63
      #expect(throws: DecodingFailure.self, "\(offset)") {
        try bytes.decoded { payload throws(DecodingFailure) in try ConntrackEntry(decoding: payload) }
      }
    }
  }
}

@Suite("Tracked connections from whatever bytes come")
struct HostileConntrackTests {
  private func read(_ bytes: [UInt8]) -> Bool {
    let key = try? bytes.decoded { payload throws(DecodingFailure) in
      try EntryKey(decoding: payload, ifContaining: [IPv4Address(198, 51, 100, 1)])
    }
    let entry = try? bytes.decoded { payload throws(DecodingFailure) in try ConntrackEntry(decoding: payload) }
    return (key ?? nil) != nil || (entry ?? nil) != nil
  }

  @Test("random bytes never trap", arguments: 1...4)
  func random(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 { _ = read([2, 0, 0, 0] + generator.bytes(upTo: 120)) }
  }

  @Test("a message with any byte changed, or cut short anywhere, never traps", arguments: 1...4)
  func damaged(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let whole = [
      try ConntrackGolden.ping(), try ConntrackGolden.published(), try ConntrackGolden.originalZone(),
      try ConntrackGolden.ipv6(),
    ]
    var read = 0
    for bytes in whole {
      for count in bytes.indices { _ = self.read(Array(bytes[..<count])) }
      for _ in 0..<1000 {
        var damaged = bytes
        for _ in 0...Int.random(in: 0...2, using: &generator) {
          damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        }
        if self.read(damaged) { read += 1 }
      }
    }
    #expect(read > 500)
  }
}
