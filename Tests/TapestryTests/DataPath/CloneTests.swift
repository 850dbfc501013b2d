import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Clones of one snapshot, with one address and one MAC", .needsKernel)
struct CloneTests {
  @Test("are all on the network at once, each under an outer address of its own", arguments: [true, false])
  func sideBySide(nat: Bool) async throws {
    try await InnerSite.use(.clone, nat: nat) { inner in
      let made = try await [inner.attach("one"), inner.attach("two"), inner.attach("three")]
      #expect(Set(made.map(\.guestIP)) == [InnerSite.snapshot.address])
      #expect(Set(made.map(\.mac)) == [InnerSite.snapshot.mac])
      #expect(Set(made.map(\.address)).count == 3)
      for attachment in made {
        let guest = try await inner.site.boot(attachment)
        #expect(try await guest.gatewayMAC() == InnerSite.snapshot.gatewayMAC)
        #expect(try await guest.ping(InnerSite.snapshot.gateway))
        #expect(try await guest.ping(Site.server))
        #expect(try await inner.site.exchange(with: guest) == .v4(nat ? Site.hostAddress : attachment.address))
      }
    }
  }

  @Test("have TCP both ways: to the internet, and from the host by their outer addresses, which they do not know")
  func tcp() async throws {
    try await InnerSite.use(.clone) { inner in
      let server = try await TCPListener(in: inner.site.internet, port: 80)
      let made = try await [inner.attach("one"), inner.attach("two")]
      var guests: [NamespaceGuest] = []
      for attachment in made { guests.append(try await inner.site.bootStack(attachment)) }
      for (attachment, guest) in zip(made, guests) {
        let out = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 80))
        let page = String(repeating: "a page of \(attachment.vmID) ", count: 2_000)
        #expect(try await out.exchange(page) == page)
        #expect(await server.accepted()?.peer.address == Site.hostAddress)

        let service = try await TCPListener(in: guest.namespace, port: 22)
        let back = try await TCPConnection(from: inner.site.host, to: Endpoint(attachment.address, 22))
        #expect(try await back.exchange("to \(attachment.vmID)") == "to \(attachment.vmID)")
        let seen = await service.accepted()
        #expect(seen?.local.address == InnerSite.snapshot.address)
        #expect(seen?.peer.address == InnerSite.snapshot.gateway)
      }
    }
  }

  @Test("leave checksums to the VMM's offload, and they come out right")
  func offload() async throws {
    try await InnerSite.use(.clone) { inner in
      let made = try await inner.attach("one")
      let guest = try await inner.site.boot(made, vnetHeader: true)
      let gateway = try await guest.gatewayMAC()
      let service = try await UDPSocket(in: inner.site.internet, echoes: true)
      let datagram = UDPDatagram(from: 40_000, to: service.local.port, payload: Array("partial".utf8))
      try guest.sendPartialChecksum(.udp(datagram, from: guest.address, to: Site.server), at: 6, to: gateway)
      #expect(await service.received { $0.text == "partial" } != nil)
      let answer = await guest.receiveUDP(port: 40_000)
      #expect(answer?.payload == datagram.payload)

      let listener = try await TCPListener(in: inner.site.internet, port: 80)
      let syn = TCPSegment(from: 40_001, to: 80, flags: .syn, sequence: 7)
      try guest.sendPartialChecksum(.tcp(syn, from: guest.address, to: Site.server), at: 16, to: gateway)
      // Only a segment with a right checksum is answered.
      let accepted = await guest.received { frame in
        frame.ipv4?.tcp?.flags == [.syn, .ack] && frame.ipv4?.hasValidPayloadChecksum == true
      }
      #expect(accepted?.ipv4?.destination == guest.address)
      _ = listener
    }
  }

  @Test("understand errors about their packets: a port that is closed, a way that is too narrow")
  func errors() async throws {
    try await InnerSite.use(.clone) { inner in
      let guest = try await inner.site.boot(try await inner.attach("one"))
      try await guest.sendUDP([1], to: Site.server, port: 9)
      let closed = try #require(await guest.receivedError(3, code: 3))
      #expect(closed.outer.source == Site.server)
      #expect(closed.quoted.source == guest.address && closed.quoted.destination == Site.server)

      // The host itself finds the way too narrow; then somebody further away does.
      try await inner.site.host.command(
        "ip", "route", "add", "203.0.113.0/24", "via", "\(Site.server)", "mtu", "lock", "1000")
      let far = IPv4Address(203, 0, 113, 9)
      try guest.send(try await guest.unfragmentable(to: far, bytes: 1_200))
      let narrow = try #require(await guest.receivedError(3, code: 4))
      #expect(narrow.message.rest & 0xffff == 1_000)
      #expect(narrow.quoted.source == guest.address && narrow.quoted.destination == far)

      try await inner.site.internet.command("ip", "link", "add", "far0", "mtu", "900", "type", "veth", "peer", "far1")
      for link in ["far0", "far1"] { try await inner.site.internet.command("ip", "link", "set", link, "up") }
      try await inner.site.internet.command("ip", "route", "add", "203.0.113.128/25", "dev", "far0")
      try await inner.site.internet.command("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
      let farther = IPv4Address(203, 0, 113, 200)
      try guest.send(try await guest.unfragmentable(to: farther, bytes: 950))
      let narrower = try #require(await guest.receivedError(3, code: 4))
      #expect(narrower.outer.source == Site.server && narrower.message.rest & 0xffff == 900)
      #expect(narrower.quoted.source == guest.address && narrower.quoted.destination == farther)
    }
  }

  @Test("send errors about what they were sent, and quote it as its sender knows it")
  func errorsOfTheirs() async throws {
    try await InnerSite.use(.clone) { inner in
      let made = try await inner.attach("one")
      // Its stack answers for the port that nobody listens on.
      let guest = try await inner.site.bootStack(made)
      try await inner.publish("one", "9000:9/udp")
      let watch = try await PacketSocket(in: inner.site.internet, interface: "isp")
      let client = try await UDPSocket(in: inner.site.internet)
      try client.send("anybody?", to: Endpoint(Site.hostAddress, 9000))
      let frame = await watch.captured(within: .patience) { $0.frame.ipv4?.icmp?.type == 3 }?.frame
      let error = try #require(frame?.ipv4.flatMap(QuotingError.init))
      #expect(error.outer.source == Site.hostAddress)
      #expect(error.quoted.source == Site.server && error.quoted.destination == Site.hostAddress)
      #expect(guest.isAttached)
    }
  }

  @Test("reach each other by outer addresses where the network allows it, and else not", arguments: [false, true])
  func hairpin(allowed: Bool) async throws {
    try await InnerSite.use(.clone, allowsInterVM: allowed) { inner in
      let (one, two) = (try await inner.attach("one"), try await inner.attach("two"))
      let (first, second) = (try await inner.site.boot(one), try await inner.site.bootStack(two))
      let service = try await UDPSocket(in: second.namespace, port: 7, echoes: true)
      let limit = allowed ? Duration.patience : .milliseconds(150)
      let answer = try await first.exchangeUDP([1, 2, 3], with: two.address, port: 7, within: limit)
      #expect(answer == (allowed ? [1, 2, 3] : nil))
      let seen = await service.received(within: allowed ? .patience : .zero)
      #expect(seen?.source.address == (allowed ? one.address : nil))
      #expect(try await first.ping(Site.server))
    }
  }

  @Test("send nothing in another's name, nor in that of their gateway")
  func forgedSenders() async throws {
    try await InnerSite.use(.clone, nat: false) { inner in
      let (one, two) = (try await inner.attach("one"), try await inner.attach("two"))
      let (liar, neighbor) = (try await inner.site.boot(one), try await inner.site.boot(two))
      #expect(try await liar.ping(Site.server))
      let forger = try await Forger(liar, neighbor: neighbor)
      let sources = [
        two.address, InnerSite.snapshot.gateway, inner.network.subnet.gateway, Site.hostAddress,
        IPv4Address(192, 168, 77, 3),
      ]
      let forgeries =
        sources.map { forger.udp("from \($0)", from: $0) } + [
          forger.udp("from nobody's MAC", mac: Forger.stranger)
        ]
      #expect(try await inner.escaped([forger.udp("its own")] + forgeries, from: liar) == ["its own"])
    }
  }

  @Test("are published by an element of the map, and the client's address is kept")
  func published() async throws {
    try await InnerSite.use(.clone) { inner in
      let made = try await inner.attach("one")
      let guest = try await inner.site.bootStack(made)
      let service = try await TCPListener(in: guest.namespace, port: 80)
      try await inner.publish("one", "8080:80")
      let client = try await TCPConnection(from: inner.site.internet, to: Endpoint(Site.hostAddress, 8080))
      #expect(try await client.exchange("a request") == "a request")
      #expect(await service.accepted()?.peer.address == Site.server)
    }
  }
}

extension InnerSite {
  fileprivate func publish(_ vm: Identifier, _ port: String) async throws {
    try await site.manager.publish(vmID: vm, ports: try [PublishedPort](parsing: port))
  }
}

extension StandInGuest {
  fileprivate func receivedError(_ type: UInt8, code: UInt8) async -> QuotingError? {
    let frame = await received { [address] frame in
      guard let packet = frame.ipv4, let message = packet.icmp else { return false }
      return packet.destination == address && message.type == type && message.code == code
    }
    return frame?.ipv4.flatMap(QuotingError.init)
  }

  /// A datagram of this size that must not be fragmented.
  fileprivate func unfragmentable(to target: IPv4Address, bytes: Int) async throws -> EthernetFrame {
    let datagram = UDPDatagram(from: 40_000, to: 7, payload: [UInt8](repeating: 1, count: bytes - 28))
    var packet = IPv4Packet.udp(datagram, from: address, to: target)
    packet.dontFragment = true
    return .ipv4(packet, from: mac, to: try await gatewayMAC())
  }
}
