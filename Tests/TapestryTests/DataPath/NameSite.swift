import NetTypes
import Tapestry
import TestKit
import Testing

/// A `Site` with a network that has a name server, and one behind the uplink that it asks.
struct NameSite {
  let site: Site
  let network: Network

  /// What the internet's name server says of `example.org`.
  static let example = IPv4Address(203, 0, 113, 7)
  static let limit = Duration.milliseconds(300)

  static func use(
    _ mode: Network.Mode = .bridge, allowsInterVM: Bool = false, egress: EgressPolicy = EgressPolicy(),
    hostAccess: HostAccess = .standard, _ body: (NameSite) async throws -> Void
  ) async throws {
    try await Site.use { site in
      try await startUpstream(site)
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: mode, snapshot: mode == .clone ? RoutedSite.snapshot : nil,
          settings: NetworkSettings(
            egress: egress, hostAccess: hostAccess, allowsInterVM: allowsInterVM,
            nameServer: NameServer(upstreams: [Site.server]))))
      try await body(NameSite(site: site, network: network))
    }
  }

  static func startUpstream(_ site: Site) async throws {
    let upstream = try await site.internet.start(
      "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file=", "--no-hosts",
      "--no-resolv", "--bind-interfaces", "--listen-address=\(Site.server)", "--except-interface=lo",
      // Where nobody listens: an answer never comes.
      "--server=/mute.example/\(Site.server)#9", "--dns-forward-max=10000",
      "--host-record=example.org,\(example)", "--host-record=www.example.org,203.0.113.8",
      "--host-record=web-9.inner.internal,203.0.113.9", "--host-record=example.net,203.0.113.10",
      "--host-record=www.example.net,203.0.113.11,2001:db8:9::11", "--host-record=a.b.example.net,203.0.113.12",
      "--host-record=private.example.net,10.1.2.3", "--host-record=metadata.example.net,169.254.169.254",
      "--cname=cdn.example.net,elsewhere.example", "--host-record=elsewhere.example,203.0.113.13")
    try await upstream.waitForOutput(containing: "started")
  }

  func attach(_ vm: Identifier) async throws -> Tapestry.Attachment {
    try await site.manager.attach(AttachRequest(vmID: vm, network: "inner"))
  }

  func guest(_ vm: Identifier) async throws -> StandInGuest { try await site.boot(try await attach(vm)) }

  /// The ids of what runs for the network.
  func processes() async throws -> [Int32] { try await site.nameServers() }
}

extension Site {
  /// The ids of the dnsmasqs of a network.
  func nameServers(of network: String = "inner") async throws -> [Int32] {
    let result = try await host.command(
      arguments: ["pgrep", "-f", "pid-file=/tmp/\(host.name)/.*/network-\(network)/[a-z.]*pid"])
    return result.stdout.split(whereSeparator: \.isNewline).compactMap { Int32($0) }
  }
}

extension DNSMessage.Answer {
  static let unknown = DNSMessage.Answer(code: 3)
  static func addresses(_ addresses: IPv4Address...) -> DNSMessage.Answer { .init(code: 0, addresses: addresses) }
}
