import Linux
import NetTypes

/// What is right and wrong with a host: a pure function of the observed facts.
struct Diagnosis {
  var facts: HostFacts
  /// nil if the process lacks the privilege to observe.
  var observed: Observed?
  /// The networks in the state file. If there are none yet, the network `default` as it would be made.
  var networks: [Network]
  /// Whether the networks exist, rather than would be made.
  var isInUse: Bool

  var findings: [Finding] {
    var findings = kernel
    if let observed {
      findings += [forwarding(observed), arp(observed)].compactMap(\.self)
      findings +=
        overlaps(.v4, observed) + ipv6(observed) + ports(observed) + redirections(observed) + routingRules(observed)
        + [connectionLimits(observed)].compactMap(\.self)
    }
    return findings + [keptRuleset, bridgeNetfilter, nameServer, nameServerPorts].compactMap(\.self) + firewalls
      + services + uplinks + [reversePathFilter, connections].compactMap(\.self)
  }

  /// Returns nil if the kernel accepts nft(8)'s listing of the tables.
  private var keptRuleset: Finding? {
    guard facts.refusesListing else { return nil }
    let message = "this kernel rejects Tapestry's tables as listed by nft 1.0.6 (Debian 12)"
    guard facts.keepsTables else {
      return Finding("nftables.conf", .ok, "\(message): keep them out of /etc/nftables.conf")
    }
    return Finding(
      "nftables.conf", .warning,
      "\(message); /etc/nftables.conf contains them, so nft would load nothing when the host starts",
      advice: "delete the tables 'tapestry' from /etc/nftables.conf, and run tapestry repair at boot instead")
  }

  /// Returns nil if no network wants a name server.
  private var nameServer: Finding? {
    let names = networks.filter { $0.settings.nameServer != nil }.map(\.name.rawValue)
    guard !names.isEmpty else { return nil }
    if let path = facts.nameServerProgram { return Finding("dnsmasq", .ok, "\(path) serves names to guests") }
    return Finding(
      "dnsmasq", .problem, "dnsmasq is not installed, but needed by \(names.joined(separator: ", "))",
      advice: "apt-get install dnsmasq-base, then tapestry repair")
  }

  /// Returns nil if only root can bind the ports.
  private var nameServerPorts: Finding? {
    let first = facts.firstUnprivilegedPort
    let last = NameServerRole.allCases.map(\.port).max() ?? 0
    guard networks.contains(where: { $0.settings.nameServer != nil }), first <= last else { return nil }
    return Finding(
      "dns_ports", .warning,
      "net.ipv4.ip_unprivileged_port_start is \(first): any user's program may listen beside the name servers and "
        + "answer guests in their place",
      advice: "sysctl net.ipv4.ip_unprivileged_port_start=1024")
  }

  // MARK: The kernel

  private var kernel: [Finding] {
    [
      facts.mayAdminister
        ? Finding("privilege", .ok, "this process has CAP_NET_ADMIN")
        : Finding(
          "privilege", .problem, "this process lacks CAP_NET_ADMIN",
          advice: "run tapestry as root, or with CAP_NET_ADMIN"),
      facts.tunFailure.map {
        Finding(
          "tun", .problem, $0,
          advice: facts.mayAdminister
            ? "modprobe tun (in a container: give it the device /dev/net/tun)" : "run tapestry as root")
      } ?? Finding("tun", .ok, "/dev/net/tun can be opened"),
    ] + rehearsal + [checksums]
  }

  private var checksums: Finding {
    guard let reason = facts.checksumFilterFailure else {
      return Finding("checksums", .ok, "guests' checksums can be written only to checksum fields")
    }
    return Finding(
      "checksums", .warning,
      "\(reason): a compromised VMM can change two bytes of a packet after every filter, such as its port or address, "
        + "if the uplink leaves checksums to the kernel",
      advice:
        "run tapestry as root on a kernel with BPF and BTF (CONFIG_NET_CLS_BPF, CONFIG_DEBUG_INFO_BTF; Linux 5.8), or "
        + "turn off guests' checksum offload (virtio-net: csum=off)")
  }

  private func forwarding(_ observed: Observed) -> Finding {
    if observed.sysctls[.ipv4Forward] == "1" { return Finding("forwarding", .ok, "IPv4 forwarding is on") }
    guard isInUse else { return Finding("forwarding", .ok, "IPv4 forwarding is off; the first network turns it on") }
    return Finding(
      "forwarding", .problem, "IPv4 forwarding is off: guests cannot reach the outside", advice: "tapestry repair")
  }

  private func arp(_ observed: Observed) -> Finding? {
    guard let value = observed.sysctls[Desired.arpIgnore], value != "0" else { return nil }
    return Finding(
      "arp_ignore", networks.contains { $0.mode != .bridge } ? .problem : .warning,
      "net.ipv4.conf.all.arp_ignore is \(value): guests of routed and clone networks cannot find their gateway",
      advice: "sysctl net.ipv4.conf.all.arp_ignore=0")
  }

  private var bridgeNetfilter: Finding? {
    guard facts.bridgeNetfilter == "1" else { return nil }
    return Finding(
      "br_netfilter", .ok,
      "bridged frames also pass the host's IP firewall. Tapestry's rules apply either way")
  }

  // MARK: Networks

  func overlaps(_ family: IPFamily, _ observed: Observed) -> [Finding] {
    networks.compactMap { network in
      guard let prefix = network.prefix(family) else { return nil }
      let others = networks.filter { $0.name != network.name }
      let own = isInUse ? network.mark : nil
      guard let overlap = Overlap.first(of: prefix, others: others, observed: observed, except: own) else {
        return Finding("subnet", .ok, "\(prefix) of network \(network.name) overlaps nothing", network: network.name)
      }
      return Finding(
        "subnet", .problem, "\(prefix) of network \(network.name) overlaps \(overlap)",
        advice: "create another network with --subnet\(family == .v6 ? "6" : ""), and move the guests there",
        network: network.name)
    }
  }

  private func ports(_ observed: Observed) -> [Finding] {
    networks.compactMap { network in
      guard network.mode == .bridge, let bridge = observed.links[network.bridge.rawValue] else { return nil }
      let count = observed.links.values.filter { $0.master == bridge.index }.count
      let message = "\(network.bridge) of network \(network.name) has \(count) of 1,023 ports"
      guard count > 920 else { return Finding("ports", .ok, message, network: network.name) }
      return Finding(
        "ports", .warning, message, advice: "tapestry network create NAME --mode routed, which has no such limit",
        network: network.name)
    }
  }

  // MARK: The outside

  private var uplinks: [Finding] {
    guard !facts.uplinks.isEmpty else {
      return [
        Finding(
          "uplink", .warning, "there is no default route: guests reach only this host's own networks",
          advice: "ip route add default via GATEWAY")
      ]
    }
    return facts.uplinks.map { uplink in
      let message = "\(uplink.name) is an uplink with MTU \(uplink.mtu)"
      if !uplink.forwards, observed?.sysctls[.ipv4Forward] == "1" {
        let name = uplink.name.replacing(".", with: "/")
        return Finding(
          "uplink", .problem,
          "\(uplink.name) is an uplink, but packets received on it are not forwarded: guests get no replies",
          advice: "sysctl net.ipv4.conf.\(name).forwarding=1")
      }
      let wider = networks.filter { $0.mtu > uplink.mtu }.map(\.name.rawValue)
      guard !wider.isEmpty else { return Finding("uplink", .ok, message) }
      return Finding(
        "uplink", .warning,
        "\(message), less than that of \(wider.joined(separator: ", ")). TCP adapts (MSS clamping); other protocols need path "
          + "MTU discovery",
        advice: "create these networks again with --mtu \(uplink.mtu)")
    }
  }

  private var reversePathFilter: Finding? {
    let strict = facts.uplinks.filter { $0.reversePathFilter == 1 }.map(\.name)
    guard !facts.uplinks.isEmpty else { return nil }
    guard !strict.isEmpty else { return Finding("rp_filter", .ok, "no uplink has strict reverse path filtering") }
    let message =
      "\(strict.joined(separator: ", ")) take\(strict.count == 1 ? "s" : "") only packets whose return route uses the same link"
    guard facts.uplinks.count > 1 else { return Finding("rp_filter", .ok, message) }
    return Finding(
      "rp_filter", .warning, "\(message): replies to guests on another uplink are dropped",
      advice: strict.map { "sysctl net.ipv4.conf.\($0.replacing(".", with: "/")).rp_filter=2" }.joined(separator: "; "))
  }

  private var connections: Finding? {
    guard let usage = facts.connections, usage.limit > 0 else { return nil }
    let message = "\(usage.count) of \(usage.limit) connections are tracked"
    let share = Double(usage.count) / Double(usage.limit)
    guard share > 0.8 else { return Finding("conntrack", .ok, message) }
    return Finding(
      "conntrack", share > 0.95 ? .problem : .warning, message + "; if the table is full, new ones are dropped",
      advice: "sysctl net.netfilter.nf_conntrack_max=\(usage.limit * 4)")
  }
}
