import FoundationEssentials
import NetTypes
import Testing

@Suite("Coding")
struct CodingTests {
  private struct Record: Codable, Equatable {
    var address: IPv4Address
    var prefix: IPv4Prefix
    var subnet: IPv4Subnet
    var address6: IPv6Address
    var prefix6: IPv6Prefix
    var mac: MACAddress
    var name: InterfaceName
  }

  private static let json = """
    {"address":"172.30.0.2","address6":"fd00::2","mac":"02:00:00:00:00:01","name":"svbr0","prefix":"0.0.0.0/0",\
    "prefix6":"fd00::/64","subnet":"172.30.0.0/24"}
    """

  @Test("every type is a single string, the same that it prints as")
  func singleStrings() throws {
    let record = Record(
      address: IPv4Address(172, 30, 0, 2),
      prefix: try IPv4Prefix(parsing: "0.0.0.0/0"),
      subnet: try IPv4Subnet(parsing: "172.30.0.0/24"),
      address6: try IPv6Address(parsing: "fd00::2"),
      prefix6: try IPv6Prefix(parsing: "fd00::/64"),
      mac: MACAddress(2, 0, 0, 0, 0, 1),
      name: try InterfaceName(parsing: "svbr0"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(String(decoding: try encoder.encode(record), as: UTF8.self) == Self.json)
    #expect(try JSONDecoder().decode(Record.self, from: Data(Self.json.utf8)) == record)
  }

  @Test("text that does not parse is corrupt data, and says where and why")
  func corrupt() throws {
    try expectCorrupt("address", "172.30.0.02", AddressError.self)
    try expectCorrupt("prefix", "0.0.0.0/33", AddressError.self)
    try expectCorrupt("subnet", "172.30.0.0/31", AddressError.self)
    try expectCorrupt("subnet", "172.30.0/24", AddressError.self)
    try expectCorrupt("address6", "fd00::2%eth0", AddressError.self)
    try expectCorrupt("prefix6", "fd00::/129", AddressError.self)
    try expectCorrupt("mac", "02-00-00-00-00-01", AddressError.self)
    try expectCorrupt("name", "sv br0", InterfaceNameError.self)
  }

  private func expectCorrupt<Cause: Error & CustomStringConvertible>(
    _ key: String, _ text: String, _ cause: Cause.Type
  ) throws {
    var fields = try JSONDecoder().decode([String: String].self, from: Data(Self.json.utf8))
    fields[key] = text
    let data = try JSONEncoder().encode(fields)
    let error = #expect(throws: DecodingError.self) { try JSONDecoder().decode(Record.self, from: data) }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(key) \(text) gave \(String(describing: error))")
      return
    }
    let underlying = try #require(context.underlyingError as? Cause)
    #expect(context.debugDescription == underlying.description)
    #expect(context.codingPath.map(\.stringValue) == [key])
  }

  @Test("what is no string at all is a mismatch of types", arguments: ["1", "null", "[]", "{}", "true"])
  func mismatch(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([IPv4Address].self, from: Data("[\(json)]".utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([InterfaceName].self, from: Data("[\(json)]".utf8)) }
  }
}
