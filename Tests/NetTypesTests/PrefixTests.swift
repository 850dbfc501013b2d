import NetTypes
import TestKit
import Testing

@Suite("A prefix of one family")
struct PrefixTests {
  private static let lastOfIPv6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

  @Test(
    "keeps its length and drops the host bits",
    arguments: [
      ("0.0.0.0/0", "0.0.0.0/0", "255.255.255.255"), ("203.0.113.9/0", "0.0.0.0/0", "255.255.255.255"),
      ("203.0.113.9/1", "128.0.0.0/1", "255.255.255.255"), ("203.0.113.9/24", "203.0.113.0/24", "203.0.113.255"),
      ("203.0.113.9/31", "203.0.113.8/31", "203.0.113.9"), ("203.0.113.9/32", "203.0.113.9/32", "203.0.113.9"),
      ("::/0", "::/0", lastOfIPv6), ("2001:db8::1/0", "::/0", lastOfIPv6), ("ffff::/1", "8000::/1", lastOfIPv6),
      ("2001:DB8:1:2:3::/64", "2001:db8:1:2::/64", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
      ("fd00::ff/127", "fd00::fe/127", "fd00::ff"), ("fd00::ff/128", "fd00::ff/128", "fd00::ff"),
      ("::ffff:10.1.2.3/104", "::ffff:10.0.0.0/104", "::ffff:10.255.255.255"),
    ])
  func parts(text: String, printed: String, last: String) throws {
    func expect<Address: InternetAddress>(_: Address.Type) throws {
      let prefix = try Prefix<Address>(parsing: text)
      #expect(prefix.description == printed)
      #expect("\(prefix.address)/\(prefix.prefixLength)" == printed)
      #expect(prefix.lastAddress.description == last)
    }
    try expect(Self.type(text.contains(":") ? .v6 : .v4))
  }

  @Test(
    "has a mask of as many ones, where it is IPv4's",
    arguments: [
      (0, "0.0.0.0"), (1, "128.0.0.0"), (24, "255.255.255.0"), (31, "255.255.255.254"), (32, "255.255.255.255"),
    ])
  func mask(prefixLength: Int, mask: IPv4Address) throws {
    #expect(try IPv4Prefix(containing: "203.0.113.9", prefixLength: prefixLength).subnetMask == mask)
  }

  @Test(
    "is refused where its form is none, or its length", arguments: IPFamily.allCases,
    [
      "", "/", "ANY", "/0", "ANY/", "ANY/TOO-LONG", "ANY/-1", "ANY/00", "ANY/032", "ANY/+1", "ANY/0/0", "ANY/ 0",
      "ANY/0 ", "ANY/1000", "ANY/99999999999999999999", "default", "::/ffff::", "::/0/0",
    ])
  func refusedForm(family: IPFamily, form: String) {
    let any = "\(IPAddress.any(family))"
    let text = form.replacing("ANY", with: any).replacing("TOO-LONG", with: "\(Self.bits(family) + 1)")
    expectRefused(text, family) { try Self.parse(text, family) }
  }

  @Test("is refused by its address alone where only that is none", arguments: IPFamily.allCases)
  func refusedAddress(family: IPFamily) {
    let texts = family == .v4 ? ["::", "10", "10.0.0.01", " 10.0.0.1"] : ["10.0.0.0", "1", " ::", "fe80::%eth0"]
    for text in texts {
      let error = #expect(throws: AddressError.self) { try Self.parse("\(text)/8", family) }
      #expect(error?.kind == (family == .v4 ? .ipv4Address : .ipv6Address))
      #expect(error?.message == "Invalid \(family) address '\(text)'")
    }
  }

  @Test("has no other length than its family has", arguments: IPFamily.allCases, [-1, nil, 256, .min, .max])
  func refusedLength(family: IPFamily, length: Int?) {
    let length = length ?? Self.bits(family) + 1
    func refused<Address: InternetAddress>(_: Address.Type) {
      expectRefused("\(Address(rawValue: 1))/\(length)", family) {
        _ = try Prefix(containing: Address(rawValue: 1), prefixLength: length)
      }
    }
    refused(Self.type(family))
  }

  @Test("of a host holds that host alone", arguments: IPFamily.allCases)
  func host(family: IPFamily) {
    func expect<Address: InternetAddress>(_: Address.Type) {
      let prefix = Prefix(host: Address(rawValue: 7))
      #expect(prefix.description == "\(Address(rawValue: 7))/\(Self.bits(family))")
      #expect([6, 7, 8].map { prefix.contains(Address(rawValue: $0)) } == [false, true, false])
    }
    expect(Self.type(family))
  }

  @Test("contains and overlaps another as the ranges of their numbers do", arguments: IPFamily.allCases)
  func relations(family: IPFamily) throws {
    switch family {
    case .v4: try expectRelations { IPv4Address.random(using: &$0) }
    case .v6: try expectRelations { IPv6Address.random(using: &$0) }
    }
  }

  private func expectRelations<Address: InternetAddress>(
    _ random: (inout SeededGenerator) -> Address
  ) throws {
    var generator = SeededGenerator(seed: 0x4632)
    let bits = Address.Bits.bitWidth
    var overlapping = 0
    for _ in 0..<20_000 {
      let first = random(&generator)
      // Half of the pairs differ in one bit only, so that both answers come up at every length.
      let near = Address(rawValue: first.rawValue ^ 1 << Int.random(in: 0..<bits, using: &generator))
      let second = Bool.random(using: &generator) ? near : random(&generator)
      let left = try Prefix(containing: first, prefixLength: .random(in: 0...bits, using: &generator))
      let right = try Prefix(containing: second, prefixLength: .random(in: 0...bits, using: &generator))
      let leftRange = left.address...left.lastAddress
      let rightRange = right.address...right.lastAddress
      #expect(left.contains(second) == leftRange.contains(second))
      #expect(left.contains(right) == (leftRange.contains(right.address) && leftRange.contains(right.lastAddress)))
      #expect(left.overlaps(right) == leftRange.overlaps(rightRange))
      #expect((try? Prefix(parsing: left.description)) == left)
      if left.overlaps(right) { overlapping += 1 }
    }
    #expect(3_000..<17_000 ~= overlapping)
  }

  @Test(
    "comes in the order of addresses, the wider first",
    arguments: [
      ["0.0.0.0/0", "9.0.0.0/32", "10.0.0.0/8", "10.0.0.0/32"], ["::/0", "::1/128", "fd00::/8", "fd00::/128"],
    ])
  func order(texts: [String]) throws {
    func expect<Address: InternetAddress>(_: Address.Type) throws {
      let sorted = try texts.reversed().map { text throws in try Prefix<Address>(parsing: text) }.sorted()
      #expect(sorted.map(\.description) == texts)
    }
    try expect(Self.type(texts[0].contains(":") ? .v6 : .v4))
  }

  private static func type(_ family: IPFamily) -> any InternetAddress.Type {
    family == .v4 ? IPv4Address.self : IPv6Address.self
  }

  private static func bits(_ family: IPFamily) -> Int { 8 * family.addressBytes }

  private static func parse(_ text: String, _ family: IPFamily) throws {
    func parse<Address: InternetAddress>(_: Address.Type) throws { _ = try Prefix<Address>(parsing: text) }
    try parse(type(family))
  }

  private func expectRefused(_ text: String, _ family: IPFamily, _ make: () throws -> Void) {
    let error = #expect(throws: AddressError.self) { try make() }
    #expect(error?.kind == (family == .v4 ? .ipv4Prefix : .ipv6Prefix))
    let lengths = "0-\(Self.bits(family))"
    #expect(
      error?.message == "Invalid \(family) prefix '\(text)': expected \(family) CIDR with prefix length \(lengths)")
  }
}
