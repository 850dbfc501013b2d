import Glibc
import NetTypes
import TestKit
import Testing

@testable import Conntrack

@Suite("Tracked connections in the kernel", .needsKernel)
struct EntriesKernelTests {
  /// conntrack(8)'s own words for what is read.
  private func line(_ entry: ConntrackEntry) -> String {
    let names: [UInt8: String] = [1: "icmp", 17: "udp", 58: "icmpv6"]
    let number = entry.original.protocolNumber
    return ([names[number] ?? "unknown", "\(number)"] + words(entry.original) + words(entry.reply))
      .joined(separator: " ")
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
      case .none: [String]()
      }
    return addresses + transport
  }

  /// Without the words about what is not read.
  private func readable(_ line: String) -> String {
    let words = line.split(separator: " ")
    let read = words.dropFirst(2).filter { word in
      ["src=", "dst=", "sport=", "dport="].contains { word.hasPrefix($0) }
    }
    return (words.prefix(2) + read).joined(separator: " ")
  }

  @Test("what is read is what conntrack(8) lists: NAT, zones, marks, pings, protocols without ports, IPv6")
  func oracle() async throws {
    try await RoutedGuests.with { net in
      try await net.makeFlows()
      let entries = try await net.host.conntrack { try $0.entries() }
      let listed = try await net.host.conntrackLines("ipv4").union(net.host.conntrackLines("ipv6"))
      #expect(entries.map(line).sorted() == listed.map(readable).sorted())
      #expect(entries.count == 12)
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
