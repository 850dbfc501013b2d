import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A name server under pressure", .needsKernel)
struct NamePressureTests {
  @Test("answers others while one guest waits for hundreds of answers", arguments: [false, true])
  func unanswered(usesDomains: Bool) async throws {
    let domains = usesDomains ? [try DomainPattern(parsing: "*.example.net")] : []
    try await InnerSite.useNames(egress: EgressPolicy(reach: usesDomains ? .nothing : .inherited, domains: domains)) {
      inner in
      let greedy = try await inner.guest("web-1")
      let other = try await inner.guest("web-2")
      let gateway = try #require(greedy.gateway)
      for number in 1...200 {
        let question = DNSMessage.query("n\(number).mute.example", id: UInt16(number))
        try await greedy.sendUDP(question, to: gateway, port: 53)
      }
      #expect(try await other.lookUp("example.org") == .addresses(Upstream.example))
      #expect(try await other.lookUp("www.example.net")?.addresses.count == 1)
    }
  }

  @Test("answers by TCP while others hold connections on which they say nothing")
  func idle() async throws {
    try await InnerSite.useNames { inner in
      let gateway = inner.network.subnet.gateway
      var connections: [TCPConnection] = []
      for number in 1...6 {
        let guest = try await inner.site.bootStack(try await inner.attach("idle-\(number)"))
        for _ in 1...4 {
          connections.append(try await TCPConnection(from: guest.namespace, to: Endpoint(gateway, 53)))
        }
      }
      let guest = try await inner.site.bootStack(try await inner.attach("web-1"))
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(gateway, 53))
      let question = DNSMessage.query("example.org", id: 7)
      let text = String(decoding: [0, UInt8(question.count)] + question, as: UTF8.self)
      let answer = try await connection.exchange(text)
      #expect(answer.contains("example\u{3}org"))
      #expect(connections.count == 24)
    }
  }

  @Test("has its ports alone: nobody but root listens there beside it, and answers in its place")
  func ports() async throws {
    let domains = [try DomainPattern(parsing: "example.org"), try DomainPattern(parsing: "*.example.net")]
    try await InnerSite.useNames(egress: EgressPolicy(reach: .nothing, domains: domains)) { inner in
      for role in NameServerRole.allCases {
        for (kind, transport) in [("SOCK_DGRAM", "udp"), ("SOCK_STREAM", "tcp")] {
          let ports = try await inner.site.host.command("ss", "-Hln", "--\(transport)")
          #expect(ports.contains("\(inner.network.subnet.gateway):\(role.port) "), "\(role) \(transport)")
          let result = try await inner.site.host.command(
            arguments: [
              "setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "perl", "-MSocket", "-e",
              """
              socket(my $socket, PF_INET, \(kind), 0) or die "socket: $!";
              setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
              bind($socket, sockaddr_in(\(role.port), inet_aton("\(inner.network.subnet.gateway)"))) or die "bind: $!";
              """,
            ])
          #expect(result.status != 0 && result.stderr.contains("bind: Permission denied"), "\(role) \(result)")
        }
      }
    }
  }
}
