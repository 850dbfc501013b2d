import NetTypes
import Tapestry
import TestKit
import Testing

/// The kernel remembers a thousand or so of those that it has looked for, in all namespaces together: so few are used here.
@Suite("The host's neighbours", .needsKernel, .serialized)
struct NeighborLimitTests {
  private static let scanned = 1...300

  @Test("are few, however many addresses of the uplink's own subnet a guest asks for", arguments: Network.Mode.allCases)
  func uplink(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let site = inner.site
      try await site.host.command("ip", "address", "add", "10.99.0.1/20", "dev", "uplink")
      for address in ["10.99.0.2/20", "10.99.8.8/20"] {
        try await site.internet.command("ip", "address", "add", address, "dev", "isp")
      }
      let fresh = IPv4Address(10, 99, 8, 8)
      _ = try await UDPSocket(in: site.internet, address: fresh, port: 7, echoes: true)
      let hog = try await site.boot(try await inner.attach("hog"))
      let other = try await site.boot(try await inner.attach("other"))
      let start = ContinuousClock.now
      let hop = try await hog.gatewayMAC()
      for number in Self.scanned {
        let target = IPv4Address(10, 99, UInt8(1 + number / 250), UInt8(1 + number % 250))
        let datagram = UDPDatagram(from: 4000, to: 7, payload: [1])
        try hog.send(.ipv4(.udp(datagram, from: hog.address, to: target), from: hog.mac, to: hop))
      }
      let count = try await site.neighbors(on: "uplink", beginning: "10.99.")
      let elapsed = Int((ContinuousClock.now - start) / .seconds(1)) + 1
      #expect((0...64 + 10 * elapsed).contains(count), "\(count)")
      // Of an address that nobody has asked for.
      #expect(try await other.exchangeUDP([8], with: fresh, port: 7) == [8])
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("of IPv6 are few", arguments: DualSite.modes)
  func uplink6(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { inner in
      let site = inner.site
      let hog = try await inner.guest("hog")
      let other = try await inner.guest("other")
      let own = try #require(hog.ipv6)
      let start = ContinuousClock.now
      let hop = try #require(try await hog.resolve6(own.gateway))
      for number in Self.scanned {
        let target = IPv6Address(rawValue: DualSite.server.rawValue &+ 0x1_0000 &+ UInt128(number))
        let datagram = UDPDatagram(from: 4000, to: 7, payload: [1])
        try hog.send(.ipv6(.udp(datagram, from: own.address, to: target), from: hog.mac, to: hop))
      }
      let count = try await site.neighbors(on: "uplink", beginning: "2001:db8:1::1:")
      let elapsed = Int((ContinuousClock.now - start) / .seconds(1)) + 1
      #expect((1...64 + 10 * elapsed).contains(count), "\(count)")
      #expect(try await other.ping6(DualSite.server))
    }
  }

  @Test("are guests, where guests reach each other", arguments: Network.Mode.allCases, [false, true])
  func own(mode: Network.Mode, allowsInterVM: Bool) async throws {
    try await Site.use { site in
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: mode, subnet: (try? IPv4Subnet(parsing: "172.30.16.0/20")),
          snapshot: mode == .clone ? RoutedSite.snapshot : nil, settings: NetworkSettings(allowsInterVM: allowsInterVM))
      )
      let hog = try await site.guest("hog", in: "inner")
      let made = try await site.manager.attach(AttachRequest(vmID: "other", network: "inner"))
      let other = try await site.boot(made)
      let hop = try await hog.gatewayMAC()
      func datagram(to target: IPv4Address) -> EthernetFrame {
        let datagram = UDPDatagram(from: 4000, to: 7, payload: [1])
        return .ipv4(.udp(datagram, from: hog.address, to: target), from: hog.mac, to: hop)
      }
      for number in Self.scanned {
        try hog.send(datagram(to: IPv4Address(rawValue: network.subnet.networkAddress.rawValue + 256 + UInt32(number))))
      }
      #expect(try await site.neighbors(on: network.bridge.rawValue, beginning: "172.30.17.") == 0)
      // One that is there is reached by the host as well as by the bridge.
      let found = try await hog.sendRepeatedly(
        datagram(to: made.address), within: allowsInterVM ? .zero : .milliseconds(200)
      ) { _ in false }
      #expect(found == nil)
      #expect(
        (await other.receiveUDP(port: 7, within: allowsInterVM ? .patience : .milliseconds(200)) != nil)
          == allowsInterVM)
    }
  }

  @Test("of IPv6 are guests", arguments: DualSite.modes, [false, true])
  func own6(mode: Network.Mode, allowsInterVM: Bool) async throws {
    try await DualSite.use(mode, allowsInterVM: allowsInterVM) { inner in
      let (hog, other) = (try await inner.guest("hog"), try await inner.guest("other"))
      let (own, theirs) = (try #require(hog.ipv6), try #require(other.ipv6))
      let hop = try #require(try await hog.resolve6(own.gateway))
      func datagram(to target: IPv6Address) -> EthernetFrame {
        let datagram = UDPDatagram(from: 4000, to: 7, payload: [1])
        return .ipv6(.udp(datagram, from: own.address, to: target), from: hog.mac, to: hop)
      }
      for number in Self.scanned {
        try hog.send(datagram(to: IPv6Address(rawValue: DualSite.prefix.address.rawValue | UInt128(0x1_0000 + number))))
      }
      #expect(try await inner.site.neighbors(on: inner.network.bridge.rawValue, beginning: "2001:db8:7::1:") == 0)
      // The kernel looks for one even to say that there is a shorter way (ip6_forward), before it asks who may pass.
      try hog.send(datagram(to: theirs.address))
      let arrived = await other.received(within: allowsInterVM ? .patience : .milliseconds(200)) {
        $0.ipv6?.udp?.destinationPort == 7
      }
      #expect((arrived != nil) == allowsInterVM)
      // The host's own address there is reached as before.
      #expect(try await hog.ping6(inner.hostAddress))
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
