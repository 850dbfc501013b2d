import NetTypes
import TestKit
import Testing

/// No text may trap a parser: each gives a value that prints and reads back as itself, or refuses.
@Suite("Totality")
struct TotalityTests {
  /// Puts `text` to every parser; returns how many accepted it.
  private func tryAll(_ text: String) -> Int {
    let parsers = [
      Self.accepts(IPv4Address.init(parsing:)), Self.accepts(IPv4Prefix.init(parsing:)),
      Self.accepts(IPv4Subnet.init(parsing:)), Self.accepts(IPv6Address.init(parsing:)),
      Self.accepts(IPv6Prefix.init(parsing:)), Self.accepts(MACAddress.init(parsing:)),
      Self.accepts { try InterfaceName(parsing: $0) },
    ]
    return parsers.count { $0(text) }
  }

  private static func accepts<Value: CustomStringConvertible & Equatable>(
    _ parse: @escaping (String) throws -> Value
  ) -> (String) -> Bool {
    { text in
      guard let value = try? parse(text) else { return false }
      #expect((try? parse(value.description)) == value, "\(Value.self) \(text.debugDescription)")
      return true
    }
  }

  @Test("junk of any kind is refused or means something, and never traps", arguments: 0..<4 as Range<UInt64>)
  func junk(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<15_000 {
      _ = tryAll(RandomText.junk(using: &generator))
    }
  }

  @Test("text nearly right for one parser traps none of them", arguments: 0..<4 as Range<UInt64>)
  func nearMisses(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 0x70 + seed)
    var accepted = 0
    for _ in 0..<3_000 {
      let ipv4 = IPv4Address.random(using: &generator)
      let ipv6 = IPv6Address.random(using: &generator)
      let right = [
        "\(ipv4)", "\(ipv4)/\(Int.random(in: 0...40, using: &generator))", "\(ipv6)",
        "\(ipv6)/\(Int.random(in: 0...140, using: &generator))", "\(MACAddress.random(using: &generator))",
      ]
      for text in right {
        accepted += tryAll(RandomText.nearly(text, using: &generator))
      }
    }
    #expect(1_000..<100_000 ~= accepted)
  }

  @Test("very long text is refused", arguments: ["1", ".", ":", "/", "0", "f", "1.", "1:", "::", "1/", "é", "\0"])
  func long(unit: String) {
    #expect(tryAll(String(repeating: unit, count: 100_000)) == 0)
  }

  @Test("every one-byte and two-byte ASCII text is refused by all but interface names and ::")
  func short() {
    for first in 0..<128 as Range<UInt8> {
      for second in 0..<128 as Range<UInt8> {
        let text = String(decoding: [first, second], as: UTF8.self)
        let expected = text == "::" || (try? InterfaceName(parsing: text)) != nil ? 1 : 0
        #expect(tryAll(text) == expected, "\(text.debugDescription)")
      }
    }
  }
}
