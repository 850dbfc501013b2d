import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("IANA's registries of special-purpose addresses")
struct SpecialPurposeTests {
  private static let registries = [SpecialPurpose.registry4, SpecialPurpose.registry6, SpecialPurpose.others]
  private static let entries = registries.flatMap(\.self)

  @Test("are here whole, as of a day")
  func whole() {
    // The day is that of both; 192.0.0.170 and 192.0.0.171 are one record there.
    #expect(SpecialPurpose.date == "2025-10-09")
    #expect(SpecialPurpose.registry4.count == 26 && SpecialPurpose.registry6.count == 25)
    let global = SpecialPurpose.registry4 + SpecialPurpose.registry6
    #expect(
      global.filter { $0.reach == .global }.map(\.prefix.description) == [
        "192.0.0.9/32", "192.0.0.10/32", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "64:ff9b::/96",
        "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:3::/32", "2001:4:112::/48", "2001:20::/28",
        "2001:30::/28", "2620:4f:8000::/48",
      ])
    #expect(
      global.filter { $0.reach == .unsaid }.map(\.prefix.description)
        == ["192.88.99.0/24", "2001::/32", "2001:10::/28", "2002::/16"])
    #expect(
      Self.entries.filter(\.isLeftOpen).map(\.prefix.description)
        == ["198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"])
    for entry in Self.entries { #expect(!entry.name.isEmpty && (700..<10_000).contains(entry.rfc), "\(entry)") }
  }

  @Test("are written as prefixes in order, each within another or apart from it", arguments: registries.indices)
  func order(index: Int) throws {
    let prefixes = Self.registries[index].map(\.prefix)
    for prefix in prefixes { #expect(prefix == (try? IPPrefix(parsing: prefix.description)), "\(prefix)") }
    #expect(Set(prefixes).count == prefixes.count)
    for (prefix, next) in zip(prefixes, prefixes.dropFirst()) {
      #expect(prefix.address <= next.address, "\(prefix) before \(next)")
      #expect(prefix.contains(next) || next.contains(prefix) || prefix.lastAddress < next.address, "\(prefix), \(next)")
    }
  }

  @Test("are answered entry by entry: the innermost says whether that is the internet", arguments: entries)
  func answers(entry: SpecialPurpose) {
    for address in [entry.prefix.address, entry.prefix.lastAddress] {
      let innermost = Self.entries.filter { $0.prefix.contains(address) }
        .max { $0.prefix.prefixLength < $1.prefix.prefixLength }
      // NAT64 shows what IPv4 has: 0.0.0.0 and 255.255.255.255 among it.
      let isOpen = innermost?.isOpen == true && entry.prefix.description != "64:ff9b::/96"
      #expect(SpecialUse.contains(address) == !isOpen, "\(address) of \(entry)")
    }
  }

  @Test(
    "leave the internet open beside them, and what is the documentation's",
    arguments: [
      "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
      "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.0.9", "192.0.0.10",
      "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.31.196.1", "192.52.193.1", "192.88.98.255", "192.88.100.0",
      "192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255", "198.20.0.0", "198.51.100.1", "203.0.113.1",
      "223.255.255.255",
      "2000::", "2001:1::1", "2001:1::3", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:3f::1", "2001:200::1",
      "2001:db8::1", "2003::1", "2606::1", "2620:4f:8000::1", "3fff:1000::1", "3fff:ffff::1",
    ] as [IPAddress])
  func beside(address: IPAddress) throws {
    for address in try Self.withNAT64(address) { #expect(!SpecialUse.contains(address)) }
  }

  @Test(
    "close what is nobody's there",
    arguments: [
      "0.0.0.0", "0.255.255.255", "10.1.2.3", "100.64.0.0", "127.0.0.1", "169.254.169.254", "172.31.255.255",
      "192.0.0.0", "192.0.0.8", "192.0.0.11", "192.0.0.170", "192.0.0.255", "192.0.2.1", "192.88.99.2", "192.168.0.1",
      "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
      "::", "::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9a::", "64:ff9b:0:0:0:1::", "64:ff9b:1::1", "100::1",
      "100:0:0:1::1", "1fff::1", "2001::1", "2001:1::", "2001:1::4", "2001:2::1", "2001:2:0:ffff::", "2001:10::1",
      "2001:1f::1", "2001:40::", "2001:1ff::1", "2002::1", "3fff::1", "3fff:fff::1", "4000::", "5f00::1", "fc00::1",
      "fd00::1", "fe80::1", "fec0::1", "ff02::1",
    ] as [IPAddress])
  func closed(address: IPAddress) throws {
    for address in try Self.withNAT64(address) { #expect(SpecialUse.contains(address)) }
  }

  /// NAT64 shows what IPv4 has.
  private static func withNAT64(_ address: IPAddress) throws -> [IPAddress] {
    address.family == .v4 ? [address, try IPAddress(parsing: "64:ff9b::\(address)")] : [address]
  }

  @Test("have the metadata of clouds and link-local addresses in them, whose prefixes are written as such")
  func prefixes() {
    for prefix in SpecialUse.metadata6 + SpecialUse.linkLocal6 {
      #expect(!prefix.address.isUnspecified)
      #expect(prefix == (try? IPv6Prefix(containing: prefix.address, prefixLength: prefix.prefixLength)))
      #expect(SpecialUse.contains(.v6(prefix.address)) && SpecialUse.contains(.v6(prefix.lastAddress)))
    }
    #expect(SpecialUse.contains(.v4(SpecialUse.linkLocal.address)))
  }

  @Test("come to ranges in order, which share nothing and leave something between them")
  func ranges() {
    for family in IPFamily.allCases {
      let ranges = SpecialUse.ranges(family)
      for (range, next) in zip(ranges, ranges.dropFirst()) {
        #expect(range.upperBound.number + 1 < next.lowerBound.number, "\(range), \(next)")
      }
      #expect(ranges.first?.lowerBound.number == 0)
      #expect(ranges.last?.upperBound == IPPrefix.everything(family).lastAddress)
    }
    #expect(
      SpecialUse.ranges(.v4).last == .v4(IPv4Address(224, 0, 0, 0)) ... .v4(IPv4Address(255, 255, 255, 255)))
  }
}
