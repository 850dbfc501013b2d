import NetTypes
import Tapestry
import TestKit
import Testing

extension HostileSite {
  /// What must still be so after a liar has had its say; what is not, in words.
  func harm(by liar: Liar) async throws -> [String] {
    var harm = try await victims.harm(site)
    neighbor.forgetNeighbors()
    for target in [neighbor.gateway ?? Site.gateway, Site.server]
    where try await !neighbor.ping(target) {
      harm.append("the neighbour does not reach \(target)")
    }
    if scenario.hasNames, scenario.mode == .bridge, try await offer(to: neighbor) == false {
      harm.append("the neighbour gets no offer of DHCP")
    }
    return harm + (try await neighborTable(liar)) + (try await forwarding(liar))
  }

  private func offer(to guest: StandInGuest) async throws -> Bool {
    let transaction = UInt32.random(in: 0 ... .max)
    let discover = DHCPMessage(.discover, transaction: transaction, of: guest.mac).frame(from: guest.mac)
    let answer = try await guest.sendRepeatedly(discover) {
      $0.dhcpAnswer?.transaction == transaction
    }
    return answer?.dhcpAnswer?.yourAddress == guest.address
  }

  /// Nobody but the liar is at its MAC, and its neighbour is where it was.
  private func neighborTable(_ liar: Liar) async throws -> [String] {
    // Clones have one MAC, each on a link of its own.
    guard scenario.mode != .clone else { return [] }
    let world = liar.rights.world
    var own = ["\(world.own.address)", "\(world.own.linkLocal)"]
    if let address6 = world.own.address6 { own.append("\(address6)") }
    return try await site.host.json("ip", "-j", "neighbour", "show").elements.compactMap { entry in
      guard let address = entry["dst"].string, let mac = entry["lladdr"].string else { return nil }
      if mac == "\(world.own.mac)", !own.contains(address) {
        return "the host takes \(address) to be at the liar's MAC"
      }
      if address == "\(world.neighbor.address)", mac != "\(world.neighbor.mac)" {
        return "the host takes the neighbour to be at \(mac)"
      }
      return nil
    }
  }

  private func forwarding(_ liar: Liar) async throws -> [String] {
    guard scenario.mode == .bridge else { return [] }
    let entries = try await site.host.json("bridge", "-j", "fdb", "show", "br", "\(network.bridge)").elements
    return entries.compactMap { entry in
      guard let mac = entry["mac"].string, let link = entry["ifname"].string else { return nil }
      if mac == "\(neighbor.mac)", link != neighbor.tapName { return "the bridge takes the neighbour to be at \(link)" }
      // Of the TAP's own there are those of its own MAC, and groups.
      let isLearnt = entry["state"].string != "permanent" && entry["state"].string != "static"
      if link == liar.guest.tapName, isLearnt, mac != "\(liar.guest.mac)" {
        return "the bridge takes \(mac) to be at \(link)"
      }
      return nil
    }
  }

  /// What a guest that does not lie gets, after all that, and must.
  func expectHonest(_ liar: Liar, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let guest = liar.guest
    let name = "\(scenario.testDescription), \(guest.tapName)"
    guest.forgetNeighbors()
    #expect(
      try await guest.ping(guest.gateway ?? Site.gateway), "\(name): ping", sourceLocation: sourceLocation)
    let answer = try await guest.exchangeUDP([1, 2, 3], with: Site.server, port: Self.allowedPort)
    #expect(answer == [1, 2, 3], "\(name): UDP", sourceLocation: sourceLocation)
    #expect(
      try await guest.probeTCP(Site.server, port: Self.allowedPort) == .accepted, "\(name): TCP",
      sourceLocation: sourceLocation)
    if scenario.hasNames, scenario.mode == .bridge {
      #expect(try await offer(to: guest), "\(name): DHCP", sourceLocation: sourceLocation)
    }
    guard guest.usesVirtioNetHeader else { return }
    let datagram = UDPDatagram(from: 40_900, to: Self.allowedPort, payload: Array("partial".utf8))
    let packet = IPv4Packet.udp(datagram, from: guest.address, to: Site.server)
    let deadline = ContinuousClock.now + .patience
    var arrived: Datagram?
    while arrived == nil, ContinuousClock.now < deadline {
      try guest.sendPartialChecksum(packet, at: 6, to: liar.rights.world.gateway.mac)
      arrived = await guest.receiveUDP(port: 40_900, within: .milliseconds(500))
    }
    #expect(arrived?.payload == datagram.payload, "\(name): a partial checksum", sourceLocation: sourceLocation)
  }
}
