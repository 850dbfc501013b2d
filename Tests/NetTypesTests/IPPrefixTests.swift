import NetTypes
import Testing

@Suite("Prefixes of either family")
struct IPPrefixTests {
  @Test("of different families have nothing in common")
  func families() throws {
    let (four, six) = (try IPPrefix(parsing: "0.0.0.0/0"), try IPPrefix(parsing: "::/0"))
    #expect(!four.overlaps(six) && !six.overlaps(four) && !four.contains(six))
    #expect(four < six && !(six < four))
    #expect(!four.contains(.v6(IPv6Address(rawValue: 0))) && six.contains(.v6(IPv6Address(rawValue: 0))))
    #expect(IPAddress.v4(IPv4Address(255, 255, 255, 255)) < .v6(IPv6Address(rawValue: 0)))
  }

  @Test(
    "are written and read back", arguments: ["10.0.0.0/8", "203.0.113.7/32", "::/0", "2001:db8::/32", "fd00::1/128"])
  func text(text: String) throws {
    #expect(try IPPrefix(parsing: text).description == text)
  }

  @Test("that are none are refused", arguments: ["", "10.0.0.0", "10.0.0.0/33", "::/129", "2001:db8::", "x/8"])
  func refused(text: String) { #expect((try? IPPrefix(parsing: text)) == nil) }

  @Test("are halved down to one address", arguments: ["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0"])
  func halves(text: String) throws {
    var prefix = try IPPrefix(parsing: text)
    while let (low, high) = prefix.halves {
      #expect(prefix.contains(low) && prefix.contains(high) && !low.overlaps(high))
      #expect(low.address == prefix.address && low.prefixLength == prefix.prefixLength + 1)
      prefix = high
    }
    #expect(prefix.isHost)
  }

  @Test("and their masks say the same", arguments: ["172.30.255.255", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"])
  func masks(text: String) throws {
    let host = try IPPrefix(parsing: "\(text)/\(text.contains(":") ? 128 : 32)")
    for length in 0...host.prefixLength {
      let prefix = try IPPrefix(parsing: "\(text)/\(length)")
      #expect(prefix.mask.count == host.family.addressBytes)
      #expect(IPPrefix(bytes: host.address.bytes, mask: prefix.mask) == prefix)
      guard 1..<host.prefixLength ~= length else { continue }
      #expect(IPPrefix(bytes: host.address.bytes, mask: prefix.mask.map { ~$0 }) == nil)
      #expect(IPPrefix(bytes: host.address.bytes, mask: Array(prefix.mask.dropLast())) == nil)
    }
    #expect(IPPrefix.everything(host.family).contains(host))
    #expect(IPPrefix(bytes: [1, 2, 3], mask: [255, 255, 255]) == nil)
  }
}

@Suite("Addresses made of a MAC")
struct InterfaceIdentifierTests {
  @Test("are those of RFC 4291, appendix A")
  func example() throws {
    let mac = try MACAddress(parsing: "34:56:78:9a:bc:de")
    #expect(IPv6Address.linkLocal(of: mac).description == "fe80::3656:78ff:fe9a:bcde")
    #expect(
      (try? IPv6Prefix(parsing: "2001:db8:1:2::/64"))?.address(of: mac)?.description
        == "2001:db8:1:2:3656:78ff:fe9a:bcde")
    // The bit that says who gave the MAC is turned round.
    #expect(IPv6Address.linkLocal(of: MACAddress(0x02, 0, 0, 0, 0, 1)).description == "fe80::ff:fe00:1")
    #expect((try? IPv6Prefix(parsing: "2001:db8::/48"))?.address(of: mac) == nil)
  }
}
