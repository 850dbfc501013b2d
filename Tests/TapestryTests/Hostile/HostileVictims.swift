import NetTypes
import Tapestry
import TestKit
import Testing

/// Connections that are none of a hostile guest's: those of the host and of another guest, with a server outside.
struct HostileVictims: Sendable {
  private let connections: [(name: String, TCPConnection)]
  private let datagrams: UDPSocket
  private let echo: UDPSocket
  private let listeners: [TCPListener]
  let guest: NamespaceGuest
  private let scenario: HostileScenario
  /// As each of those on the way knows them.
  let flows: [HostileWorld.Flow]

  init(
    _ site: Site, _ guest: NamespaceGuest, _ made: Tapestry.Attachment, _ scenario: HostileScenario
  ) async throws {
    self.guest = guest
    self.scenario = scenario
    listeners = [
      try await TCPListener(in: site.internet, at: Endpoint(IPv6Address(rawValue: 0), 80)),
      try await TCPListener(in: site.internet, at: Endpoint(IPv6Address(rawValue: 0), HostileSite.allowedPort)),
    ]
    echo = try await UDPSocket(in: site.internet, port: HostileSite.allowedPort, echoes: true)
    datagrams = try await UDPSocket(in: site.host)

    let (server, server6) = (Endpoint(Site.server, 80), Endpoint(Site.server6, 80))
    let host = try await TCPConnection(from: site.host, to: server)
    let host6 = try await TCPConnection(from: site.host, to: server6)
    let inner = try await TCPConnection(from: guest.namespace, to: server)
    let seen = Endpoint(scenario.nat ? Site.hostAddress : made.address, inner.local.port)
    var connections = [("the host's connection", host), ("the host's IPv6 connection", host6)]
    connections.append(("another guest's connection", inner))
    var flows: [HostileWorld.Flow] = [
      .init(.tcp, host.local, server), .init(.tcp, host6.local, server6),
      .init(.tcp, seen, server), .init(.tcp, Endpoint(made.address, inner.local.port), server),
    ]
    flows.append(
      .init(.udp, Endpoint(Site.hostAddress, datagrams.local.port), Endpoint(Site.server, HostileSite.allowedPort)))
    if let address6 = made.guestIP6 {
      let inner6 = try await TCPConnection(from: guest.namespace, to: server6)
      connections.append(("another guest's IPv6 connection", inner6))
      let seen6 = Endpoint(scenario.nat6 ? Site.hostAddress6 : address6, inner6.local.port)
      flows += [.init(.tcp, inner6.local, server6), .init(.tcp, seen6, server6)]
    }
    self.connections = connections
    self.flows = flows
    try await exchange(within: .patience)
  }

  /// Something each way over each.
  private func exchange(within limit: Duration) async throws {
    for (name, connection) in connections {
      guard try await connection.exchange("still there?", within: limit) == "still there?" else {
        throw Lost(description: "\(name) is dead")
      }
    }
    try datagrams.send("still there?", to: Endpoint(Site.server, HostileSite.allowedPort))
    guard await datagrams.received(within: limit) != nil else { throw Lost(description: "the host's UDP flow is dead") }
  }

  /// What has become of them, and of the ways to the server, in words.
  func harm(_ site: Site) async throws -> [String] {
    var harm: [String] = []
    do { try await exchange(within: .patience) } catch { harm.append("\(error)") }
    var ways = [("the host", site.host, "-4"), ("the host", site.host, "-6"), ("another guest", guest.namespace, "-4")]
    if scenario.hasIPv6 { ways.append(("another guest", guest.namespace, "-6")) }
    for (name, namespace, family) in ways {
      let target = family == "-4" ? "\(Site.server)" : "\(Site.server6)"
      let route = try await namespace.command("ip", family, "route", "get", target)
      if route.contains(" mtu ") { harm.append("the path MTU of \(name) is lowered (\(family))") }
    }
    return harm
  }

  struct Lost: Error, CustomStringConvertible {
    let description: String
  }
}
