import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A guest whose TAP is routed", .needsKernel)
struct RoutedTests {
  @Test("sends nothing from another address or MAC past its TAP")
  func forgedSenders() async throws {
    try await InnerSite.use(.routed) { inner in
      let (liar, neighbor) = try await inner.site.guests(in: "inner")
      #expect(try await liar.ping(Site.server))
      let forger = try await Forger(liar, neighbor: neighbor)
      let sources = [
        neighbor.address, forger.gateway.address, Site.hostAddress, Site.metadata, IPv4Address(172, 30, 77, 99),
        IPv4Address(203, 0, 113, 9),
      ]
      var forgeries = sources.map { forger.udp("from \($0)", from: $0) }
      forgeries += [
        forger.udp("from nobody's MAC", mac: Forger.stranger),
        forger.udp("from its neighbour's MAC", mac: neighbor.mac),
        forger.udp("a fragment from its neighbour", from: neighbor.address) { $0.fragmentOffset = 3 },
        forger.udp("an unknown protocol from its neighbour", from: neighbor.address) {
          $0.protocolNumber = .init(rawValue: 253)
        },
      ]
      #expect(try await inner.escaped([forger.udp("its own")] + forgeries, from: liar) == ["its own"])
      // It is the guard, and the TAP's settings, that hold them.
      try await inner.lower(liar.tapName)
      let passing = try await inner.escaped(forgeries, from: liar)
      #expect(passing.isSuperset(of: ["from 203.0.113.9", "from nobody's MAC", "from its neighbour's MAC"]))
    }
  }

  @Test("leaves no trace of forged ARP in the host's table, and gets no answer to it")
  func forgedARP() async throws {
    try await InnerSite.use(.routed) { inner in
      let (liar, neighbor) = try await inner.site.guests(in: "inner")
      let forger = try await Forger(liar, neighbor: neighbor)
      let before = try await inner.neighbors()
      #expect(before.count == 2)
      let claims = (1...200).map { Forger.Identity(mac: forger.own.mac, address: IPv4Address(172, 30, 200, $0)) }
      let forgeries =
        claims.map { forger.arp("claim of \($0.address)", sender: $0) } + [
          forger.arp("its neighbour's", sender: forger.neighbor),
          forger.arp("its own address at another MAC", sender: .init(mac: Forger.stranger, address: liar.address)),
          forger.arp("its own on another's frame", sender: forger.own, from: Forger.stranger),
          forger.arp(
            "a reply for its neighbour", .reply, sender: .init(mac: liar.mac, address: neighbor.address),
            asking: forger.gateway, at: forger.gateway.mac),
        ]
      _ = liar.arrivals.takeAll()
      for forgery in forgeries { try liar.send(forgery.frame) }
      #expect(try await liar.ping(Site.server))
      #expect(try await inner.neighbors() == before)
      #expect(liar.arrivals.takeAll().compactMap(\.arp) == [])
      #expect(try await neighbor.ping(Site.server))
      // The table and the TAP's setting hold it, each by itself.
      try await inner.lower(liar.tapName)
      for forgery in forgeries.prefix(3) { try liar.send(forgery.frame) }
      #expect(try await liar.ping(Site.server))
      #expect(try await inner.neighbors().count > before.count)
    }
  }

  @Test("and its fragments are put together under its own address alone", arguments: [Network.Mode.routed, .clone])
  func fragments(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let guest = try await inner.site.guest("web-1", in: "inner")
      let gateway = try await guest.gatewayMAC()
      let held = { try await inner.site.host.command("grep", "^FRAG:", "/proc/net/sockstat") }
      let none = try await held()
      func send(from source: IPv4Address) throws {
        var packet = IPv4Packet.udp(
          UDPDatagram(from: 40_000, to: 7, payload: [UInt8](repeating: 1, count: 64)), from: source, to: Site.server)
        packet.identification = 7
        try guest.send(.ipv4(packet.fragments(of: 32)[1], from: guest.mac, to: gateway))
      }
      for source in [Site.server, Site.hostAddress, inner.network.subnet.gateway, IPv4Address(203, 0, 113, 9)] {
        try send(from: source)
      }
      #expect(try await guest.ping(Site.server))
      #expect(try await held() == none)
      try send(from: guest.address)
      #expect(try await eventually { try await held() != none })
    }
  }

  @Test("has no IPv6, nor has its TAP")
  func ipv6() async throws {
    try await InnerSite.use(.routed) { inner in
      let (liar, neighbor) = try await inner.site.guests(in: "inner")
      let forger = try await Forger(liar, neighbor: neighbor)
      let addresses = try await inner.site.host.command("ip", "-o", "-6", "address", "show", "dev", liar.tapName)
      #expect(addresses == "")
      let group = IPv6Address.allNodes
      try liar.send(forger.udp6("to all", from: forger.own.linkLocal, to: group, at: group.multicastMAC).frame)
      #expect(try await liar.ping(Site.server))
      #expect(try await inner.site.host.command("ip", "-6", "neighbour", "show", "dev", liar.tapName) == "")
    }
  }
}

extension InnerSite {
  /// Takes away all that stands between a routed TAP and the host's forwarding.
  fileprivate func lower(_ tapName: String) async throws {
    for family in ["arp", "inet"] { try await site.host.command("nft", "delete", "table", family, "tapestry") }
    for setting in ["rp_filter", "arp_filter"] {
      try await site.host.command("sysctl", "-q", "-w", "net.ipv4.conf.\(tapName).\(setting)=0")
    }
  }

  /// The host's neighbours on guests' TAPs.
  fileprivate func neighbors() async throws -> Set<String> {
    let entries = try await site.host.json("ip", "-j", "neighbour", "show").elements
    return Set(
      entries.filter { $0["dev"].string?.hasPrefix("sv") == true }.compactMap { entry in
        guard let address = entry["dst"].string, let device = entry["dev"].string else { return nil }
        return "\(address) dev \(device) \(entry["lladdr"].string ?? "")"
      })
  }
}
