import Glibc
import NetTypes
import TestKit
import Testing

@Suite("IPv6Address")
struct IPv6AddressTests {
  @Test(
    "every form of RFC 4291 is read, and printed in the one form of RFC 5952",
    arguments: [
      ("::", "::"), ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("0:0:0:0:0:0:0:1", "::1"), ("1::", "1::"),
      // RFC 4291, 2.2
      ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
      ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"), ("FF01:0:0:0:0:0:0:101", "ff01::101"),
      ("0:0:0:0:0:0:13.1.68.3", "::d01:4403"), ("0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"),
      // RFC 5952, 4: leading zeros, one group of zeros, the longest run, the first of equals, lower case
      ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8::aAaA:0", "2001:db8::aaaa:0"),
      ("0:0:1:0:0:1:0:0", "::1:0:0:1:0:0"), ("1:0:0:1:1:0:0:0", "1:0:0:1:1::"), ("0:1:1:1:1:1:1:0", "0:1:1:1:1:1:1:0"),
      // "::" for a single group, at either end, and nothing but it
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("0::0", "::"),
      // IPv4-mapped, and what only resembles it
      ("::ffff:0:0", "::ffff:0.0.0.0"), ("::FFFF:c000:0221", "::ffff:192.0.2.33"),
      ("::ffff:0:192.0.2.33", "::ffff:0:c000:221"), ("::fffe:192.0.2.33", "::fffe:c000:221"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
      ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
  func reading(text: String, printed: String) throws {
    let address = try IPv6Address(parsing: text)
    #expect(address.description == printed)
    #expect(try IPv6Address(parsing: printed) == address)
    #expect(InetOracle.parse(text, family: AF_INET6) == address.bytes)
  }

  @Test(
    "anything else is refused, and the message names it",
    arguments: [
      "", ":", ":::", "::::", ":1", "1:", "1", "1:2", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", "1:::2", "::1:",
      ":1::", "::1::", "12345::", "00000::", "::g", "::0x1", "::-1", "::+1", " ::1", "::1 ", "::1\n", "::1\0", "::\0",
      "fe80::1%eth0", "fe80::1%2", "[::1]", "::1/128", "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::1.2.3.04",
      "::1.2.3.4:5", "1.2.3.4::", "::.1.2.3", "::a.2.3.4", "::1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
      "1:2:3:4:5:6::1.2.3.4", "::1:2:3:4:5:6:1.2.3.4", "::１", "：：1", "::1\u{301}", "::а", "02:00:00:00:00:01",
    ])
  func refusing(text: String) {
    #expect((try? IPv6Address(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try IPv6Address(parsing: text) }
    #expect(error?.kind == .ipv6Address)
    #expect(error?.message == "Invalid IPv6 address '\(text)'")
    #expect(InetOracle.parse(text, family: AF_INET6) == nil)
  }

  @Test("bytes and the number are two views of one address")
  func views() throws {
    let address = try IPv6Address(parsing: "2001:db8::1234:5678")
    #expect(address.rawValue == 0x2001_0db8_0000_0000_0000_0000_1234_5678)
    #expect(address.bytes == [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78])
    #expect(IPv6Address(bytes: address.bytes) == address)
  }

  @Test("bytes that are not sixteen are no address", arguments: [0, 1, 4, 15, 17, 1000])
  func wrongCount(count: Int) {
    #expect(IPv6Address(bytes: [UInt8](repeating: 1, count: count)) == nil)
  }

  @Test("each kind of address begins and ends where its RFC says")
  func kinds() throws {
    func expect(_ kind: (IPv6Address) -> Bool, from low: String, to high: String) throws {
      let first = try IPv6Address(parsing: low)
      let last = try IPv6Address(parsing: high)
      #expect(kind(first) && kind(last))
      #expect(!kind(IPv6Address(rawValue: first.rawValue &- 1)))
      #expect(!kind(IPv6Address(rawValue: last.rawValue &+ 1)))
    }
    try expect(\.isUnspecified, from: "::", to: "::")
    try expect(\.isLoopback, from: "::1", to: "::1")
    try expect(\.isLinkLocal, from: "fe80::", to: "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    try expect(\.isUniqueLocal, from: "fc00::", to: "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    try expect(\.isMulticast, from: "ff00::", to: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
  }

  @Test("an IPv4-mapped address gives the IPv4 address back, and no other address gives one")
  func mapped() throws {
    let ipv4 = IPv4Address(198, 51, 100, 7)
    #expect(IPv6Address(mapping: ipv4).description == "::ffff:198.51.100.7")
    #expect(IPv6Address(mapping: ipv4).mappedIPv4Address == ipv4)
    #expect(try IPv6Address(parsing: "::198.51.100.7").mappedIPv4Address == nil)
    #expect(try IPv6Address(parsing: "::1:ffff:198.51.100.7").mappedIPv4Address == nil)
  }

  @Test("order is numeric, not that of the text")
  func order() throws {
    let texts = ["ff::", "::1", "fe80::", "::a:0", "::ffff"]
    let sorted = try texts.map { text throws in try IPv6Address(parsing: text) }.sorted()
    #expect(sorted.map(\.description) == ["::1", "::ffff", "::a:0", "ff::", "fe80::"])
  }

  @Test("what is printed reads back as the same address, and the C library prints the same")
  func roundTrip() {
    var generator = SeededGenerator(seed: 0x5952)
    for _ in 0..<40_000 {
      let address = IPv6Address.random(using: &generator)
      let text = address.description
      #expect((try? IPv6Address(parsing: text)) == address)
      #expect(IPv6Address(bytes: address.bytes) == address)
      #expect(InetOracle.parse(text, family: AF_INET6) == address.bytes)
      // The C library prints ::/96, the deprecated IPv4-compatible addresses, with a dotted quad; RFC 5952 does not.
      if address.rawValue >> 32 != 0 {
        #expect(InetOracle.print(address.bytes) == text)
      }
    }
  }

  @Test("of nearly right text, what inet_pton refuses is refused, and the rest means the same to both")
  func nearMisses() {
    var generator = SeededGenerator(seed: 0x4291)
    var accepted = 0
    for _ in 0..<60_000 {
      let text = RandomText.nearly(Self.form(of: .random(using: &generator), using: &generator), using: &generator)
      let address = try? IPv6Address(parsing: text)
      #expect(address?.bytes == InetOracle.parse(text, family: AF_INET6), "\(text.debugDescription)")
      if address != nil { accepted += 1 }
    }
    #expect(3_000..<57_000 ~= accepted)
  }

  /// One of the forms of RFC 4291 for `address`, so that mutations start from all of them.
  private static func form(of address: IPv6Address, using generator: inout SeededGenerator) -> String {
    let bytes = address.bytes
    let groups = stride(from: 0, to: 16, by: 2).map { index in
      String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
    }
    switch generator.next() % 3 {
    case 0: return address.description
    case 1: return groups.joined(separator: ":").uppercased()
    default:
      let ipv4 = IPv4Address(rawValue: UInt32(truncatingIfNeeded: address.rawValue))
      let cut = Int.random(in: 0...6, using: &generator)
      return groups[..<cut].joined(separator: ":") + (cut == 6 ? ":" : "::") + ipv4.description
    }
  }
}
