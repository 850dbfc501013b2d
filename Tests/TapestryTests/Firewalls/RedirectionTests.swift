import NetTypes
import Tapestry
import TestKit
import Testing

/// Rules of somebody else's that send port 8080 of the host elsewhere.
struct Redirection: Sendable, CustomTestStringConvertible {
  var place: String
  var start: String

  var testDescription: String { start }

  private static func iptables(_ program: String, _ place: String) -> [Self] {
    let docker = """
      \(program) -t nat -N DOCKER
      \(program) -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      \(program) -t nat -A DOCKER -i docker0 -j RETURN
      \(program) -t nat -A DOCKER ! -i docker0
      """
    return [
      Self(place: "DOCKER", start: "\(docker) -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80"),
      Self(place: "DOCKER", start: "\(docker) -p tcp -m tcp --dport 8000:9000 -j DNAT --to-destination 172.17.0.2"),
      Self(
        place: "DOCKER", start: "\(docker) -p tcp -m multiport --dports 22,8080 -j DNAT --to-destination 172.17.0.2"),
      Self(
        place: place,
        start: "\(program) -t nat -A PREROUTING -d 198.51.100.1 -p tcp -j DNAT --to-destination 172.17.0.2"),
      Self(
        place: place, start: "\(program) -t nat -A PREROUTING -i uplink -p tcp --dport 8080 -j REDIRECT --to-ports 80"),
    ]
  }

  private static func nft(_ family: String, _ rule: String) -> Self {
    Self(
      place: "\(family) mine pre",
      start: "nft 'table \(family) mine { chain pre { type nat hook prerouting priority dstnat; \(rule); }; }'")
  }

  static let taken =
    iptables("iptables-nft", "PREROUTING") + iptables("iptables-legacy", "PREROUTING") + [
      nft("ip", "tcp dport 8080 dnat to 172.17.0.2:80"), nft("inet", "tcp dport 8000-8090 dnat ip to 172.17.0.2"),
      nft("inet", "tcp dport { 22, 8080 } redirect to :80"),
      nft("inet", "meta l4proto { tcp, udp } th dport 8080 dnat ip to 172.17.0.2"),
      nft("inet", "dnat ip to tcp dport map { 8080 : 172.17.0.2 }"),
      nft("ip", "ip daddr 198.51.100.0/24 tcp dport 8080 redirect"),
    ]

  static let free = [
    nft("ip", "udp dport 8080 dnat to 172.17.0.2:80"), nft("ip", "tcp dport 8081 dnat to 172.17.0.2:80"),
    nft("ip", "ip daddr 10.96.0.1 tcp dport 8080 dnat to 172.17.0.2:80"),
    nft("ip", "iifname docker0 tcp dport 8080 redirect to :3128"),
    nft("ip6", "tcp dport 8080 redirect to :80"), nft("inet", "meta nfproto ipv6 tcp dport 8080 redirect to :80"),
    nft("ip", "meta mark 1 redirect"),
    Self(
      place: "", start: "iptables-legacy -t nat -A PREROUTING -p tcp ! --dport 8081 -i docker0 -j REDIRECT --to-ports 1"
    ),
    Self(place: "", start: "iptables-nft -t nat -A POSTROUTING -p tcp --dport 8080 -j MASQUERADE"),
  ]
}

@Suite("Ports that somebody else has sent elsewhere", .needsKernel)
struct RedirectionTests {
  private let port = PublishedPort(hostPort: 8080, guestPort: 80)

  @Test("cannot be published; who has them is named", arguments: Redirection.taken)
  func before(other: Redirection) async throws {
    try await Site.use { site in
      _ = try await site.sh(other.start)
      _ = try await site.manager.attach(AttachRequest(vmID: "plain"))
      for attempt in 0..<2 {
        let error = try await #require(throws: TapestryError.self) {
          if attempt == 0 {
            _ = try await site.manager.attach(AttachRequest(vmID: "web-1", settings: .init(published: [port])))
          } else {
            _ = try await site.manager.publish(vmID: "plain", ports: [port])
          }
        }
        #expect(error.code == .portInUse && error.message.contains(other.place), "\(error)")
      }
      #expect(try await site.manager.attachments().map(\.vmID) == ["plain"])
      // Another one is free.
      _ = try await site.manager.publish(
        vmID: "plain",
        ports: [PublishedPort(hostPort: 7070, guestPort: 80)].filter { _ in !other.start.contains("-d 198") })
      #expect(try await site.manager.check() == [])
    }
  }

  @Test(
    "are named by check and doctor where that came later, and keep nobody from going on", arguments: Redirection.taken)
  func later(other: Redirection) async throws {
    try await Site.use { site in
      _ = try await site.manager.attach(AttachRequest(vmID: "web-1", settings: .init(published: [port])))
      #expect(try await site.manager.check() == [])
      _ = try await site.sh(other.start)
      let drift = try await site.manager.check()
      #expect(drift.count == 1 && drift[0].step == nil, "\(drift)")
      #expect(drift.first?.description.contains("web-1/eth0, but chain '") == true, "\(drift)")
      #expect(drift.first?.description.contains(other.place) == true, "\(drift)")
      let finding = try #require(try await site.manager.diagnose().first { $0.subject == "port" })
      #expect(finding.verdict == .problem && finding.message.contains(other.place))
      _ = try await site.manager.attach(AttachRequest(vmID: "web-2"))
      _ = try await site.manager.unpublish(vmID: "web-1", ports: [port])
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("are not those of other protocols, families, addresses and links", arguments: Redirection.free)
  func free(other: Redirection) async throws {
    try await Site.use { site in
      _ = try await site.sh(other.start)
      _ = try await site.manager.attach(AttachRequest(vmID: "web-1", settings: .init(published: [port])))
      #expect(try await site.manager.check() == [])
    }
  }
}
