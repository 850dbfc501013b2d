import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("dnsmasq as it should be for domains")
struct DomainServiceTests {
  private static let place = NamePlace(directory: "/s.d")

  private static func service(_ domains: String...) throws -> NameService {
    let network = Network(
      name: Identifier(known: "blue"), subnet: Network.defaultSubnet, bridge: Network.defaultBridge,
      settings: NetworkSettings(nameServer: NameServer(upstreams: [IPv4Address(198, 51, 100, 53)])))
    return try #require(NameService(network, domains: Set(try domains.map(DomainPattern.init(parsing:)))))
  }

  /// By domain, the sets of IPv4 that are filled, by their patterns.
  private static func fillings(_ service: NameService, _ role: NameServerRole) -> [String: Set<String>] {
    var sets: [String: Set<String>] = [:]
    for filling in service.fillings(of: role) {
      let parts = filling.split(separator: "/")
      sets[String(parts[1])] = Set(
        parts[2].split { ",#".contains($0) }.compactMap { DomainSet(name: $0)?.pattern.description })
    }
    return sets
  }

  @Test("is one process without any, and then more, which are told of the sets they fill")
  func roles() throws {
    let plain = try Self.service()
    #expect(NameServerRole.allCases.filter { plain.arguments(of: $0, Self.place) != nil } == [.server])
    let one = try Self.service("example.org")
    #expect(NameServerRole.allCases.filter { one.arguments(of: $0, Self.place) != nil } == [.server, .exact])
    let exact = try #require(one.arguments(of: .exact, Self.place))
    #expect(exact.contains("--port=301") && exact.contains("--listen-address=172.30.0.1"))
    #expect(exact.contains("--cache-size=0") && exact.contains("--server=198.51.100.53"))
    #expect(
      exact.contains(
        "--nftset=/example.org/4#inet#tapestry#name.example.org..svbr0,6#inet#tapestry#name6.example.org..svbr0"))
    let server = try #require(one.arguments(Self.place))
    #expect(server.contains("--cache-size=0") && server.contains("--max-ttl=60"))
    #expect(server.contains("--server=/example.org/172.30.0.1#301") && server.contains("--server=/*.example.org/#"))
    let all = try Self.service("example.org", "*.example.org")
    #expect(NameServerRole.allCases.allSatisfy { all.arguments(of: $0, Self.place) != nil })
    #expect(all.routes == ["--server=/example.org/172.30.0.1#301", "--server=/*.example.org/172.30.0.1#302"])
  }

  @Test("fills for a name the sets of all that stand for it, and no others")
  func overlaps() throws {
    let service = try Self.service("*.org", "*.example.org", "www.example.org", "example.net", "*.b.example.org")
    #expect(
      Self.fillings(service, .exact) == [
        // Below org, and not below itself.
        "example.org": ["*.org"], "b.example.org": ["*.org", "*.example.org"],
        "www.example.org": ["www.example.org", "*.org", "*.example.org"], "example.net": ["example.net"],
      ])
    #expect(
      Self.fillings(service, .below) == [
        "org": ["*.org"], "example.org": ["*.org", "*.example.org"],
        "b.example.org": ["*.org", "*.example.org", "*.b.example.org"],
      ])
    #expect(Set(service.routes).count == service.routes.count)
    #expect(service.routes.contains("--server=/*.www.example.org/172.30.0.1#302"))
    #expect(service.routes.contains("--server=/*.example.net/#"))
  }

  @Test("may learn of more than it has to, and not of less")
  func drift() throws {
    let (wanted, running) = (try Self.service("a.example"), try Self.service("a.example", "*.b.example"))
    let processes = NameServerRole.allCases.compactMap { role in
      running.arguments(of: role, Self.place).map {
        ObservedNames.Process(role: role, identity: .init(pid: 9, startTime: 1), arguments: $0, isHere: true)
      }
    }
    var present = ObservedNames.Service(processes: processes)
    #expect(processes.count == 3)
    #expect(NameService.domains(of: processes.flatMap(\.arguments)) == running.domains)
    #expect(present.drift(as: running, Self.place) == nil)
    #expect(present.drift(as: wanted, Self.place) == nil)
    #expect(present.drift(as: try Self.service(), Self.place) == nil)
    #expect(present.drift(as: try Self.service("c.example"), Self.place) != nil)
    present.processes.removeAll { $0.role == .exact }
    #expect(present.drift(as: running, Self.place) == "dnsmasq of network blue is not running")
  }
}
