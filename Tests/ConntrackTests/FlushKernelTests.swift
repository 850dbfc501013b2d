import Glibc
import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import Conntrack

/// The two ways to flush must do the same.
enum FlushWay: CaseIterable {
  case filtered, dumped

  func flush(_ socket: inout ConntrackSocket, _ addresses: Set<IPv4Address>) throws {
    switch self {
    case .filtered:
      // Kernels before 6.12 refuse; then the other way is all there is.
      if try !socket.flushFiltered(addresses) { try socket.flushDumped(addresses) }
    case .dumped: try socket.flushDumped(addresses)
    }
  }
}

@Suite("Flushing addresses", .needsKernel)
struct FlushKernelTests {
  /// The lines that name none of the addresses.
  private func remaining(_ lines: Set<String>, without addresses: [IPAddress]) -> Set<String> {
    lines.filter { line in
      line.split(separator: " ").allSatisfy { word in
        let parts = word.split(separator: "=")
        guard ["src", "dst"].contains(parts[0]), let address = try? IPAddress(parsing: String(parts[1])) else {
          return true
        }
        return !addresses.contains(address)
      }
    }
  }

  @Test(
    "every connection that names one of the addresses is gone, whatever its kind, and no other",
    arguments: FlushWay.allCases,
    [
      ["172.30.0.2"], ["172.30.0.3"], ["198.51.100.1"], ["172.30.0.2", "172.30.0.1"], ["2001:db8::1"],
      ["2001:db8::2", "172.30.0.2"],
    ] as [[IPAddress]])
  func flush(way: FlushWay, addresses: [IPAddress]) async throws {
    try await RoutedGuests.with { net in
      try await net.makeFlows()
      let before = try await net.host.conntrackLines().union(net.host.conntrackLines("ipv6"))
      let expected = remaining(before, without: addresses)
      #expect(expected.count < before.count)
      #expect(expected.count >= 4)
      try await net.host.conntrack {
        try way.flush(&$0, Set(addresses.compactMap(\.ipv4)))
        try $0.flush(addresses: addresses.compactMap(\.ipv6))
      }
      #expect(try await net.host.conntrackLines().union(net.host.conntrackLines("ipv6")) == expected)
    }
  }

  @Test("of both families what is unwanted is forgotten")
  func forget() async throws {
    try await RoutedGuests.with { net in
      try await net.makeFlows()
      #expect(try await net.host.conntrackLines("ipv6").count > 0)
      let gone = try await net.host.conntrack { try $0.forget { _ in true } }
      #expect(gone.contains { if case .v6 = $0.original.addresses { true } else { false } })
      #expect(gone.contains { if case .v4 = $0.original.addresses { true } else { false } })
      #expect(try await net.host.conntrackLines("ipv6").isEmpty)
    }
  }

  @Test("each place where an address can stand is looked at", arguments: FlushWay.allCases, 0...3)
  func places(way: FlushWay, place: Int) async throws {
    // Four different addresses, as where both ends are translated.
    let addresses = (1...4).map { IPv4Address(203, 0, 113, $0) }
    try await withNamespace { namespace in
      try await namespace.insertConnections(of: [IPv4Address(203, 0, 113, 9)])
      try await namespace.insertTranslated(
        from: addresses[0], to: addresses[1], repliesFrom: addresses[2], to: addresses[3])
      #expect(try await namespace.conntrackLines().count == 2)
      try await namespace.conntrack { try way.flush(&$0, [addresses[place]]) }
      #expect(try await namespace.conntrackLines().count == 1)
      try await namespace.conntrack { try way.flush(&$0, [IPv4Address(203, 0, 113, 9)]) }
      #expect(try await namespace.conntrackLines().count == 0)
    }
  }

  @Test(
    "no addresses, or addresses that no connection names, leave everything as it is", arguments: [[], [1], [1, 2]])
  func nothing(last: [UInt8]) async throws {
    try await withNamespace { namespace in
      try await namespace.insertConnections(of: [IPv4Address(172, 30, 0, 2)], count: 5)
      let addresses = last.map { IPv4Address(203, 0, 113, $0) }
      let before = try await namespace.conntrackLines()
      for way in FlushWay.allCases { try await namespace.conntrack { try way.flush(&$0, Set(addresses)) } }
      try await namespace.conntrack { try $0.flush(addresses: addresses) }
      #expect(try await namespace.conntrackLines() == before)
      #expect(before.count == 5)
    }
  }

  @Test("connections of the same address in another namespace stay", arguments: FlushWay.allCases)
  func otherNamespace(way: FlushWay) async throws {
    let guest = IPv4Address(172, 30, 0, 2)
    try await withNamespaces { one, other in
      for namespace in [one, other] { try await namespace.insertConnections(of: [guest], count: 3) }
      try await one.conntrack { try way.flush(&$0, [guest]) }
      #expect(try await one.conntrackLines().count == 0)
      #expect(try await other.conntrackLines().count == 3)
    }
  }

  @Test("a thousand guests with ten connections each are flushed, and the connections of those who stay are not")
  func many() async throws {
    let leaving = (0..<1000).map { IPv4Address(rawValue: 0x0a00_0000 + UInt32($0)) }
    let staying = (0..<20).map { IPv4Address(rawValue: 0x0a01_0000 + UInt32($0)) }
    try await withNamespace { namespace in
      try await namespace.insertConnections(of: leaving + staying, count: 10)
      let left = try await namespace.conntrack { socket in
        try socket.flush(addresses: leaving)
        return try socket.entries()
      }
      #expect(left.count == 200)
      let sources = left.compactMap { entry -> IPv4Address? in
        guard case .v4(let source, _) = entry.original.addresses else { return nil }
        return source
      }
      #expect(Set(sources) == Set(staying))
    }
  }

  @Test("a kernel honours a filtered flush, or refuses it and deletes nothing")
  func honouredOrRefused() async throws {
    let (guest, other) = (IPv4Address(172, 30, 0, 2), IPv4Address(172, 30, 0, 3))
    try await withNamespace { namespace in
      try await namespace.insertConnections(of: [guest, other], count: 5)
      let isHonoured = try await namespace.conntrack { try $0.flushFiltered([guest]) }
      #expect(try await namespace.conntrackLines().count == (isHonoured ? 5 : 10))
    }
  }

  @Test("a flush twice is a flush once, and where nothing is tracked it is none")
  func again() async throws {
    let guest = IPv4Address(172, 30, 0, 2)
    try await withNamespace { namespace in
      try await namespace.conntrack { try $0.flush(addresses: [guest]) }
      try await namespace.insertConnections(of: [guest], count: 2)
      try await namespace.conntrack { socket in
        for _ in 1...3 { try socket.flush(addresses: [guest, guest]) }
      }
      #expect(try await namespace.conntrackLines().count == 0)
    }
  }

  @Test("an entry that ended is no failure, and a new one with its tuple is left alone")
  func ended() async throws {
    let guest = IPv4Address(172, 30, 0, 2)
    try await withNamespace { namespace in
      try await namespace.insertConnections(of: [guest])
      let stale = try await namespace.conntrack { try $0.keys([guest]) }
      #expect(stale.count == 1)
      try await namespace.conntrack { try $0.flush(addresses: [guest]) }
      try await namespace.conntrack { try $0.delete(stale) }
      // The kernel makes an entry's id of its place in memory and its tuple: another takes the place first.
      var others = 0
      repeat {
        try await namespace.conntrack { try $0.flush(addresses: [guest]) }
        others += 1
        try await namespace.insertConnections(of: [IPv4Address(172, 30, 1, UInt8(others))])
        try await namespace.insertConnections(of: [guest])
      } while try await namespace.conntrack { try $0.keys([guest]) } == stale && others < 200
      try await namespace.conntrack { try $0.delete(stale) }
      #expect(try await namespace.conntrackLines().count == others + 1)
    }
  }

  @Test("kernels without nfnetlink or without ctnetlink have nothing to flush; other refusals are errors")
  func meaning() {
    let refusals: [Errno] = [.protocolNotSupported, .invalidArgument, .notSupported, .notPermitted, .noBufferSpace]
    #expect(refusals.map(ConntrackSocket.meansNoConntrack) == [true, true, true, false, false])
  }
}
