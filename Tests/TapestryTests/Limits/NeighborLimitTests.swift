import NetTypes
import Tapestry
import TestKit
import Testing

/// The kernel remembers a thousand or so of those that it has looked for, in all namespaces together: so few are used here.
@Suite("The host's neighbours", .needsKernel, .serialized)
struct NeighborLimitTests {
  private static let scanned = 1...300

  @Test("are few, however many addresses of the uplink's own subnet a guest asks for", arguments: Way.all)
  func uplink(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let site = inner.site
      let (own, theirs, length, seen): (IPAddress, [IPAddress], Int, String) =
        switch way.family {
        case .v4: ("10.99.0.1", ["10.99.0.2", "10.99.8.8"], 20, "10.99.")
        case .v6: ("2001:db8:99::1", ["2001:db8:99::2", "2001:db8:99::8:8"], 64, "2001:db8:99:")
        }
      try await site.host.command("ip", "address", "add", "\(own)/\(length)", "dev", "uplink", "nodad")
      for address in theirs {
        try await site.internet.command("ip", "address", "add", "\(address)/\(length)", "dev", "isp", "nodad")
      }
      let fresh = theirs[1]
      _ = try await UDPSocket(in: site.internet, at: Endpoint(fresh, 7), echoes: true)
      let hog = try await inner.guest("hog")
      let other = try await inner.guest("other")
      let start = ContinuousClock.now
      try await hog.scan(from: own, Self.scanned)
      let count = try await site.neighbors(on: "uplink", beginning: seen)
      let elapsed = Int((ContinuousClock.now - start) / .seconds(1)) + 1
      #expect((1...64 + 10 * elapsed).contains(count), "\(count)")
      // Of an address that nobody has asked for.
      #expect(try await other.exchangeUDP([8], with: fresh, port: 7) == [8])
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("are guests, where guests reach each other", arguments: Way.all, [false, true])
  func own(way: Way, allowsInterVM: Bool) async throws {
    try await Site.use { site in
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: way.mode, subnet: "172.30.16.0/20",
          subnet6: way.family == .v6 ? .site : nil, snapshot: way.mode.snapshot,
          settings: NetworkSettings(allowsInterVM: allowsInterVM)))
      let hog = try await site.guest("hog", in: "inner")
      let made = try await site.manager.attach(AttachRequest(vmID: "other", network: "inner"))
      let other = try await site.boot(made)
      let (first, seen): (IPAddress, String) =
        way.family == .v4 ? ("172.30.17.0", "172.30.17.") : ("2001:db8:7::1:0", "2001:db8:7::1:")
      try await hog.scan(from: first, Self.scanned)
      #expect(try await site.neighbors(on: network.bridge.rawValue, beginning: seen) == 0)
      // One that is there is reached by the host as well as by the bridge. The kernel looks for one of IPv6 even to say that
      // there is a shorter way (ip6_forward), before it asks who may pass.
      let target = try #require(way.family == .v4 ? .v4(made.address) : made.guestAddress(.v6))
      try await hog.scan(from: target, 0...0)
      let limit = allowsInterVM ? Duration.patience : .milliseconds(200)
      #expect((await other.receiveUDP(port: 7, within: limit) != nil) == allowsInterVM)
      // The host's own address is reached as before.
      let host = way.family == .v4 ? .v4(made.gatewayIP) : IPAddress.v6(try #require(network.hostAddress6))
      #expect(try await hog.ping(host))
    }
  }
}

extension StandInGuest {
  /// Sends a datagram to each of so many addresses, counted from one, by way of the gateway.
  fileprivate func scan(from first: IPAddress, _ numbers: ClosedRange<Int>) async throws {
    let own = try #require(ownAddress(first.family))
    let hop = if first.family == .v4 { try await gatewayMAC() } else { try #require(try await nextHop(to: first)) }
    for number in numbers {
      let target = IPAddress(first.family, number: first.number + UInt128(number))
      let datagram = UDPDatagram(from: 4000, to: 7, payload: [1])
      try send(.udp(datagram, from: own, to: target, by: mac, at: hop))
    }
  }
}

extension Site {
  /// The host's neighbours on a link whose addresses begin so.
  fileprivate func neighbors(on link: String, beginning prefix: String) async throws -> Int {
    var count = 0
    for family in ["-4", "-6"] {
      let list = try await host.command("ip", family, "neighbor", "show", "nud", "all", "dev", link)
      count += list.split(separator: "\n").count { $0.hasPrefix(prefix) }
    }
    return count
  }
}
