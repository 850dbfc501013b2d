import NetTypes
import TestKit
import Testing

@Suite("Past its TAP, a guest's frame comes only as IPv4 or ARP", .needsKernel)
struct ForgedProtocolTests {
  @Test("not as IPv6: no neighbour discovery, no router advertisement, no datagram")
  func ipv6() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let gateway = IPv6Address.linkLocal(of: forger.gateway.mac)
      let neighbor = forger.neighbor.linkLocal
      let everyone = IPv6Address.allNodes.multicastMAC
      let prefix: IPv6Address = "2001:db8:bad::"
      let claim = ICMPv6Message.neighborAdvertisement(of: gateway, at: forger.own.mac, isAnswer: false)
      let router = ICMPv6Message.routerAdvertisement(from: forger.own.mac, prefix: prefix)
      let forgeries = [
        forger.icmpv6(
          "a neighbor solicitation", .neighborSolicitation(for: gateway, from: forger.own.mac),
          to: gateway.solicitedNodeGroup),
        forger.icmpv6("a neighbor advertisement", claim, to: .allNodes),
        forger.icmpv6("a neighbor advertisement to the host", claim, to: gateway, at: forger.gateway.mac),
        forger.icmpv6("a router advertisement", router, to: .allNodes),
        forger.icmpv6("a router advertisement to the host", router, to: gateway, at: forger.gateway.mac),
        forger.icmpv6(
          "a router solicitation", .routerSolicitation(from: forger.own.mac), to: .allRouters),
        forger.icmpv6(
          "a ping", ICMPv6Message(type: ICMPv6Message.echoRequest, body: [0, 1, 0, 1]), to: gateway,
          at: forger.gateway.mac),
        forger.udp6("a datagram", from: forger.own.linkLocal, to: gateway),
        forger.udp6("a datagram to everyone", from: forger.own.linkLocal, to: .allNodes, at: everyone),
        forger.udp6("a datagram of its neighbour's", from: neighbor, to: .allNodes, at: everyone),
      ]
      #expect(try await arena.reach(of: forgeries) == [:])
      let host = arena.site.host
      #expect(try await host.command("ip", "-6", "neighbour", "show") == "")
      #expect(try await !host.command("ip", "-6", "route", "show").contains("\(prefix)"))
      #expect(try await host.command("ip", "-6", "route", "show", "proto", "ra") == "")
      #expect(try await !host.command("ip", "-6", "address", "show").contains("2001:db8:bad"))
      try await arena.expectHeld(forgeries)
    }
  }

  @Test("not as another EtherType, nor as 802.3 with IPv4 within")
  func etherTypes() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let packet = IPv4Packet.udp(
        UDPDatagram(from: 40_000, to: 7, payload: []), from: forger.own.address, to: Site.server
      ).bytes
      let types: [(String, UInt16)] = [
        ("X.75", 0x0801), ("Wake-on-LAN", 0x0842), ("RARP", 0x8035), ("AppleTalk", 0x809b), ("IPX", 0x8137),
        ("MPLS", 0x8847), ("PPPoE discovery", 0x8863), ("PPPoE", 0x8864), ("EAPOL", 0x888e), ("LLDP", 0x88cc),
        ("MACsec", 0x88e5), ("PTP", 0x88f7), ("FCoE", 0x8906), ("loopback", 0x9000), ("BATMAN", 0x4305),
        ("a private one", 0x88b5), ("0xffff", 0xffff),
      ]
      let snap: [UInt8] = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00]
      let bpdu: [UInt8] = [0x42, 0x42, 0x03, 0, 0, 0, 0, 0]
      try await arena.expectHeld(
        types.map { forger.raw($0, $1, packet) } + [
          forger.raw("IPv4 in SNAP", UInt16(snap.count + packet.count), to: forger.gateway.mac, snap + packet),
          forger.raw("a BPDU", 38, to: Forger.reserved(0), bpdu),
          forger.raw("LLDP to its group", 0x88cc, to: Forger.reserved(0xe), [2, 7, 4]),
          forger.raw("LLDP to everyone's bridge", 0x88cc, to: Forger.reserved(0), [2, 7, 4]),
          forger.raw("EAPOL to its group", 0x888e, to: Forger.reserved(3), [1, 1, 0, 0]),
          forger.raw("LACP", 0x8809, to: Forger.reserved(2), [1, 1]),
        ])
    }
  }

  @Test("not with IPv4 options, by which a packet might go another way, nor as ICMP that no guest needs")
  func options() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let hop = forger.neighbor.address.bytes
      let options: [(String, [UInt8])] = [
        ("a loose source route", [131, 7, 4] + hop + [0]), ("a strict source route", [137, 7, 4] + hop + [0]),
        ("a route to be recorded", [7, 7, 4, 0, 0, 0, 0, 0]), ("times to be recorded", [68, 8, 5, 0, 0, 0, 0, 0]),
        ("an alert of routers", [148, 4, 0, 0]), ("nothing", [1, 1, 1, 0]),
      ]
      let types: [UInt8] = [4, 5, 9, 10, 13, 14, 15, 17, 18, 30, 40, 99]
      let messages = types.map { type in
        forger.frame("ICMP of type \(type)") { mark in
          .ipv4(
            .icmp(ICMPMessage(type: type, payload: mark.bytes), from: forger.own.address, to: Site.server),
            from: forger.own.mac, to: forger.gateway.mac)
        }
      }
      let errors = [3, 11, 12].map { (type: UInt8) in
        forger.frame("an error of type \(type) about nothing") { mark in
          .ipv4(
            .icmp(ICMPMessage(type: type, payload: mark.bytes), from: forger.own.address, to: Site.server),
            from: forger.own.mac, to: forger.gateway.mac)
        }
      }
      let optional = options.map { name, bytes in forger.udp("a packet with \(name)") { $0.options = bytes } }
      #expect(try await arena.reach(of: optional + messages + errors) == [:])
      try await arena.expectHeld(messages + errors)
    }
  }

  @Test("not with a VLAN's tag, whatever is behind it")
  func vlans() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      var forgeries: [Forgery] = []
      let outer: [(String, EtherType)] = [
        ("802.1Q", .vlan), ("802.1ad", .serviceVLAN), ("0x9100", EtherType(rawValue: 0x9100)),
      ]
      for (name, tag) in outer {
        for vlan: UInt16 in [0, 1, 7, 4095, 0xe000] {
          let inner = [
            forger.udp("its own packet behind \(name) \(vlan)"),
            forger.arp("its own request behind \(name) \(vlan)", sender: forger.own),
            forger.udp("its neighbour's packet behind \(name) \(vlan)", from: forger.neighbor.address),
          ]
          forgeries += inner.map { Forgery(name: $0.name, mark: $0.mark, frame: $0.frame.tagged(vlan: vlan, as: tag)) }
        }
        let twice = forger.udp("its own packet behind \(name) and 802.1Q")
        forgeries.append(
          Forgery(name: twice.name, mark: twice.mark, frame: twice.frame.tagged(vlan: 7).tagged(vlan: 8, as: tag)))
      }
      try await arena.expectHeld(forgeries)
    }
  }

  @Test("a DHCP server among the guests is heard by nobody, whatever name it goes by")
  func dhcp() async throws {
    try await Arena.use { arena in
      let forger = arena.forger
      let offer = { (name: String, source: IPv4Address) in
        forger.udp(name, from: source, to: .init(255, 255, 255, 255), at: .broadcast, ports: (67, 68))
      }
      let own = offer("an offer of its own", forger.own.address)
      let unicast = forger.udp(
        "an offer to its neighbour", to: forger.neighbor.address, at: forger.neighbor.mac, ports: (67, 68))
      #expect(try await arena.reach(of: [own, unicast]) == [:])
      try await arena.expectHeld([
        own, offer("an offer of the gateway's", forger.gateway.address),
        offer("an offer of its neighbour's", forger.neighbor.address),
        offer("an offer of nobody's", IPv4Address(0, 0, 0, 0)),
      ])
    }
  }
}
