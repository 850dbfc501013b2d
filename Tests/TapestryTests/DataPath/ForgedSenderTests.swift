import NetTypes
import TestKit
import Testing

@Suite("Past its TAP, a guest gets no", .needsKernel)
struct ForgedSenderTests {
  @Test("frame from another MAC: nobody's, its neighbour's, its gateway's, that of the TAP's other end")
  func otherMAC() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      var hostSide = forger.own.mac.octets
      hostSide[0] = 0xfe
      let macs = [
        ("nobody", Forger.stranger), ("its neighbour", forger.neighbor.mac), ("its gateway", forger.gateway.mac),
        ("its TAP's other end", try #require(MACAddress(bytes: hostSide))),
      ]
      try await arena.expectHeld(
        macs.flatMap { name, mac in
          [
            forger.udp("a datagram of \(name)", mac: mac),
            forger.udp("a broadcast of \(name)", mac: mac, to: .init(255, 255, 255, 255), at: .broadcast),
            forger.udp("its neighbour's packet from \(name)", from: forger.neighbor.address, mac: mac),
            forger.arp("a request from \(name)", sender: forger.own, from: mac),
          ]
        })
    }
  }

  @Test("packet from another IPv4 address, its neighbour's, the host's, or one that is no host's")
  func otherAddress() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let sources = [
        forger.neighbor.address, forger.gateway.address, Site.hostAddress, Site.server, Site.metadata,
        IPv4Address(172, 30, 0, 99), IPv4Address(172, 30, 0, 0), IPv4Address(172, 30, 0, 255),
        IPv4Address(0, 0, 0, 0), IPv4Address(127, 0, 0, 1), IPv4Address(224, 0, 0, 1),
        IPv4Address(255, 255, 255, 255),
      ]
      var forgeries = sources.map { forger.udp("a datagram from \($0)", from: $0) }
      for source in sources.prefix(3) {
        forgeries += [
          forger.udp("a broadcast from \(source)", from: source, to: .init(255, 255, 255, 255), at: .broadcast),
          forger.udp("a first fragment from \(source)", from: source) { $0.moreFragments = true },
          forger.udp("a later fragment from \(source)", from: source) { $0.fragmentOffset = 3 },
          forger.udp("a packet with options from \(source)", from: source) { $0.options = [7, 3, 4, 0] },
          forger.udp("a packet of an unknown protocol from \(source)", from: source) {
            $0.protocolNumber = .init(rawValue: 253)
          },
        ]
      }
      // br_netfilter would put fragments together before the bridge.
      try await arena.site.setBridgeNetfilter(.off)
      try await arena.expectHeld(forgeries)
    }
  }

  @Test("ARP packet in another's name, in its body or on its frame, nor one that claims the gateway")
  func otherARPSender() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let (own, neighbor, gateway) = (forger.own, forger.neighbor, forger.gateway)
      let claim = { (address: IPv4Address) in Forger.Identity(mac: own.mac, address: address) }
      let nobody = Forger.Identity(mac: Forger.stranger, address: own.address)
      try await arena.expectHeld([
        forger.arp("a request with its neighbour's address", sender: claim(neighbor.address)),
        forger.arp("a request with the gateway's address", sender: claim(gateway.address)),
        forger.arp("a request with the server's address", sender: claim(Site.server)),
        forger.arp("a probe", sender: claim(IPv4Address(0, 0, 0, 0))),
        forger.arp("a request with another MAC in its body", sender: nobody),
        forger.arp(
          "a request with its neighbour's MAC in its body", sender: .init(mac: neighbor.mac, address: own.address)),
        forger.arp("a request all in its neighbour's name", sender: neighbor, from: neighbor.mac),
        forger.arp("a request in its neighbour's name on its own frame", sender: neighbor),
        forger.arp("a request with another MAC on its frame", sender: own, from: Forger.stranger),
        forger.arp("a request with its neighbour's MAC on its frame", sender: own, from: neighbor.mac),
        forger.arp("an announcement of the gateway", .reply, sender: claim(gateway.address), asking: gateway),
        forger.arp("a request announcing the gateway", sender: claim(gateway.address), asking: gateway),
        forger.arp("an announcement of its neighbour", .reply, sender: claim(neighbor.address), asking: neighbor),
        forger.arp(
          "a reply to the host for its neighbour", .reply, sender: claim(neighbor.address), asking: gateway,
          at: gateway.mac),
        forger.arp(
          "a reply to the host for the server", .reply, sender: claim(Site.server), asking: gateway, at: gateway.mac),
      ])
    }
  }

  @Test("forged ARP, and the host knows its guests as before")
  func hostIsNotPoisoned() async throws {
    try await Arena.use { arena in
      let (forger, host) = (arena.forger, arena.site.host)
      #expect(try await arena.neighbor.ping(Site.gateway))
      // The kernel does not let an entry change hands within a second of its last confirmation, unless told otherwise.
      try await host.command("sysctl", "-q", "-w", "net.ipv4.neigh.svbr0.locktime=0")
      let claims = [forger.neighbor.address, Site.server, IPv4Address(172, 30, 0, 99)]
        .flatMap { address in
          let claim = Forger.Identity(mac: forger.own.mac, address: address)
          return [
            forger.arp("a request for \(address)", sender: claim),
            forger.arp("a reply for \(address)", .reply, sender: claim, asking: forger.gateway, at: forger.gateway.mac),
          ]
        }
      #expect(try await arena.reach(of: claims) == [:])
      let entries = try await host.json("ip", "-j", "neighbour", "show").elements
      #expect(
        entries.first { $0["dst"] == .string("\(forger.neighbor.address)") }?["lladdr"]
          == .string("\(forger.neighbor.mac)"))
      for entry in entries where entry["lladdr"] == .string("\(forger.own.mac)") {
        #expect(entry["dst"] == .string("\(forger.own.address)"))
      }
    }
  }
}
