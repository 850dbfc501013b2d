import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("DHCP", .needsKernel)
struct DHCPTests {
  /// What a real client is told, by the names of its variables.
  private static func ask(_ guest: NamespaceGuest) async throws -> [String: String] {
    try await guest.namespace.command("ip", "address", "flush", "dev", "eth0")
    let result = try await guest.namespace.command(
      arguments: [
        "sh", "-c",
        """
        cat >/tmp/\(guest.namespace.name).sh <<'END'
        #!/bin/sh
        if [ "$1" = bound ]; then echo "ip=$ip mask=$mask router=$router dns=$dns domain=$domain mtu=$mtu lease=$lease"; fi
        END
        chmod +x /tmp/\(guest.namespace.name).sh
        busybox udhcpc -i eth0 -n -q -f -t 20 -T 1 -O mtu -s /tmp/\(guest.namespace.name).sh 2>/dev/null
        rm /tmp/\(guest.namespace.name).sh
        """,
      ])
    let words = result.stdout.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=", maxSplits: 1) }
    return Dictionary(words.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { $1 }
  }

  @Test(
    "gives a guest the address that is its own, and what the boot arguments would have said",
    arguments: [false, true], BridgeNetfilter.allCases)
  func address(allowsInterVM: Bool, netfilter: BridgeNetfilter) async throws {
    try await InnerSite.useNames(allowsInterVM: allowsInterVM) { inner in
      try await inner.site.setBridgeNetfilter(netfilter)
      _ = try await inner.attach("web-0")
      let made = try await inner.attach("web-1")
      let told = try await Self.ask(try await inner.site.bootStack(made))
      #expect(
        told == [
          "ip": "\(made.guestIP)", "mask": "24", "router": "\(made.gatewayIP)", "dns": "\(made.gatewayIP)",
          "domain": "inner.internal", "mtu": "1500", "lease": "120",
        ])
      #expect(try await inner.site.manager.check() == [])
    }
  }

  @Test("gives the address to the next guest that has it")
  func reuse() async throws {
    try await InnerSite.useNames { inner in
      let first = try await inner.attach("web-1")
      let guest = try await inner.site.bootStack(first)
      #expect(try await Self.ask(guest)["ip"] == "\(first.guestIP)")
      await guest.stop()
      // The same MAC under another address, and no longer under the one before.
      try await inner.site.manager.detach(vmID: "web-1")
      let second = try await inner.attach("web-1")
      #expect(second.guestIP != first.guestIP && second.mac == first.mac)
      #expect(try await Self.ask(try await inner.site.bootStack(second))["ip"] == "\(second.guestIP)")
    }
  }

  /// An answer to what was asked under this number, to whomever. Those to earlier questions may still be on their way.
  private static func answers(_ transaction: UInt32) -> @Sendable (EthernetFrame) -> Bool {
    { $0.dhcpAnswer?.transaction == transaction }
  }

  @Test("answers a guest of itself alone")
  func forged() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      let victim = try await inner.guest("web-1")
      let forger = try await inner.guest("web-2")
      let asked = DHCPMessage(.discover, transaction: 1, of: forger.mac)
      let offer = try await forger.sendRepeatedly(asked.frame(from: forger.mac), until: Self.answers(1))?.dhcpAnswer
      #expect(offer?.kind == .offer && offer?.yourAddress == forger.address && offer?.server == forger.gateway)

      let own = DHCPMessage(.discover, transaction: 5, of: forger.mac)
      let others = DHCPMessage(.discover, transaction: 2, of: victim.mac)
      let gateway = try #require(forger.gateway)
      let gatewayMAC = try await forger.gatewayMAC()
      var decline = DHCPMessage(.decline, transaction: 3, of: victim.mac)
      decline.requested = victim.address
      decline.server = gateway
      let frames = [
        others.frame(from: forger.mac), others.frame(from: victim.mac), own.frame(from: victim.mac),
        others.frame(from: forger.mac, forger.address), others.frame(from: forger.mac, victim.address),
        own.frame(from: forger.mac, port: 4000), own.frame(from: forger.mac, victim.address),
        decline.frame(from: forger.mac), decline.frame(from: forger.mac, forger.address, to: gatewayMAC, gateway),
      ]
      // Too short for whose it is to be seen; in fragments, by way of a relay.
      let whole = decline.frame(from: forger.mac).ipv4
      let parts = try #require(whole).fragments(of: 32) + (try #require(whole).fragments(of: 240))
      var relayed = decline.bytes
      relayed.replaceSubrange(24..<28, with: forger.address.bytes)
      relayed.replaceSubrange(28..<34, with: forger.mac.octets)
      let byRelay = IPv4Packet.udp(
        UDPDatagram(from: 68, to: 67, payload: relayed), from: IPv4Address(rawValue: 0), to: IPv4Address(rawValue: .max)
      )
      for packet in parts + [byRelay] {
        for source in [IPv4Address(rawValue: 0), forger.address] {
          var packet = packet
          packet.source = source
          try forger.send(.ipv4(packet, from: forger.mac, to: .broadcast))
        }
      }
      let numbers: Set<UInt32?> = [others.transaction, decline.transaction, own.transaction]
      for frame in frames {
        let answer = try await forger.sendRepeatedly(frame, within: .milliseconds(250)) {
          numbers.contains($0.dhcpAnswer?.transaction)
        }
        #expect(answer == nil)
      }
      // What was said of it in its absence has changed nothing, and it has heard of nothing.
      let question = DHCPMessage(.discover, transaction: 4, of: victim.mac).frame(from: victim.mac)
      let answer = try await victim.sendRepeatedly(question, until: Self.answers(4))?.dhcpAnswer
      #expect(answer?.kind == .offer && answer?.yourAddress == victim.address)
      #expect(!victim.arrivals.takeAll().contains { numbers.contains($0.dhcpAnswer?.transaction) })
    }
  }

  @Test("gives a guest that calls itself by another's client identifier nothing of the other's, nor takes it away")
  func clientIdentifier() async throws {
    try await InnerSite.useNames(allowsInterVM: true) { inner in
      let victim = try await inner.guest("web-1")
      let forger = try await inner.guest("web-2")
      let gateway = try #require(forger.gateway)
      let gatewayMAC = try await forger.gatewayMAC()
      // As most clients do: the kind of link, and the MAC.
      let name = [1] + victim.mac.octets
      func message(_ kind: DHCPMessage.Kind, _ transaction: UInt32, of guest: StandInGuest) -> DHCPMessage {
        var message = DHCPMessage(kind, transaction: transaction, of: guest.mac)
        message.clientID = name
        if kind != .discover { message.server = gateway }
        return message
      }
      func lease(_ guest: StandInGuest, _ transaction: UInt32) async throws {
        let discover = message(.discover, transaction, of: guest).frame(from: guest.mac)
        let offer = try await guest.sendRepeatedly(discover, until: Self.answers(transaction))?.dhcpAnswer
        #expect(offer?.kind == .offer && offer?.yourAddress == guest.address)
        var request = message(.request, transaction + 1, of: guest)
        request.requested = guest.address
        let frame = request.frame(from: guest.mac)
        let answer = try await guest.sendRepeatedly(frame, until: Self.answers(transaction + 1))?.dhcpAnswer
        #expect(answer?.kind == .acknowledge && answer?.yourAddress == guest.address)
      }
      try await lease(victim, 1)
      // Its own address, whatever it calls itself.
      try await lease(forger, 3)

      for transaction: UInt32 in 5...8 {
        var decline = message(.decline, transaction, of: forger)
        decline.requested = victim.address
        var release = message(.release, transaction, of: forger)
        release.clientAddress = victim.address
        var request = message(.request, transaction, of: forger)
        request.requested = victim.address
        var renewal = message(.request, transaction, of: forger)
        renewal.clientAddress = victim.address
        renewal.server = nil
        for forged in [decline, release, request, renewal] {
          try forger.send(forged.frame(from: forger.mac))
          try forger.send(forged.frame(from: forger.mac, forger.address, to: gatewayMAC, gateway))
        }
      }
      try await lease(forger, 9)
      try await lease(victim, 11)
      // Nothing that came meanwhile gave the forger what is the other's.
      let given = forger.arrivals.takeAll().compactMap(\.dhcpAnswer).filter { $0.kind != .refuse }
      #expect(given.allSatisfy { $0.yourAddress == forger.address }, "\(given)")
      #expect(try await inner.site.manager.check() == [])
    }
  }

  @Test("answers who has asked, and lets nobody else hear", arguments: [false, true], BridgeNetfilter.allCases)
  func discreet(allowsInterVM: Bool, netfilter: BridgeNetfilter) async throws {
    try await InnerSite.useNames(allowsInterVM: allowsInterVM) { inner in
      try await inner.site.setBridgeNetfilter(netfilter)
      let asker = try await inner.guest("web-1")
      let neighbor = try await inner.guest("web-2")
      var discover = DHCPMessage(.discover, transaction: 21, of: asker.mac)
      discover.isForAll = true
      let offer = try await asker.sendRepeatedly(discover.frame(from: asker.mac), until: Self.answers(21))
      #expect(offer?.dhcpAnswer?.kind == .offer && offer?.destination == .broadcast)
      // One that is not its own, which the server refuses it to all.
      var request = DHCPMessage(.request, transaction: 22, of: asker.mac)
      request.isForAll = true
      request.requested = neighbor.address
      let refusal = try await asker.sendRepeatedly(request.frame(from: asker.mac), until: Self.answers(22))
      #expect(refusal?.dhcpAnswer?.kind == .refuse && refusal?.destination == .broadcast)
      // What was sent before its own answer has come to it by then.
      let own = DHCPMessage(.discover, transaction: 23, of: neighbor.mac)
      #expect(try await neighbor.sendRepeatedly(own.frame(from: neighbor.mac), until: Self.answers(23)) != nil)
      let heard = neighbor.arrivals.takeAll().compactMap(\.dhcpAnswer?.transaction)
      #expect(!heard.contains(21) && !heard.contains(22), "\(heard)")
    }
  }

  @Test("is no guest's to answer", arguments: BridgeNetfilter.allCases)
  func rogue(netfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(netfilter)
      try await site.manager.createNetwork(NetworkRequest(name: "open", settings: NetworkSettings(allowsInterVM: true)))
      let (rogue, victim) = try await site.guests(in: "open")
      var offer = DHCPMessage(.offer, transaction: 1, of: victim.mac)
      offer.yourAddress = victim.address
      offer.server = rogue.address
      let all = MACAddress(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
      for (port, isHeard) in [(UInt16(69), true), (68, false)] {
        for (mac, address) in [(all, IPv4Address(rawValue: .max)), (victim.mac, victim.address)] {
          for source: UInt16 in [67, 4000] {
            let frame = offer.frame(from: rogue.mac, rogue.address, port: source, toPort: port, to: mac, address)
            let isFound = try await eventually(within: isHeard ? .patience : Upstream.limit) {
              try rogue.send(frame)
              return await victim.received(within: .milliseconds(100)) { $0.ipv4?.udp == frame.ipv4?.udp } != nil
            }
            #expect(isFound == isHeard, "\(mac) \(port) from \(source)")
          }
        }
      }
    }
  }

  @Test("is answered on no network without a name server, nor on one whose TAPs are routed")
  func unserved() async throws {
    try await InnerSite.useNames(.routed) { inner in
      let routed = try await inner.guest("web-1")
      let plain = try await inner.site.guest("web-2")
      for guest in [routed, plain] {
        let frame = DHCPMessage(.discover, transaction: 1, of: guest.mac).frame(from: guest.mac)
        #expect(try await guest.sendRepeatedly(frame, within: Upstream.limit) { $0.dhcpAnswer != nil } == nil)
      }
    }
  }
}
