import NetTypes
import Tapestry
import TestKit
import Testing

/// The name server of the internet, which those of networks ask.
enum Upstream {
  /// What it says of `example.org`.
  static let example = IPv4Address(203, 0, 113, 7)
  /// How long to wait for an answer that does not come.
  static let limit = Duration.milliseconds(300)
}

extension InnerSite {
  /// With a name server, and one behind the uplink that it asks.
  static func useNames(
    _ mode: Network.Mode = .bridge, allowsInterVM: Bool = false, egress: EgressPolicy = EgressPolicy(),
    hostAccess: HostAccess = .standard, _ body: (InnerSite) async throws -> Void
  ) async throws {
    let nameServer = NameServer(upstreams: [Site.server])
    try await use(
      mode, allowsInterVM: allowsInterVM, egress: egress, hostAccess: hostAccess, nameServer: nameServer
    ) { inner in
      try await inner.site.startUpstream()
      try await body(inner)
    }
  }
}

extension Site {
  func startUpstream() async throws {
    let upstream = try await internet.start(
      "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file=", "--no-hosts",
      "--no-resolv", "--bind-interfaces", "--listen-address=\(Self.server)", "--except-interface=lo",
      // Where nobody listens: an answer never comes.
      "--server=/mute.example/\(Self.server)#9", "--dns-forward-max=10000",
      "--host-record=example.org,\(Upstream.example)", "--host-record=www.example.org,203.0.113.8",
      "--host-record=web-9.inner.internal,203.0.113.9", "--host-record=example.net,203.0.113.10",
      "--host-record=www.example.net,203.0.113.11,2001:db8:9::11", "--host-record=a.b.example.net,203.0.113.12",
      "--host-record=private.example.net,10.1.2.3", "--host-record=metadata.example.net,169.254.169.254",
      "--cname=cdn.example.net,elsewhere.example", "--host-record=elsewhere.example,203.0.113.13")
    try await upstream.waitForOutput(containing: "started")
  }

  /// The ids of the dnsmasqs of a network.
  func nameServers(of network: Identifier = "inner") async throws -> [Int32] {
    let result = try await host.command(
      arguments: ["pgrep", "-f", "pid-file=/tmp/\(host.name)/.*/network-\(network)/[a-z.]*pid"])
    return result.stdout.split(whereSeparator: \.isNewline).compactMap { Int32($0) }
  }
}

extension DNSMessage.Answer {
  static let unknown = DNSMessage.Answer(code: 3)
  static func addresses(_ addresses: IPv4Address...) -> DNSMessage.Answer { .init(code: 0, addresses: addresses) }
}
