import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Host access", .needsKernel)
struct HostAccessDataTests {
  private static let granted = ["none", "icmp", "dns", "all", "8000-8080/tcp,9000/udp"]

  @Test(
    "lets guests reach what it names, at every address of the host, and nothing else", arguments: Way.all, granted)
  func services(way: Way, access: String) async throws {
    try await InnerSite.use(way) { inner in
      let site = inner.site
      let guest = try await inner.guest("web-1")
      try await site.manager.setHostAccess(network: "inner", try HostAccess(parsing: access))
      let anywhere = IPAddress.any(way.family)
      var listeners: [UInt16: TCPListener] = [:]
      for port: UInt16 in [53, 8080, 8081] {
        listeners[port] = try await TCPListener(in: site.host, at: Endpoint(anywhere, port))
      }
      var services: [UInt16: UDPSocket] = [:]
      for port: UInt16 in [53, 9000] {
        services[port] = try await UDPSocket(in: site.host, at: Endpoint(anywhere, port), echoes: true)
      }
      let limit = Duration.milliseconds(120)
      for address in [try inner.gateway(way.family), Site.hostIP(way.family)] {
        let pings = ["icmp", "all"].contains(access)
        #expect(try await guest.ping(address, within: pings ? .patience : limit) == pings, "\(address)")
        for port in listeners.keys.sorted() {
          let isOpen = access == "all" || access == "dns" && port == 53 || access.hasPrefix("8000") && port == 8080
          let answer = try await guest.probeTCP(address, port: port, within: isOpen ? .patience : limit)
          #expect(answer == (isOpen ? .accepted : .silence), "\(address):\(port)")
        }
        for port in services.keys.sorted() {
          let isOpen = access == "all" || access == "dns" && port == 53 || access.hasPrefix("8000") && port == 9000
          // Whatever address it has come to, a datagram is answered from the nearest: only its way there is looked at.
          try await guest.sendUDP(Array("\(address)".utf8), to: address, port: port)
          let heard = await services[port]?.received(within: isOpen ? .patience : limit) { $0.text == "\(address)" }
          #expect((heard != nil) == isOpen, "\(address):\(port)")
        }
      }
      if way.family == .v6 { try await expectGatewayIsNextHopAlone(guest) }
      #expect(try await site.manager.check() == [])
    }
  }

  /// The gateway's address of IPv6 is found whatever the access, and there is no more to it.
  private func expectGatewayIsNextHopAlone(_ guest: StandInGuest) async throws {
    let own = IPv6Address.linkLocal(of: guest.mac)
    #expect(try await guest.resolve(Network.gateway6) != nil)
    #expect(try await guest.resolve(Network.gateway6, from: own) != nil)
    #expect(try await !guest.ping(Network.gateway6, from: own, within: .milliseconds(120)))
  }

  @Test("that is taken back ends what it had let begin")
  func takenBack() async throws {
    try await InnerSite.use(.bridge) { inner in
      let site = inner.site
      try await site.manager.setHostAccess(network: "inner", try HostAccess(parsing: "8080/tcp"))
      let made = try await inner.attach("web-1")
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: site.host, port: 8080)
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(made.gatewayIP, 8080))
      #expect(await listener.accepted() != nil)
      #expect(try await connection.exchange("one") == "one")
      try await site.manager.setHostAccess(network: "inner", .standard)
      #expect(try await connection.exchange("two", within: .milliseconds(400)) == "")
    }
  }
}
