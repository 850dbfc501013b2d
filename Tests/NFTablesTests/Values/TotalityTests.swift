import Netlink
import TestKit
import Testing

@testable import NFTables

/// What the kernel would never write is refused, or read as something; it never traps.
@Suite("Any bytes can be decoded")
struct TotalityTests {
  /// The payloads of all messages of the test rulesets, to begin with bytes that make sense.
  private static func payloads() throws -> [[UInt8]] {
    try Ruleset.all.flatMap { try Batch($0.transaction()).messages.payloads.dropFirst().dropLast() }
  }

  private static let sets: [NamedSet] = [
    NamedSet(Table.ID(.inet, "t"), "s", .ipv4Address, flags: .interval),
    NamedSet(Table.ID(.inet, "t"), "s", .interfaceName, .etherAddress, mapsTo: .values([.ipv4Address, .inetService])),
    NamedSet(Table.ID(.inet, "t"), "s", .ipv4Address, .inetService, mapsTo: .verdict, flags: .interval),
    NamedSet(Table.ID(.inet, "t"), "s", .interfaceName, mapsTo: .objects(.limit)),
  ]

  /// Decodes in every way there is; returns how many succeeded.
  private func decodeAll(_ bytes: [UInt8]) -> Int {
    var successes = 0
    func attempt(_ body: (RawSpan) throws(DecodingFailure) -> Void) {
      if (try? bytes.read { span throws(DecodingFailure) in try body(span) }) != nil { successes += 1 }
    }
    attempt { span throws(DecodingFailure) in _ = NFTables.Operation.addTable(try Table(decoding: span)).description }
    attempt { span throws(DecodingFailure) in _ = NFTables.Operation.addChain(try Chain(decoding: span)).description }
    attempt { span throws(DecodingFailure) in _ = NFTables.Operation.addSet(try NamedSet(decoding: span)).description }
    attempt { span throws(DecodingFailure) in
      _ = NFTables.Operation.addObject(try StatefulObject(decoding: span)).description
    }
    attempt { span throws(DecodingFailure) in
      let rule = try InstalledRule(decoding: span).rule
      _ = rule.description
      expectStable(rule)
    }
    attempt { span throws(DecodingFailure) in _ = try Expression(decoding: span) }
    for set in Self.sets {
      attempt { span throws(DecodingFailure) in
        var stored: [StoredElement] = []
        try StoredElement.append(from: span, of: set, to: &stored)
        _ = try Element.elements(stored, of: set).map(\.description)
      }
    }
    return successes
  }

  /// What was read is written so that it is read as the same.
  private func expectStable(_ rule: Rule) {
    var buffer = MessageBuffer()
    rule.encode(into: &buffer)
    let bytes = [rule.chain.table.family.rawValue, 0, 0, 0] + buffer.bytes
    let again = try? bytes.read { span throws(DecodingFailure) in try InstalledRule(decoding: span).rule }
    #expect(again == rule)
  }

  @Test("random bytes")
  func randomBytes() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...120, using: &random)
      // Small numbers make lengths and types that are nearly right.
      let bytes = (0..<count).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...12, using: &random) : UInt8.random(in: 0...255, using: &random)
      }
      _ = decodeAll(bytes)
    }
  }

  @Test("bytes that made sense, with some changed")
  func changedBytes() throws {
    var random = SeededGenerator(seed: 2)
    let payloads = try Self.payloads()
    var successes = 0
    for _ in 0..<60 {
      for payload in payloads {
        var bytes = payload
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          bytes[place] = Bool.random(using: &random) ? bytes[place] ^ 1 : UInt8.random(in: 0...255, using: &random)
        }
        successes += decodeAll(bytes)
      }
    }
    // Else it would be the same as random bytes.
    #expect(successes > 1000)
  }

  @Test("bytes that made sense, cut short")
  func cutShort() throws {
    for payload in try Self.payloads() {
      for count in stride(from: 0, to: payload.count, by: 3) { _ = decodeAll(Array(payload.prefix(count))) }
    }
  }

  @Test("user data of any bytes is entries that give the bytes back, or nothing")
  func userData() {
    var random = SeededGenerator(seed: 3)
    var successes = 0
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in UInt8.random(in: 0...6, using: &random) }
      guard let userData = UserData(bytes: bytes) else { continue }
      successes += 1
      #expect(userData.bytes == bytes)
    }
    #expect(successes > 1000)
  }
}
