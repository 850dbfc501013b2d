import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("The host", .needsKernel)
struct HostTests {
  /// Addresses of the host, and one more than everyone has.
  private static let loopback = IPv4Address(203, 0, 113, 7)

  @Test("answers a guest's ping, and nothing else, at any of its addresses", arguments: BridgeNetfilter.allCases)
  func ports(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      try await site.host.command("ip", "address", "add", "\(Self.loopback)/32", "dev", "lo")
      let other = try await site.manager.createNetwork(NetworkRequest(name: "other"))
      let guest = try await site.guest("web-1")
      let tcp = try await TCPListener(in: site.host, port: 8080)
      let udp = try await UDPSocket(in: site.host, port: 8080)
      // From outside, they are there.
      _ = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8080))
      #expect(await tcp.accepted() != nil)

      let limit = Duration.milliseconds(150)
      for address in [Site.gateway, Site.hostAddress, Self.loopback, other.subnet.gateway] {
        #expect(try await guest.ping(address), "\(address)")
        #expect(try await guest.probeTCP(address, port: 8080, within: limit) == .silence, "\(address)")
        #expect(try await guest.probeTCP(address, port: 8081, within: limit) == .silence, "\(address)")
        try await guest.sendUDP(Array("\(address)".utf8), to: address, port: 8080)
        try await guest.sendUDP(Array("\(address)".utf8), to: address, port: 8081)
      }
      let mac = try await guest.gatewayMAC()
      for (target, destination) in [
        (guest.prefix.lastAddress, MACAddress.broadcast), (.init(255, 255, 255, 255), .broadcast),
        (.init(127, 0, 0, 1), mac), (Site.gateway, .broadcast),
        (.init(224, 0, 0, 1), .init(multicast: .init(224, 0, 0, 1))),
      ] {
        let datagram = UDPDatagram(from: 40_000, to: 8080, payload: Array("\(target)".utf8))
        try guest.send(.ipv4(.udp(datagram, from: guest.address, to: target), from: guest.mac, to: destination))
      }
      // Timestamp and address mask requests, of ICMP as a ping is.
      for type: UInt8 in [13, 17] {
        let message = ICMPMessage(type: type, payload: [UInt8](repeating: 0, count: 12))
        try guest.send(.ipv4(.icmp(message, from: guest.address, to: Site.gateway), from: guest.mac, to: mac))
      }
      // What was sent before a ping has been heard, or not, when it is answered.
      #expect(try await guest.ping(Site.gateway))
      #expect(udp.arrivals.takeAll() == [])
      #expect(tcp.connections.takeAll() == [])
      let answers = guest.arrivals.takeAll().compactMap(\.ipv4)
      #expect(answers.allSatisfy { $0.icmp?.type == ICMPMessage.echoReply }, "\(answers)")
    }
  }

  @Test("hears nothing by frames that IEEE 802.1D keeps to a link, which bridges hand over themselves")
  func reservedGroups() async throws {
    try await Arena.use { arena in
      let (forger, host) = (arena.forger, arena.site.host)
      let udp = try await UDPSocket(in: host, port: 8080)
      var (own, forged): ([Forgery], [Forgery]) = ([], [])
      for number: UInt8 in 0...15 {
        let group = Forger.reserved(number)
        let claim = Forger.Identity(mac: forger.own.mac, address: .init(172, 30, 0, 200 + number))
        let router = ICMPv6Message.routerAdvertisement(
          from: forger.own.mac, prefix: "2001:db8:bad::")
        for target in [Site.gateway, Site.hostAddress] {
          own.append(forger.udp("\(target) at \(group)", to: target, at: group, ports: (40_000, 8080)))
          forged.append(
            forger.udp(
              "\(target) from another at \(group)", from: claim.address, to: target, at: group, ports: (40_000, 8080)))
        }
        forged.append(forger.arp("a claim at \(group)", sender: claim, at: group))
        forged.append(forger.icmpv6("a router advertisement at \(group)", router, to: .allNodes, at: group))
      }
      let reach = try await arena.reach(of: own)
      #expect(reach.values.allSatisfy { $0 == [Arena.Place.bridge] }, "\(reach)")
      #expect(try await arena.reach(of: forged) == [:])
      #expect(try await arena.liar.ping(Site.gateway))
      #expect(udp.arrivals.takeAll() == [])
      let neighbors = try await host.json("ip", "-j", "neighbour", "show", "dev", arena.liar.tapName)
      #expect(neighbors == [])
      #expect(try await !host.command("ip", "-6", "address", "show").contains("2001:db8:bad"))

      // Without the port's mask and the last lines of defence all that would have been heard.
      try await host.command("ip", "link", "set", arena.liar.tapName, "type", "bridge_slave", "group_fwd_mask", "0")
      for family in ["arp", "inet"] { try await host.command("nft", "delete", "table", family, "tapestry") }
      _ = try await arena.reach(of: forged)
      #expect(await udp.received() != nil)
      #expect(
        try await eventually {
          try await host.json("ip", "-j", "neighbour", "show", "dev", arena.liar.tapName) != []
        })
    }
  }

  @Test("reaches a guest's ports, and has its answers", arguments: BridgeNetfilter.allCases)
  func outbound(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      let made = try await site.manager.attach(AttachRequest(vmID: "web-1"))
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: guest.namespace, port: 22)
      let connection = try await TCPConnection(from: site.host, to: Endpoint(made.guestIP, 22))
      #expect(try await connection.exchange("SSH-2.0") == "SSH-2.0")
      #expect(await listener.accepted()?.peer.address == made.gatewayIP)

      let service = try await UDPSocket(in: guest.namespace, port: 53, echoes: true)
      let client = try await UDPSocket(in: site.host)
      try client.send("who?", to: Endpoint(made.guestIP, 53))
      #expect(await client.received()?.text == "who?")
      #expect(await service.received()?.source.address == made.gatewayIP)
    }
  }
}
