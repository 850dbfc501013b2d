import Glibc
import NetTypes
import TestKit
import Testing

@testable import Conntrack

@Suite("Tracked connections in the kernel", .needsKernel)
struct EntriesKernelTests {
  /// conntrack(8)'s own words, without what changes by itself.
  private func line(_ entry: ConntrackEntry) -> String {
    let names: [UInt8: String] = [1: "icmp", 17: "udp", 58: "icmpv6"]
    let number = entry.original.protocolNumber
    var words = [names[number] ?? "unknown", "\(number)"]
    words += self.words(entry.original)
    if let zone = entry.original.zone { words.append("zone-orig=\(zone)") }
    if !entry.status.contains(.seenReply) { words.append("[UNREPLIED]") }
    words += self.words(entry.reply)
    if let zone = entry.reply.zone { words.append("zone-reply=\(zone)") }
    if entry.status.contains(.assured) { words.append("[ASSURED]") }
    words.append("mark=\(entry.mark)")
    if entry.zone != 0 { words.append("zone=\(entry.zone)") }
    words.append("id=\(entry.id)")
    return words.joined(separator: " ")
  }

  private func words(_ tuple: ConntrackTuple) -> [String] {
    let addresses =
      switch tuple.addresses {
      case .v4(let source, let destination): ["src=\(source)", "dst=\(destination)"]
      case .v6(let source, let destination): ["src=\(source)", "dst=\(destination)"]
      }
    let transport =
      switch tuple.transport {
      case .ports(let source, let destination): ["sport=\(source)", "dport=\(destination)"]
      case .icmp(let identifier, let type, let code): ["type=\(type)", "code=\(code)", "id=\(identifier)"]
      case .none: [String]()
      }
    return addresses + transport
  }

  @Test("what is read is what conntrack(8) lists: NAT, zones, marks, pings, protocols without ports, IPv6")
  func oracle() async throws {
    try await RoutedGuests.with { net in
      try await net.makeFlows()
      let entries = try await net.host.conntrack { try $0.entries() }
      let listed = try await net.host.conntrackLines("ipv4").union(net.host.conntrackLines("ipv6"))
      #expect(Set(entries.map(line)) == listed)
      #expect(entries.count == listed.count)
      #expect(entries.count == 12)
      // UDP that was not answered is forgotten after 30 seconds, other protocols after 600.
      #expect(entries.filter { $0.original.protocolNumber == 253 }.allSatisfy { (31...600) ~= $0.timeout ?? 0 })
      #expect(entries.filter { $0.original.protocolNumber == 17 }.allSatisfy { (1...30) ~= $0.timeout ?? 0 })
      #expect(entries.allSatisfy { $0.status.contains(.confirmed) && !$0.status.contains(.dying) })
      #expect(entries.count { $0.status.contains(.destinationNAT) } == 1)
      #expect(entries.count { $0.status.contains(.sourceNAT) } == 4)
    }
  }

  @Test("a namespace that tracks nothing has no connections")
  func nothing() async throws {
    try await withNamespace { namespace in
      let entries = try await namespace.conntrack { try $0.entries() }
      #expect(entries == [])
    }
  }
}
