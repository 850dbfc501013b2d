import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Host access", .needsKernel)
struct HostAccessDataTests {
  @Test(
    "lets guests reach what it names, at every address of the host, and nothing else",
    arguments: Network.Mode.allCases, ["none", "icmp", "dns", "all", "8000-8080/tcp,9000/udp"])
  func services(mode: Network.Mode, access: String) async throws {
    try await RoutedSite.use(mode) { inner in
      let site = inner.site
      let guest = try await site.boot(try await inner.attach("web-1"))
      let wanted = try HostAccess(parsing: access)
      try await site.manager.setHostAccess(network: "inner", wanted)
      let listeners: [UInt16: TCPListener] = [
        53: try await TCPListener(in: site.host, port: 53), 8080: try await TCPListener(in: site.host, port: 8080),
        8081: try await TCPListener(in: site.host, port: 8081),
      ]
      let services: [UInt16: UDPSocket] = [
        53: try await UDPSocket(in: site.host, port: 53, echoes: true),
        9000: try await UDPSocket(in: site.host, port: 9000, echoes: true),
      ]
      let (own, subnet) = (try #require(guest.gateway), Site.hostAddress)
      let limit = Duration.milliseconds(120)
      for address in [own, subnet] {
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
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("that is taken back ends what it had let begin")
  func takenBack() async throws {
    try await RoutedSite.use(.bridge) { inner in
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
