import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A frame for one guest goes to that guest alone", .needsKernel)
struct ForwardingTests {
  @Test("and one for a MAC that nobody has goes to no guest", arguments: [false, true])
  func unknown(allowsInterVM: Bool) async throws {
    try await Site.use { site in
      try await site.manager.createNetwork(
        NetworkRequest(name: "net", settings: NetworkSettings(allowsInterVM: allowsInterVM)))
      let arena = try await Arena(site, in: "net")
      let host = site.host
      let bridge = try await site.manager.network(named: "net").bridge.rawValue
      let nobody = IPv4Address(rawValue: arena.liar.prefix.address.rawValue + 77)
      try await host.command(
        "ip", "neighbour", "add", "\(nobody)", "lladdr", "\(Forger.stranger)", "dev", bridge, "nud", "permanent")
      let client = try await UDPSocket(in: host)
      let (lost, meant) = (Mark(), Mark())
      try client.send(String(decoding: lost.bytes, as: UTF8.self), to: Endpoint(nobody, 7))
      try client.send(String(decoding: meant.bytes, as: UTF8.self), to: Endpoint(arena.neighbor.address, 7))
      #expect(await arena.neighbor.receiveUDP(port: 7)?.payload == meant.bytes)
      let seen = try await arena.watch.sightings()
      #expect(seen[lost] == [Arena.Place.bridge])
      #expect(seen[meant] == [Arena.Place.bridge, Arena.Place.neighbor])
      // Nor does a guest flood others, where it may reach them.
      let stray = arena.forger.udp("stray", to: nobody, at: Forger.stranger)
      #expect(try await arena.reach(of: [stray]) == [:])
    }
  }

  @Test("whatever another has sent in its name, frames among them that bridges learn from before they are filtered")
  func notPoisoned() async throws {
    try await Arena.use { arena in
      let (forger, host, neighbor) = (arena.forger, arena.site.host, arena.neighbor)
      #expect(try await neighbor.ping(Site.server))
      for mac in [neighbor.mac, forger.gateway.mac] {
        for number: UInt8 in 0...15 {
          let group = Forger.reserved(number)
          try arena.liar.send(forger.raw("", 0x88cc, to: group, from: mac, [2, 7, 4]).frame)
          try arena.liar.send(forger.raw("", 38, to: group, from: mac, [0x42, 0x42, 3, 0, 0, 0, 0, 0]).frame)
        }
        try arena.liar.send(forger.udp("", mac: mac).frame)
        try arena.liar.send(forger.arp("", sender: forger.neighbor, from: mac).frame)
      }
      // A kernel with VLANs on bridges has each a second time, for the ports' own VLAN.
      let entries = try await host.json("bridge", "-j", "fdb", "show", "br", "svbr0").elements
        .filter(\.["vlan"].isNull)
      let ports = { (mac: MACAddress) in entries.filter { $0["mac"] == .string("\(mac)") }.map { $0["ifname"].string } }
      #expect(ports(neighbor.mac) == [neighbor.tapName])
      #expect(!ports(forger.gateway.mac).contains(arena.liar.tapName))

      let client = try await UDPSocket(in: host)
      let mark = Mark()
      try client.send(String(decoding: mark.bytes, as: UTF8.self), to: Endpoint(neighbor.address, 7))
      #expect(await neighbor.receiveUDP(port: 7)?.payload == mark.bytes)
      #expect(try await arena.watch.sightings()[mark] == [Arena.Place.bridge, Arena.Place.neighbor])
      #expect(try await neighbor.ping(Site.server))
    }
  }

  @Test("and an address that changes hands is its new holder's at once")
  func handover() async throws {
    try await Site.use { site in
      let subnet = try IPv4Subnet(parsing: "172.30.9.0/30")
      try await site.manager.createNetwork(NetworkRequest(name: "tiny", subnet: subnet))
      let address = IPv4Address(172, 30, 9, 2)
      for ip in [nil, address] {
        let old = try await site.guest("old", in: "tiny", ip: ip)
        #expect(try await site.pings(old))
        #expect(try await site.exchange(with: old) == .v4(Site.hostAddress))
        try await site.manager.detach(vmID: "old")
        let new = try await site.guest("new", in: "tiny", ip: ip)
        #expect(new.address == address && new.mac != old.mac)
        // The first packet is answered: the host has forgotten where the address was.
        #expect(try await site.pings(new))
        #expect(try await site.exchange(with: new) == .v4(Site.hostAddress))
        try await site.manager.detach(vmID: "new")
      }
    }
  }
}

extension Site {
  /// Whether the first ping of the host is answered. There is no second.
  fileprivate func pings(_ guest: StandInGuest) async throws -> Bool {
    let ping = ["busybox", "ping", "-c", "1", "-W", Duration.patienceInSeconds, "\(guest.address)"]
    return try await host.command(arguments: ping, timeout: .patience * 2).status == 0
  }
}
