import Linux
import NetTypes
import TestKit
import Testing

@Suite("A forged frame", .needsKernel)
struct ForgingTests {
  @Test("goes out as it is, and is seen by a packet socket and by other guests")
  func forged() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1", "tap2"])
      let liar = try await taps.guest("tap1", 11)
      let victim = try await taps.guest("tap2", 12)
      #expect(try await liar.ping(victim.address))
      let observer = try await PacketSocket(in: host, interface: "tap1")

      let stranger = MACAddress(0x02, 0xbb, 0, 0, 0, 1)
      let forged = EthernetFrame.arp(.announcement(of: BridgedTaps.gateway, at: stranger), from: stranger)
      try liar.send(forged)
      let capture = try #require(await observer.captured { $0.frame == forged })
      #expect(!capture.isOutgoing)
      #expect(await victim.received { $0 == forged } != nil)

      let tagged = EthernetFrame(destination: .broadcast, source: liar.mac, etherType: .ipv4, payload: [1, 2, 3])
        .tagged(vlan: 7)
      try liar.send(tagged)
      #expect(await victim.received { $0.etherType == .vlan && $0.source == liar.mac } != nil)
    }
  }

  @Test("of ARP poisons a host that nothing protects")
  func poisoning() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1", "tap2"])
      let liar = try await taps.guest("tap1", 11)
      let victim = try await taps.guest("tap2", 12)
      #expect(try await victim.ping(BridgedTaps.gateway))
      try await host.command("busybox", "ping", "-c", "1", "-W", Duration.patienceInSeconds, "\(victim.address)")
      let request = ARPPacket.request(for: BridgedTaps.gateway, from: liar.mac, victim.address)
      // The kernel does not let an entry change hands within a second of its last confirmation: locktime.
      let isPoisoned = try await eventually {
        try liar.send(.arp(request, from: liar.mac))
        try await Task.sleep(for: .milliseconds(100))
        let entry = try await host.json("ip", "-j", "neighbour", "show", "\(victim.address)")[0]
        return entry["lladdr"] == .string("\(liar.mac)")
      }
      #expect(isPoisoned)
    }
  }

  @Test("of IPv6 is one the kernel answers: a neighbor's, a ping, a datagram to a closed port")
  func ipv6() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      try await host.command("ip", "address", "add", "fe80::1/64", "dev", "br0", "nodad")
      let guest = try await taps.guest("tap1", 11)
      #expect(try await guest.ping(BridgedTaps.gateway))
      let router = try IPv6Address(parsing: "fe80::1")
      let own = IPv6Address.linkLocal(of: guest.mac)

      let solicitation = ICMPv6Message.neighborSolicitation(for: router, from: guest.mac)
      let question = EthernetFrame.ipv6(
        .icmpv6(solicitation, from: own, to: router.solicitedNodeGroup), from: guest.mac)
      // The bridge is ready for IPv6 some time after its carrier has come.
      let answer = try #require(
        await guest.sendRepeatedly(question) {
          $0.ipv6?.icmpv6?.type == ICMPv6Message.neighborAdvertisement
        })
      #expect(answer.ipv6?.icmpv6?.target == router)

      let datagram = UDPDatagram(from: 40_000, to: 9, payload: [1, 2, 3])
      try guest.send(.ipv6(.udp(datagram, from: own, to: router), from: guest.mac, to: answer.source))
      let claim = ICMPv6Message.neighborAdvertisement(of: own, at: guest.mac)
      try guest.send(.ipv6(.icmpv6(claim, from: own, to: router), from: guest.mac, to: answer.source))
      // Destination unreachable, port unreachable: the datagram's checksum was right.
      let unreachable = try #require(await guest.received { $0.ipv6?.icmpv6?.type == 1 })
      #expect(unreachable.ipv6?.icmpv6?.code == 4)
    }
  }

  @Test("of a router is believed by a host that nothing protects")
  func rogueRouter() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1", "tap2"])
      let liar = try await taps.guest("tap1", 11)
      let victim = try await NamespaceGuest(
        host: host, tap: "tap2", mac: BridgedTaps.mac(12), address: BridgedTaps.address(12))
      #expect(try await liar.ping(BridgedTaps.address(12)))
      let advertisement = ICMPv6Message.routerAdvertisement(
        from: liar.mac, prefix: "2001:db8:bad::")
      let frame = EthernetFrame.ipv6(
        .icmpv6(advertisement, from: .linkLocal(of: liar.mac), to: .allNodes), from: liar.mac)
      let router = JSONValue.string("\(IPv6Address.linkLocal(of: liar.mac))")
      let isBelieved = try await eventually {
        try liar.send(frame)
        try await Task.sleep(for: .milliseconds(50))
        return try await victim.namespace.json("ip", "-6", "-j", "route", "show", "default")[0]["gateway"] == router
      }
      #expect(isBelieved)
    }
  }
}
