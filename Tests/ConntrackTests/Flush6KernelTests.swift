import NetTypes
import TestKit
import Testing

@testable import Conntrack

@Suite("Flushing addresses of IPv6", .needsKernel)
struct Flush6KernelTests {
  @Test("every connection that names one of the addresses is gone, and no other")
  func flush() async throws {
    try await RoutedGuests.with { net in
      try await net.makeFlows()
      let before = try await net.host.conntrackLines("ipv6")
      let addresses = Set(
        before.flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("src=") }
          .compactMap { (try? IPv6Address(parsing: String($0.dropFirst(4)))) })
      let leaving = try #require(addresses.min())
      let expected = before.filter { !$0.contains("=\(leaving) ") }
      #expect(expected.count < before.count)
      let four = try await net.host.conntrackLines()
      try await net.host.conntrack { try $0.flush(addresses: [leaving]) }
      #expect(try await net.host.conntrackLines("ipv6") == expected)
      #expect(try await net.host.conntrackLines() == four)
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
}
