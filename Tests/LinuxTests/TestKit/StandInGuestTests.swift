import Linux
import NetTypes
import TestKit
import Testing

@Suite("A stand-in guest", .needsKernel)
struct StandInGuestTests {
  @Test("finds, pings and sends datagrams to another on the same bridge")
  func guestToGuest() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1", "tap2"])
      let first = try await taps.guest("tap1", 11)
      let second = try await taps.guest("tap2", 12)
      #expect(try await first.resolve(second.address) == second.mac)
      #expect(try await first.ping(second.address))
      #expect(try await second.ping(first.address))
      try await first.sendUDP(Array("weft".utf8), to: second.address, port: 7000, from: 7001)
      let datagram = try #require(await second.receiveUDP(port: 7000))
      #expect(datagram.text == "weft")
      #expect(datagram.source == Endpoint(first.address, 7001))
      #expect(datagram.destination == Endpoint(second.address, 7000))
    }
  }

  @Test("is pinged by its host, and pings it", arguments: [false, true])
  func guestAndHost(vnetHeader: Bool) async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await taps.guest("tap1", 11, vnetHeader: vnetHeader)
      try await host.command("busybox", "ping", "-c", "3", "-A", "-W", Duration.patienceInSeconds, "\(guest.address)")
      #expect(try await guest.ping(BridgedTaps.gateway))
    }
  }

  @Test("gets no answer from nobody, in bounded time")
  func nobody() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await taps.guest("tap1", 11)
      #expect(try await guest.ping(BridgedTaps.gateway))
      #expect(try await guest.resolve(BridgedTaps.address(99), within: .milliseconds(150)) == nil)
      #expect(try await guest.ping(BridgedTaps.address(99), within: .milliseconds(150)) == false)
      #expect(await guest.receiveUDP(within: .milliseconds(150)) == nil)
      await #expect(throws: StandInGuest.Unreachable.self) {
        try await guest.sendUDP([], to: BridgedTaps.address(99), port: 1, within: .milliseconds(150))
      }
    }
  }

  @Test("reaches the internet through its gateway, and is seen there")
  func routed() async throws {
    try await withNamespaces { host, internet in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      try await taps.connect(to: internet)
      let server = try await UDPSocket(in: internet, port: 53, echoes: true)
      let guest = try await taps.guest("tap1", 11)
      let outside = IPv4Address(198, 51, 100, 2)
      #expect(try await guest.ping(outside))
      #expect(try await guest.exchangeUDP(Array("who am I".utf8), with: outside, port: 53) == Array("who am I".utf8))
      let seen = try #require(await server.received())
      #expect(seen.source.address == guest.address)

      try await host.command(
        "nft", "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }")
      try await host.command("nft", "add rule ip nat out oifname uplink masquerade")
      #expect(try await guest.exchangeUDP(Array("and now".utf8), with: outside, port: 53) == Array("and now".utf8))
      let masqueraded = try #require(await server.received { $0.text == "and now" })
      #expect(masqueraded.source.address == IPv4Address(198, 51, 100, 1))
    }
  }

  @Test("tells an open TCP port from a closed one, a rejecting one and a silent one")
  func tcp() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await taps.guest("tap1", 11)
      let listener = try await TCPListener(in: host, port: 8080)
      #expect(try await guest.probeTCP(BridgedTaps.gateway, port: 8080) == .accepted)
      #expect(try await guest.probeTCP(BridgedTaps.gateway, port: 8081) == .refused)
      #expect(listener.local.port == 8080)

      try await host.command("nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }")
      try await host.command("nft", "add rule ip t in tcp dport 8081 reject with icmp admin-prohibited")
      try await host.command("nft", "add rule ip t in tcp dport 8080 drop")
      #expect(try await guest.probeTCP(BridgedTaps.gateway, port: 8081) == .unreachable(code: 13))
      #expect(try await guest.probeTCP(BridgedTaps.gateway, port: 8080, within: .milliseconds(200)) == .silence)
    }
  }

  @Test("holds its TAP alone, and the TAP has a carrier just as long")
  func holdsTheTap() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let carrier: @Sendable () throws -> String = { try File.readLine("/sys/class/net/tap1/carrier") }
      #expect(try await host.run(carrier) == "0")
      let guest = try await taps.guest("tap1", 11)
      #expect(try await host.run(carrier) == "1")
      let busy = try await #require(throws: KernelError.self) { try await taps.guest("tap1", 12) }
      #expect(busy.errno == .busy)
      await guest.stop()
      #expect(!guest.isAttached)
      #expect(try await eventually { try await host.run(carrier) == "0" })
      #expect(throws: KernelError.self) {
        try guest.send(.arp(.announcement(of: guest.address, at: guest.mac), from: guest.mac))
      }
      let next = try await taps.guest("tap1", 12)
      #expect(try await next.ping(BridgedTaps.gateway))
    }
  }

  @Test("does not make the TAP it asks for, nor takes another link for one")
  func noSuchTap() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: [])
      let missing = try await #require(throws: KernelError.self) { try await taps.guest("tap9", 11) }
      #expect(missing.errno == .noSuchDevice)
      let bridge = try await #require(throws: KernelError.self) { try await taps.guest("br0", 11) }
      #expect(bridge.errno == .invalidArgument)
      #expect(try await host.json("ip", "-j", "link").elements.count == 2)
    }
  }

  @Test("notices that its TAP was deleted")
  func deleted() async throws {
    try await withNamespace { host in
      let taps = try await BridgedTaps(host, taps: ["tap1"])
      let guest = try await taps.guest("tap1", 11)
      #expect(guest.isAttached)
      try await host.command("ip", "link", "delete", "tap1")
      #expect(try await eventually { !guest.isAttached })
    }
  }
}
