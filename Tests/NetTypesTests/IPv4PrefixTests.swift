import NetTypes
import TestKit
import Testing

@Suite("IPv4Prefix")
struct IPv4PrefixTests {
  @Test(
    "a prefix keeps its length and drops the host bits",
    arguments: [
      ("0.0.0.0/0", "0.0.0.0/0", "255.255.255.255", "0.0.0.0"),
      ("203.0.113.9/0", "0.0.0.0/0", "255.255.255.255", "0.0.0.0"),
      ("203.0.113.9/1", "128.0.0.0/1", "255.255.255.255", "128.0.0.0"),
      ("203.0.113.9/24", "203.0.113.0/24", "203.0.113.255", "255.255.255.0"),
      ("203.0.113.9/31", "203.0.113.8/31", "203.0.113.9", "255.255.255.254"),
      ("203.0.113.9/32", "203.0.113.9/32", "203.0.113.9", "255.255.255.255"),
    ])
  func parts(text: String, printed: String, last: String, mask: String) throws {
    let prefix = try IPv4Prefix(parsing: text)
    #expect(prefix.description == printed)
    #expect("\(prefix.address)/\(prefix.prefixLength)" == printed)
    #expect(prefix.lastAddress.description == last)
    #expect(prefix.subnetMask.description == mask)
  }

  @Test(
    "what is no prefix of length 0 to 32 is refused",
    arguments: [
      "", "/", "0.0.0.0", "/0", "0.0.0.0/", "0.0.0.0/33", "0.0.0.0/-1", "0.0.0.0/00", "0.0.0.0/032", "0.0.0.0/+1",
      "0.0.0.0/0/0", "0.0.0.0/ 0", "0.0.0.0/0 ", "default", "::/0/0",
    ])
  func refusedForm(text: String) {
    #expect((try? IPv4Prefix(parsing: text)) == nil)
    let error = #expect(throws: AddressError.self) { try IPv4Prefix(parsing: text) }
    #expect(error?.kind == .ipv4Prefix)
    #expect(error?.message == "Invalid IPv4 prefix '\(text)': expected IPv4 CIDR with prefix length 0-32")
  }

  @Test("an address that is no dotted quad is refused by itself", arguments: ["::", "10", "10.0.0.01", " 10.0.0.1"])
  func refusedAddress(address: String) {
    #expect((try? IPv4Prefix(parsing: "\(address)/8")) == nil)
    let error = #expect(throws: AddressError.self) { try IPv4Prefix(parsing: "\(address)/8") }
    #expect(error?.kind == .ipv4Address)
    #expect(error?.message == "Invalid IPv4 address '\(address)'")
  }

  @Test("a length that is not 0 to 32 is refused", arguments: [-1, 33, 64, .min, .max])
  func refusedLength(prefixLength: Int) {
    let error = #expect(throws: AddressError.self) {
      try IPv4Prefix(containing: IPv4Address(10, 0, 0, 1), prefixLength: prefixLength)
    }
    let text = "10.0.0.1/\(prefixLength)"
    #expect(error?.message == "Invalid IPv4 prefix '\(text)': expected IPv4 CIDR with prefix length 0-32")
  }

  @Test("a host's prefix holds that host alone")
  func host() {
    let prefix = IPv4Prefix(host: IPv4Address(10, 0, 0, 7))
    #expect(prefix.description == "10.0.0.7/32")
    #expect(prefix.contains(IPv4Address(10, 0, 0, 7)))
    #expect(!prefix.contains(IPv4Address(10, 0, 0, 6)) && !prefix.contains(IPv4Address(10, 0, 0, 8)))
  }

  @Test("containing and overlapping are those of the ranges of numbers")
  func relations() throws {
    var generator = SeededGenerator(seed: 0x4632)
    var overlapping = 0
    for _ in 0..<20_000 {
      let first = IPv4Address.random(using: &generator)
      // Half of the pairs differ in one bit only, so that both answers come up at every length.
      let near = IPv4Address(rawValue: first.rawValue ^ 1 << UInt32.random(in: 0..<32, using: &generator))
      let second = Bool.random(using: &generator) ? near : IPv4Address.random(using: &generator)
      let left = try IPv4Prefix(containing: first, prefixLength: .random(in: 0...32, using: &generator))
      let right = try IPv4Prefix(containing: second, prefixLength: .random(in: 0...32, using: &generator))
      let leftRange = left.address...left.lastAddress
      let rightRange = right.address...right.lastAddress
      #expect(left.contains(second) == leftRange.contains(second))
      #expect(left.contains(right) == (leftRange.contains(right.address) && leftRange.contains(right.lastAddress)))
      #expect(left.overlaps(right) == leftRange.overlaps(rightRange))
      #expect((try? IPv4Prefix(parsing: left.description)) == left)
      if left.overlaps(right) { overlapping += 1 }
    }
    #expect(4_000..<16_000 ~= overlapping)
  }

  @Test("order is by address, the wider prefix first")
  func order() throws {
    let texts = ["10.0.0.0/32", "10.0.0.0/8", "9.0.0.0/32", "0.0.0.0/0"]
    let sorted = try texts.map { text throws in try IPv4Prefix(parsing: text) }.sorted()
    #expect(sorted.map(\.description) == ["0.0.0.0/0", "9.0.0.0/32", "10.0.0.0/8", "10.0.0.0/32"])
  }
}
