import NetTypes
import TestKit
import Testing

@Suite("Hostile guests", .needsKernel)
struct HostileTests {
  @Test("get nothing anywhere that their network's policy does not give them", arguments: HostileScenario.all)
  func nowhere(scenario: HostileScenario) async throws {
    let number = HostileScenario.all.firstIndex { $0.testDescription == scenario.testDescription } ?? 0
    let seed = HostileRun.seed &+ UInt64(number) << 32
    try await HostileSite.use(scenario) { site in
      for (index, liar) in site.liars.enumerated() {
        let context = """
          TAPESTRY_HOSTILE_SEED=\(HostileRun.seed) TAPESTRY_HOSTILE_FRAMES=\(HostileRun.frames), \
          \(scenario.testDescription), \(index == 0 ? "without" : "with") virtio-net headers
          """
        do {
          for finding in try await site.campaign(liar, number: index, seed: seed &+ UInt64(index)) {
            Issue.record(Comment(rawValue: "\(context)\n\(finding)"))
          }
          for harm in try await site.harm(by: liar) { Issue.record(Comment(rawValue: "\(context)\n\(harm)")) }
          try await site.expectHonest(liar)
        } catch let lost as HostileVictims.Lost {
          Issue.record(Comment(rawValue: "\(context)\n\(lost)"))
        }
      }
    }
  }
}

extension HostileFinding: CustomStringConvertible {
  var description: String {
    """
    \(arrival.place): \(arrival.rule) (\(count) times)
    sent: \(attempt.map { "\($0)" } ?? "by none alone")
    arrived: \(arrival.bytes.prefix(400).hex)
      \(arrival.decoded)
    """
  }
}

extension HostileArrival {
  /// In words, as far as it can be read.
  fileprivate var decoded: String {
    guard place != .host else { return IPWords.of(bytes) }
    guard let frame = try? EthernetFrame(parsing: bytes) else { return "no frame" }
    if let arp = frame.arp {
      return
        "ARP \(arp.operation) \(arp.senderIP) at \(arp.senderMAC) for \(arp.targetIP), \(frame.source)→\(frame.destination)"
    }
    return "\(frame.source)→\(frame.destination) \(IPWords.of(frame.payload))"
  }
}

/// What an IP packet is, in a line.
private enum IPWords {
  static func of(_ bytes: [UInt8]) -> String {
    if bytes.count >= 20, bytes[0] >> 4 == 4 {
      let rest = Array(bytes.dropFirst(Int(bytes[0] & 15) * 4))
      let (source, target) = (bytes[12..<16].map(String.init), bytes[16..<20].map(String.init))
      return
        "IPv4 \(source.joined(separator: "."))→\(target.joined(separator: ".")) protocol \(bytes[9]) fragment \(bytes[6..<8].hex) \(words(bytes[9], rest))"
    }
    if bytes.count >= 40, bytes[0] >> 4 == 6, let source = IPv6Address(bytes: Array(bytes[8..<24])),
      let target = IPv6Address(bytes: Array(bytes[24..<40]))
    {
      return "IPv6 \(source)→\(target) protocol \(bytes[6]) \(words(bytes[6], Array(bytes.dropFirst(40))))"
    }
    return "other"
  }

  private static func words(_ number: UInt8, _ bytes: [UInt8]) -> String {
    guard bytes.count >= 4 else { return "" }
    return number == 6 || number == 17
      ? "ports \(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))→\(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))"
      : "type \(bytes[0]) code \(bytes[1])"
  }
}
