import Glibc
import Linux
import NFTables
import NetTypes
import RouteNetlink

extension LinuxHost {
  /// Collects what `Diagnosis` needs. Changes nothing.
  func facts() throws(TapestryError) -> HostFacts {
    var facts = HostFacts()
    facts.mayAdminister = Self.hasNetworkAdministration
    do throws(KernelError) { try File.open("/dev/net/tun", flags: O_RDWR).close() } catch {
      facts.tunFailure = "\(error)"
    }
    facts.rehearsal = Rehearsal.hold()
    do throws(KernelError) { facts.checksumFilterFailure = try LinkDriver.checksumFilterRefusal() } catch {
      facts.checksumFilterFailure = "\(error)"
    }
    facts.refusesListing = ListingProbe.isRefused()
    facts.keepsTables = ListingProbe.isKept
    facts.nameServerProgram = NameServerProgram.path
    facts.firstUnprivilegedPort = Self.number("net/ipv4/ip_unprivileged_port_start") ?? facts.firstUnprivilegedPort
    facts.bridgeNetfilter = Self.value("net/bridge/bridge-nf-call-iptables")
    if let count = Self.number("net/netfilter/nf_conntrack_count"),
      let limit = Self.number("net/netfilter/nf_conntrack_max")
    {
      facts.connections = .init(count: count, limit: limit)
    }
    do throws(KernelError) {
      facts.uplinks = try uplinks()
      for family in IPFamily.allCases {
        facts.routingRules += try links.route.rules(family).compactMap(HostFacts.RoutingRule.init)
      }
    } catch { throw TapestryError(error) }
    return facts
  }

  private func uplinks() throws(KernelError) -> [HostFacts.Uplink] {
    // The same condition as in `Observed.defaultRoutes`.
    let indices = try links.route.routes(family: .inet).filter { $0.table == .main && $0.destination.prefixLength <= 1 }
      .flatMap(\.outputLinks)
    return try links.route.links().filter { indices.contains($0.index) }
      .map { link in
        let filters = ["all", link.name].compactMap { Self.number("net/ipv4/conf/\($0)/rp_filter") }
        return HostFacts.Uplink(
          name: link.name, mtu: Int(link.mtu), reversePathFilter: filters.max() ?? 0,
          forwards: link.ipv4[.forwarding] != 0)
      }
  }

  /// CAP_NET_ADMIN, bit 12 of the effective set: capabilities(7).
  private static var hasNetworkAdministration: Bool {
    let lines = (try? File.readLine("/proc/thread-self/status"))?.split(separator: "\n") ?? []
    let set = lines.first { $0.hasPrefix("CapEff:") }?.split(separator: "\t").last
    return set.flatMap { UInt64($0, radix: 16) }.map { $0 & (1 << 12) != 0 } ?? false
  }

  /// Returns nil if the kernel has no such setting, or does not show it.
  private static func value(_ name: String) -> String? { try? Sysctl(rawValue: name).read() }

  private static func number(_ name: String) -> Int? { value(name).flatMap { Int($0) } }
}

extension HostFacts.RoutingRule {
  /// Returns nil for a rule that jumps to another rule.
  fileprivate init?(_ rule: PolicyRule) {
    self.init(family: rule.family, priority: rule.priority)
    switch rule.action {
    case .lookup(let number): table = number.rawValue
    case .refuse: table = nil
    case .other: return nil
    }
    (source, destination, inputLink) = (rule.source, rule.destination, rule.inputLink)
    suppressed = rule.suppressedPrefixLength
    isInverted = rule.isInverted
    // Unmarked packets are all packets except those that a VPN sends itself.
    let isForUnmarked = rule.isInverted && rule.hasMark && source == nil && destination == nil && inputLink == nil
    isConditional = rule.hasMore || rule.outputLink != nil || (rule.hasMark || rule.isInverted) && !isForUnmarked
  }
}
