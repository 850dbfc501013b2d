import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Forwarding, in the difference")
struct ForwardingDifferenceTests {
  private func world() -> (desired: Desired, network: Network) {
    var network = World().network
    network.subnet6 = Site.prefix6
    return (Desired(networks: [network]), network)
  }

  private var sysctls: [Sysctl: String] {
    [
      .ipv4Forward: "1", .ipv6Forward: "0", Forwarding.ofLink("default", .v6): "0",
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
        .setSysctl(Forwarding6.routerAdvertisements("eth0"), value: "2"), .setSysctl(.ipv6Forward, value: "1"),
      ])
  }

  @Test("without IPv6 in any network, no setting of it is touched")
  func untouched() {
    let plan = Plan.difference(World().desired, Observed(sysctls: sysctls))
    #expect(!plan.steps.contains { if case .setSysctl = $0 { true } else { false } })
    #expect(!plan.steps.contains { if case .addGateway6 = $0 { true } else { false } })
  }

  @Test("is put back before what the kernel changes with it, and what hangs on it")
  func restored() {
    let forwarding: [Sysctl: String] = [.ipv4Forward: "0", .ipv6Forward: "0"]
    let others: [Sysctl: String] = [
      Forwarding.acceptRedirects: "0", Forwarding.ofLink("eth0", .v4): "1",
      Forwarding6.routerAdvertisements("eth0"): "1", Forwarding.ofLink("eth0", .v6): "1",
    ]
    let desired = Desired(restoredSysctls: others.merging(forwarding) { $1 })
    let steps = Plan.difference(desired, Observed(sysctls: [.ipv4Forward: "1", .ipv6Forward: "1"])).steps
    #expect(Set(steps.prefix(2)) == Set(forwarding.map { .restoreSysctl($0.key, value: $0.value) }))
    #expect(Set(steps.dropFirst(2)) == Set(others.map { .restoreSysctl($0.key, value: $0.value) }))
    #expect(steps.count == 6)
  }

  @Test("of what turning it on changes, what turning it off does not bring back is known")
  func lost() {
    let sysctls4 = [
      .ipv4Forward: "0", Forwarding.acceptRedirects: "1", Forwarding.ofLink("default", .v4): "0",
      Forwarding.ofLink("eth0", .v4): "1",
    ]
    #expect(Forwarding.lost(.v4, sysctls4) == [Forwarding.ofLink("eth0", .v4): "1"])
    #expect(
      Forwarding.lost(.v4, [.ipv4Forward: "0", Forwarding.acceptRedirects: "0"]) == [Forwarding.acceptRedirects: "0"])
    #expect(Forwarding.lost(.v6, sysctls) == [Forwarding.ofLink("eth0", .v6): "1"])
    // A kill may have left a bridge of ours that forwards on a host that does not yet.
    #expect(Forwarding.lost(.v4, sysctls4, without: ["eth0"]) == [:])
    #expect(Forwarding.lost(.v6, sysctls, without: ["eth0"]) == [:])
    // Each is of one family.
    #expect(
      Forwarding.lost(.v4, sysctls) == [:] && Forwarding.lost(.v4, [:]) == [:] && Forwarding.lost(.v6, [:]) == [:])
  }

  @Test("a kernel without IPv6, or one that gives new links none, is a conflict that names the option")
  func missing() throws {
    let (desired, _) = world()
    for sysctls: [Sysctl: String] in [
      [.ipv4Forward: "1"], [.ipv4Forward: "1", .ipv6Forward: "0", Forwarding6.disabled: "1"],
    ] {
      let plan = Plan.difference(desired, Observed(sysctls: sysctls))
      #expect(plan.conflicts.map(\.error.code) == [.kernelUnsupported])
      #expect(plan.conflicts.first?.error.remedies == [.set(.subnet6)])
      #expect(!plan.steps.contains { if case .setSysctl = $0 { true } else { false } })
      #expect(Plan.difference(World().desired, Observed(sysctls: sysctls)).conflicts.isEmpty)
    }
  }
}
