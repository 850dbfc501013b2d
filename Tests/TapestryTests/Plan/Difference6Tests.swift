import Linux
import NetTypes
import Testing

@testable import Tapestry

@Suite("The difference, of networks with IPv6")
struct Difference6Tests {
  private let prefix = try? IPv6Prefix(parsing: "2001:db8:7::/64")
  private let all = Sysctl.ipv6Forward

  private func world() -> (desired: Desired, network: Network) {
    var network = World().network
    network.subnet6 = prefix
    return (Desired(networks: [network]), network)
  }

  private var sysctls: [Sysctl: String] {
    [
      .ipv4Forward: "1", all: "0", Forwarding.ofLink("default", .v6): "0",
      Forwarding6.routerAdvertisements("default"): "1",
      Forwarding.ofLink("eth0", .v6): "1", Forwarding6.routerAdvertisements("eth0"): "1",
      Forwarding.ofLink("eth1", .v6): "0", Forwarding6.routerAdvertisements("eth1"): "0",
    ]
  }

  @Test("links go on believing their routers before forwarding is turned on, which comes last")
  func order() throws {
    let (desired, network) = world()
    let plan = Plan.difference(desired, Observed(sysctls: sysctls))
    #expect(
      plan.steps == [
        .installRuleset(desired.ruleset), .createBridge(network), .addGateway(network), .addGateway6(network),
        .setSysctl(Forwarding6.routerAdvertisements("default"), value: "2"),
        .setSysctl(Forwarding6.routerAdvertisements("eth0"), value: "2"), .setSysctl(all, value: "1"),
      ])
  }

  @Test("without IPv6 in any network, no setting of it is touched")
  func untouched() {
    let plan = Plan.difference(World().desired, Observed(sysctls: sysctls))
    #expect(!plan.steps.contains { if case .setSysctl = $0 { true } else { false } })
    #expect(!plan.steps.contains { if case .addGateway6 = $0 { true } else { false } })
  }

  @Test("of what turning it on changes, what turning it off does not bring back is known")
  func lost() {
    #expect(Forwarding.lost(.v6, sysctls) == [Forwarding.ofLink("eth0", .v6): "1"])
    #expect(Forwarding.lost(.v6, [:]) == [:])
    #expect(Forwarding.lost(.v4, sysctls) == [:])
  }

  @Test("forwarding is put back before what hangs on it")
  func restored() {
    let settings = [
      Forwarding6.routerAdvertisements("eth0"): "1", all: "0", Forwarding.ofLink("eth0", .v6): "1", .ipv4Forward: "0",
    ]
    let steps = Plan.difference(Desired(restoredSysctls: settings), Observed(sysctls: [all: "1", .ipv4Forward: "1"]))
      .steps
    #expect(Set(steps.prefix(2)) == [.restoreSysctl(all, value: "0"), .restoreSysctl(.ipv4Forward, value: "0")])
    #expect(steps.count == 4)
  }

  @Test("a kernel without IPv6, or one that gives new links none, is a conflict that names the option")
  func missing() throws {
    let (desired, _) = world()
    for sysctls: [Sysctl: String] in [[.ipv4Forward: "1"], [.ipv4Forward: "1", all: "0", Forwarding6.disabled: "1"]] {
      let plan = Plan.difference(desired, Observed(sysctls: sysctls))
      #expect(plan.conflicts.map(\.error.code) == [.kernelUnsupported])
      #expect(plan.conflicts.first?.error.remedies == [.set(.subnet6)])
      #expect(!plan.steps.contains { if case .setSysctl = $0 { true } else { false } })
      #expect(Plan.difference(World().desired, Observed(sysctls: sysctls)).conflicts.isEmpty)
    }
  }

  @Test("rules of IPv6 are facts only where there is IPv6")
  func facts() throws {
    var (_, network) = world()
    network.settings.egress = EgressPolicy(
      rules: try [Traffic](parsing: "2001:db8::/32").map { TrafficRule(.allow, $0) })
    #expect(Ruleset.NetworkFacts(network).rules.count == 1)
    network.subnet6 = nil
    #expect(Ruleset.NetworkFacts(network).rules.isEmpty)
  }

  @Test("what is asked for is a /64 of addresses that are routed, or drawn from RFC 4193's")
  func requests() throws {
    #expect(try Subnet6Request(parsing: "auto") == .automatic)
    #expect(
      try Subnet6Request(parsing: "fd12:3456:789a::/64") == .prefix(try IPv6Prefix(parsing: "fd12:3456:789a::/64")))
    for text in [
      "", "AUTO", "fd00::", "fd00::/48", "fd00::1/64", "fe80::/64", "ff00::/64", "::/64", "10.0.0.0/24", "4000::/64",
    ] {
      let error = #expect(throws: TapestryError.self) { try Subnet6Request(parsing: text) }
      #expect(error?.code == .invalidSubnet, "\(text)")
    }
    var generator = SystemRandomNumberGenerator()
    let drawn = Set((0..<100).map { _ in IPv6Prefix.randomUniqueLocal(using: &generator) })
    #expect(drawn.count == 100)
    for prefix in drawn {
      #expect(prefix.address.rawValue >> 120 == 0xfd && prefix.prefixLength == 64)
      #expect(prefix.address.rawValue & (1 << 80 - 1) == 0)
    }
  }
}
