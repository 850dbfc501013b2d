import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("What is right and wrong with a host")
struct DiagnosisTests {
  private static let network = Network(name: .default, subnet: Network.defaultSubnet, bridge: Network.defaultBridge)
  private static let healthy: HostFacts = {
    var facts = HostFacts()
    facts.mayAdminister = true
    facts.rehearsal = .succeeded
    facts.uplinks = [.init(name: "eth0", mtu: 1500)]
    facts.connections = .init(count: 10, limit: 1_000)
    return facts
  }()

  private func findings(
    _ facts: HostFacts = healthy, _ observed: Observed = Observed(sysctls: [.ipv4Forward: "1"]),
    networks: [Network] = [network], isInUse: Bool = true
  ) -> [Finding] {
    Diagnosis(facts: facts, observed: observed, networks: networks, isInUse: isInUse).findings
  }

  @Test("on a healthy host all is ok, and there is nothing to do")
  func healthy() {
    #expect(findings().allSatisfy { $0.verdict == .ok && $0.advice == nil })
  }

  @Test("dnsmasq is missed where a network has a name server, and there alone")
  func nameServer() throws {
    #expect(!findings().contains { $0.subject == "dnsmasq" })
    var named = Self.network
    named.settings.nameServer = NameServer()
    let missed = try #require(findings(networks: [named]).first { $0.subject == "dnsmasq" })
    #expect(missed.verdict == .problem && missed.advice?.contains("dnsmasq-base") == true)
    var facts = Self.healthy
    facts.nameServerProgram = "/usr/sbin/dnsmasq"
    #expect(findings(facts, networks: [named]).first { $0.subject == "dnsmasq" }?.verdict == .ok)
  }

  @Test("ports of name servers that anybody may take are told of where there is a name server")
  func nameServerPorts() throws {
    var named = Self.network
    named.settings.nameServer = NameServer()
    var facts = Self.healthy
    facts.nameServerProgram = "/usr/sbin/dnsmasq"
    for (first, isTold) in [(1024, false), (303, false), (302, true), (0, true)] {
      facts.firstUnprivilegedPort = first
      let told = findings(facts, networks: [named]).filter { $0.verdict != .ok }
      #expect(told.map(\.subject) == (isTold ? ["dns_ports"] : []), "\(first)")
      #expect(told.allSatisfy { $0.advice?.contains("ip_unprivileged_port_start=1024") == true })
      #expect(findings(facts).allSatisfy { $0.verdict == .ok })
    }
  }

  @Test("what guests' limits of connections come to is weighed against what the host has room for")
  func connectionLimits() throws {
    func finding(_ limits: [MaximumConnections?], room: Int) throws -> Finding? {
      var facts = Self.healthy
      facts.connections = .init(count: 0, limit: room)
      var ruleset = Ruleset()
      for (number, limit) in limits.enumerated() {
        var guest = Ruleset.GuestFacts(
          tapName: try InterfaceName(parsing: "tap\(number)"), mac: MACAddress(2, 0, 0, 0, 0, UInt8(number)),
          address: IPv4Address(172, 30, 0, UInt8(2 + number)), way: .bridged)
        guest.maxConnections = limit
        ruleset.guests.insert(guest)
      }
      return findings(facts, Observed(ruleset: .intact(ruleset), sysctls: [.ipv4Forward: "1"]))
        .first { $0.subject == "max-connections" }
    }
    #expect(try finding([], room: 65_536) == nil)
    let standard = try #require(try finding([nil, nil, .atMost(100)], room: 65_536))
    #expect(standard.verdict == .ok && standard.message.contains("3 guests may have 8292 connections in total"))
    #expect(try finding(Array(repeating: nil, count: 17), room: 65_536)?.verdict == .warning)
    // What one guest has closed takes room too.
    #expect(try finding([nil], room: 30_000)?.verdict == .warning)
    #expect(try finding([.atMost(65_000)], room: 1_000_000)?.verdict == .warning)
    let unlimited = try #require(try finding([nil, .unlimited], room: 1_000_000))
    #expect(unlimited.verdict == .warning && unlimited.message.contains("1 have no limit"))
  }

  @Test("a kernel that does not load what nft 1.0.6 lists is told of, and warned of where that is kept for a restart")
  func keptRuleset() throws {
    func finding(refuses: Bool, keeps: Bool) -> Finding? {
      var facts = Self.healthy
      (facts.refusesListing, facts.keepsTables) = (refuses, keeps)
      return findings(facts).first { $0.subject == "nftables.conf" }
    }
    #expect(finding(refuses: false, keeps: true) == nil)
    #expect(finding(refuses: true, keeps: false)?.verdict == .ok)
    #expect(finding(refuses: true, keeps: true)?.verdict == .warning)
  }

  @Test("each thing that is off is one finding, of its weight, with what to do")
  func faults() {
    func check(_ subject: String, _ verdict: Finding.Verdict, _ change: (inout HostFacts) -> Void) {
      var facts = Self.healthy
      change(&facts)
      let off = findings(facts).filter { $0.verdict != .ok }
      #expect(off.map(\.subject) == [subject] && off.map(\.verdict) == [verdict], "\(off)")
      #expect(off.allSatisfy { $0.advice != nil })
    }
    check("tun", .problem) { $0.tunFailure = "open /dev/net/tun: ENOENT" }
    check("checksums", .warning) { $0.checksumFilterFailure = "open /sys/kernel/btf/vmlinux: ENOENT" }
    check("kernel", .problem) { $0.rehearsal = .failed([TapestryError(.bridgeSetupFailed, "no bridge")]) }
    check("tun", .problem) {
      $0.tunFailure = "open /dev/net/tun: ENOENT"
      $0.rehearsal = .failed(
        ["svtap0", "svtap1"].map { TapestryError(.kernelUnsupported, "Failed to create TAP device \($0)") })
    }
    check("uplink", .problem) { $0.uplinks = [.init(name: "eth0", mtu: 1500, forwards: false)] }
    check("kernel", .warning) { $0.rehearsal = .notHeld("unshare: EPERM") }
    check("uplink", .warning) { $0.uplinks = [] }
    check("uplink", .warning) { $0.uplinks = [.init(name: "wg0", mtu: 1420)] }
    check("rp_filter", .warning) {
      $0.uplinks = [
        .init(name: "eth0", mtu: 1500, reversePathFilter: 1), .init(name: "wg0", mtu: 1500, reversePathFilter: 2),
      ]
    }
    check("conntrack", .warning) { $0.connections = .init(count: 850, limit: 1_000) }
    check("conntrack", .problem) { $0.connections = .init(count: 990, limit: 1_000) }
  }

  @Test("what the kernel lacks is advised for what it is")
  func kernelAdvice() {
    for (error, advice) in [
      (TapestryError(.bridgeSetupFailed, "no bridge"), "modprobe bridge"),
      (TapestryError(.tapCreateFailed, "no TAP"), "modprobe tun"),
      (TapestryError(.kernelUnsupported, "run 'modprobe sch_tbf'"), "modprobe sch_tbf"),
      (TapestryError(.kernelUnsupported, "add table"), "modprobe nf_tables nft_chain_nat"),
    ] {
      var facts = Self.healthy
      facts.rehearsal = .failed([error])
      #expect(findings(facts).filter { $0.verdict != .ok }.map(\.advice) == [advice])
    }
  }

  @Test("of a network with IPv6 its forwarding, its prefix, and its uplink are looked at")
  func ipv6() throws {
    var network = Self.network
    network.subnet6 = "fd00::/64"
    let sysctls: [Sysctl: String] = [.ipv4Forward: "1", .ipv6Forward: "1"]
    var observed = Observed(sysctls: sysctls)
    observed.routes = [ObservedRoute(destination: try IPPrefix(parsing: "::/0"))]
    #expect(findings(Self.healthy, observed, networks: [network]).allSatisfy { $0.verdict == .ok })

    observed.sysctls[.ipv6Forward] = "0"
    observed.routes = [ObservedRoute(destination: try IPPrefix(parsing: "fd00::/48"))]
    let off = findings(Self.healthy, observed, networks: [network]).filter { $0.verdict != .ok }
    #expect(off.map(\.subject) == ["forwarding", "subnet", "uplink"])
    #expect(off.allSatisfy { $0.advice != nil })
    // Nothing of it where no network has IPv6.
    #expect(findings(Self.healthy, observed).allSatisfy { $0.verdict == .ok })
    observed.sysctls[.ipv6Forward] = nil
    #expect(
      findings(Self.healthy, observed, networks: [network]).filter { $0.verdict == .problem }.map(\.subject) == ["ipv6"]
    )
  }

  @Test("who may not look is not told that all is well")
  func unprivileged() {
    let findings = Diagnosis(facts: HostFacts(), observed: nil, networks: [Self.network], isInUse: true).findings
    #expect(findings.first { $0.subject == "privilege" }?.verdict == .problem)
    #expect(findings.first { $0.subject == "firewall" }?.verdict == .warning)
    #expect(findings.first { $0.subject == "kernel" }?.verdict == .warning)
  }

  @Test("a chain that drops is in order where networks pass or will, and else is for repair to mend, or its owner")
  func firewalls() {
    func firewall(_ change: (inout ForeignForward) -> Void, isInUse: Bool = true) -> Finding? {
      let chain = ForeignChain(table: .ip("filter"), name: "FORWARD")
      var forward = ForeignForward(chain: chain, family: .v4, place: chain, drops: true)
      change(&forward)
      var observed = Observed(sysctls: [.ipv4Forward: "1"])
      observed.foreignForwards = [forward]
      return findings(Self.healthy, observed, isInUse: isInUse).first { $0.subject == "firewall" }
    }
    #expect(firewall { $0.drops = false }?.verdict == .ok)
    #expect(firewall { _ in }?.verdict == .problem)
    #expect(firewall { _ in }?.advice == "tapestry repair")
    #expect(firewall({ _ in }, isInUse: false)?.verdict == .ok)
    let passed = firewall {
      $0.accepted = Set(
        ForeignForward.acceptances(.v4(IPv4Prefix(known: IPv4Address(172, 16, 0, 0), prefixLength: 12))))
    }
    #expect(passed?.verdict == .ok && passed?.message.hasSuffix("after its own drop rules") == true)
    let owned = firewall {
      $0.obstacle = .owned
      $0.chain = ForeignChain(table: .inet("firewalld"), name: "filter_FORWARD")
    }
    #expect(owned?.verdict == .problem)
    #expect(
      owned?.advice == "firewall-cmd --permanent --zone=trusted --add-source=172.30.0.0/24 && firewall-cmd --reload")
    let unreadable = firewall {
      $0.obstacle = .unreadable("EBADMSG")
      $0.chain.table = .legacy(.v4, "filter")
    }
    #expect(unreadable?.verdict == .warning)
    #expect(unreadable?.advice?.hasSuffix("iptables-legacy -S FORWARD") == true)
  }

  @Test("a chain of IPv6 is looked at where a network has it, and mended like the others")
  func firewalls6() throws {
    var network = Self.network
    network.subnet6 = "fd00::/64"
    var observed = Observed(sysctls: [.ipv4Forward: "1", .ipv6Forward: "1"])
    observed.routes = [ObservedRoute(destination: try IPPrefix(parsing: "::/0"))]
    let chain = ForeignChain(table: .ip6("filter"), name: "FORWARD")
    observed.foreignForwards = [ForeignForward(chain: chain, family: .v6, place: chain, drops: true)]
    func off(_ networks: Network...) -> [Finding] {
      findings(Self.healthy, observed, networks: networks).filter { $0.verdict != .ok }
    }
    #expect(off(Self.network) == [])
    #expect(off(Self.network, network).map(\.advice) == ["tapestry repair"])
    observed.foreignForwards[0].obstacle = .owned
    let owned = try #require(off(network).first)
    #expect(owned.verdict == .problem && owned.message.contains("IPv6 packets"))
    #expect(
      owned.advice == "ip6tables -I FORWARD -s fd00::/64 -j ACCEPT; ip6tables -I FORWARD -d fd00::/64 -j ACCEPT")
  }

  @Test("advice goes where a chain's owner means others' rules to go")
  func advice() {
    func advice(
      _ table: ForeignChain.Table, _ name: String, place: String? = nil, _ text: String = "172.30.0.0/24"
    ) -> String? {
      guard let prefix = try? IPPrefix(parsing: text) else { return nil }
      let chain = ForeignChain(table: table, name: name)
      let place = ForeignChain(table: table, name: place ?? name)
      return ForeignForward(chain: chain, family: prefix.family, place: place, drops: true).advice(for: prefix)
    }
    #expect(
      advice(.ip("filter"), "FORWARD", place: "DOCKER-USER")
        == "iptables -I DOCKER-USER -s 172.30.0.0/24 -j ACCEPT; iptables -I DOCKER-USER -d 172.30.0.0/24 -j ACCEPT")
    #expect(
      advice(.legacy(.v4, "mangle"), "FORWARD")?.hasPrefix("iptables-legacy -t mangle -I FORWARD -s 172.30.0.0/24")
        == true)
    #expect(advice(.legacy(.v4, "filter"), "FORWARD")?.hasPrefix("iptables-legacy -I FORWARD -s") == true)
    #expect(
      advice(.legacy(.v6, "filter"), "FORWARD", "fd00::/64")?.hasPrefix("ip6tables-legacy -I FORWARD -s fd00::/64")
        == true)
    #expect(
      advice(.inet("mine"), "fwd", "fd00::/64")
        == "nft insert rule inet mine fwd ip6 saddr fd00::/64 accept; "
        + "nft insert rule inet mine fwd ip6 daddr fd00::/64 accept")
    // Behind what somebody denies.
    func behind(_ count: Int, isAtEnd: Bool, _ table: ForeignChain.Table) -> String? {
      guard let prefix = try? IPPrefix(parsing: "172.30.0.0/24") else { return nil }
      let chain = ForeignChain(table: table, name: "FORWARD")
      var forward = ForeignForward(chain: chain, family: .v4, place: chain, drops: true)
      (forward.precedingRules, forward.isAtEnd) = (count, isAtEnd)
      return forward.advice(for: prefix)
    }
    #expect(behind(2, isAtEnd: false, .ip("filter"))?.hasPrefix("iptables -I FORWARD 3 -s") == true)
    #expect(
      behind(2, isAtEnd: false, .inet("mine"))?.hasPrefix("nft add rule inet mine FORWARD index 1 ip saddr") == true)
    #expect(behind(2, isAtEnd: true, .inet("mine"))?.hasPrefix("nft add rule inet mine FORWARD ip saddr") == true)
    #expect(advice(.inet("firewalld"), "filter_FORWARD", "fd00::/64")?.contains("--add-source=fd00::/64 ") == true)
    #expect(
      advice(.inet("mine"), "fwd")
        == "nft insert rule inet mine fwd ip saddr 172.30.0.0/24 accept; "
        + "nft insert rule inet mine fwd ip daddr 172.30.0.0/24 accept")
  }

  @Test("forwarding that is off is as it should be before the first network, and a problem after")
  func forwarding() {
    let off = Observed(sysctls: [.ipv4Forward: "0"])
    #expect(findings(Self.healthy, off, isInUse: false).allSatisfy { $0.verdict == .ok })
    #expect(findings(Self.healthy, off).filter { $0.verdict == .problem }.map(\.subject) == ["forwarding"])
  }

  @Test("arp_ignore is a problem where a network depends on it")
  func arpIgnore() {
    let set = Observed(sysctls: [.ipv4Forward: "1", Desired.arpIgnore: "1"])
    var routed = Self.network
    routed.mode = .routed
    #expect(findings(Self.healthy, set).first { $0.subject == "arp_ignore" }?.verdict == .warning)
    #expect(findings(Self.healthy, set, networks: [routed]).first { $0.subject == "arp_ignore" }?.verdict == .problem)
  }

  @Test("a subnet that the host has elsewhere, and a bridge that is nearly full, are told of")
  func networks() {
    var observed = Observed(sysctls: [.ipv4Forward: "1"])
    observed.links["svbr0"] = ObservedLink(
      index: 1, name: "svbr0", kind: "bridge", mark: Self.network.mark, mtu: 1500, isUp: true)
    for index in 2..<1_000 {
      observed.links["t\(index)"] = ObservedLink(
        index: Int32(index), name: "t\(index)", mtu: 1500, isUp: true, master: 1)
    }
    #expect(findings(Self.healthy, observed).filter { $0.verdict != .ok }.map(\.subject) == ["ports"])
    observed.links["t5"]?.addresses = [.v4(Self.network.subnet.lastGuest): 24]
    let overlap = findings(Self.healthy, observed).first { $0.subject == "subnet" && $0.verdict == .problem }
    #expect(overlap?.network == Self.network.name)
  }
}
