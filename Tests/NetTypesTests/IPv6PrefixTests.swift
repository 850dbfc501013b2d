import NetTypes
import TestKit
import Testing

@Suite("IPv6Prefix")
struct IPv6PrefixTests {
  @Test(
    "a prefix keeps its length and drops the host bits",
    arguments: [
      ("::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      ("2001:db8::1/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      ("ffff::/1", "8000::/1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      ("2001:DB8:1:2:3::/64", "2001:db8:1:2::/64", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
      ("fd00::ff/127", "fd00::fe/127", "fd00::ff"), ("fd00::ff/128", "fd00::ff/128", "fd00::ff"),
      ("::ffff:10.1.2.3/104", "::ffff:10.0.0.0/104", "::ffff:10.255.255.255"),
    ])
  func parts(text: String, printed: String, last: String) throws {
    let prefix = try IPv6Prefix(parsing: text)
    #expect(prefix.description == printed)
    #expect("\(prefix.address)/\(prefix.prefixLength)" == printed)
    #expect(prefix.lastAddress.description == last)
  }

  @Test(
    "what is no prefix of length 0 to 128 is refused",
    arguments: [
      "", "/", "::", "/0", "::/", "::/129", "::/-1", "::/00", "::/064", "::/+1", "::/0/0", "::/ 0", "::/0 ", "default",
      "::/ffff::", "::/1000", "::/99999999999999999999",
    ])
  func refusedForm(text: String) {
    #expect((try? IPv6Prefix(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try IPv6Prefix(parsing: text) }
    #expect(error?.kind == .ipv6Prefix)
    #expect(error?.message == "Invalid IPv6 prefix '\(text)': expected IPv6 CIDR with prefix length 0-128")
  }

  @Test("an address that is no IPv6 address is refused by itself", arguments: ["10.0.0.0", "1", " ::", "fe80::%eth0"])
  func refusedAddress(address: String) {
    #expect((try? IPv6Prefix(parsing: "\(address)/8")) == nil)
    let error = #expect(throws: AddressError.self) { try IPv6Prefix(parsing: "\(address)/8") }
    #expect(error?.kind == .ipv6Address)
    #expect(error?.message == "Invalid IPv6 address '\(address)'")
  }

  @Test("a length that is not 0 to 128 is refused", arguments: [-1, 129, 256, .min, .max])
  func refusedLength(prefixLength: Int) {
    let error = #expect(throws: AddressError.self) {
      try IPv6Prefix(containing: IPv6Address(rawValue: 1), prefixLength: prefixLength)
    }
    let text = "::1/\(prefixLength)"
    #expect(error?.message == "Invalid IPv6 prefix '\(text)': expected IPv6 CIDR with prefix length 0-128")
  }

  @Test("a host's prefix holds that host alone")
  func host() {
    let prefix = IPv6Prefix(host: IPv6Address(rawValue: 7))
    #expect(prefix.description == "::7/128")
    #expect((6...8).map { prefix.contains(IPv6Address(rawValue: $0)) } == [false, true, false])
  }

  @Test("containing and overlapping are those of the ranges of numbers")
  func relations() throws {
    var generator = SeededGenerator(seed: 0x6874)
    var overlapping = 0
    for _ in 0..<20_000 {
      let first = IPv6Address.random(using: &generator)
      // Half of the pairs differ in one bit only, so that both answers come up at every length.
      let near = IPv6Address(rawValue: first.rawValue ^ 1 << UInt128.random(in: 0..<128, using: &generator))
      let second = Bool.random(using: &generator) ? near : IPv6Address.random(using: &generator)
      let left = try IPv6Prefix(containing: first, prefixLength: .random(in: 0...128, using: &generator))
      let right = try IPv6Prefix(containing: second, prefixLength: .random(in: 0...128, using: &generator))
      let leftRange = left.address...left.lastAddress
      let rightRange = right.address...right.lastAddress
      #expect(left.contains(second) == leftRange.contains(second))
      #expect(left.contains(right) == (leftRange.contains(right.address) && leftRange.contains(right.lastAddress)))
      #expect(left.overlaps(right) == leftRange.overlaps(rightRange))
      #expect((try? IPv6Prefix(parsing: left.description)) == left)
      if left.overlaps(right) { overlapping += 1 }
    }
    #expect(3_000..<17_000 ~= overlapping)
  }

  @Test("order is by address, the wider prefix first")
  func order() throws {
    let texts = ["fd00::/128", "fd00::/8", "::1/128", "::/0"]
    let sorted = try texts.map { text throws in try IPv6Prefix(parsing: text) }.sorted()
    #expect(sorted.map(\.description) == ["::/0", "::1/128", "fd00::/8", "fd00::/128"])
  }
}
