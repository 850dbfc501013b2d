import Glibc
import Linux
import NFTables
import NetTypes
import Netlink
import RouteNetlink

extension LinuxHost {
  /// What `Diagnosis` needs; changes nothing.
  func facts() throws(TapestryError) -> HostFacts {
    var facts = HostFacts()
    facts.mayAdminister = Self.hasNetworkAdministration
    do throws(SystemError) { try File.open("/dev/net/tun", flags: O_RDWR).close() } catch {
      facts.tunFailure = "\(error)"
    }
    facts.rehearsal = Rehearsal.hold()
    facts.bridgeNetfilter = Self.value("net/bridge/bridge-nf-call-iptables")
    if let count = Self.number("net/netfilter/nf_conntrack_count"),
      let limit = Self.number("net/netfilter/nf_conntrack_max")
    {
      facts.connections = .init(count: count, limit: limit)
    }
    // Where iptables-legacy is not in use there is no such file.
    let legacy = (try? File.readLine("/proc/net/ip_tables_names")) ?? ""
    facts.legacyTables = legacy.split(separator: "\n").map(String.init)
    do throws(NetlinkError) {
      facts.uplinks = try uplinks()
      if facts.mayAdminister { try readFirewalls(into: &facts) }
    } catch {
      throw TapestryError(error)
    }
    return facts
  }

  private func uplinks() throws(NetlinkError) -> [HostFacts.Uplink] {
    let indices = try route.routes(family: .inet).filter { $0.table == .main && $0.destination.prefixLength == 0 }
      .compactMap(\.outputLink)
    return try route.links().filter { indices.contains($0.index) }
      .map { HostFacts.Uplink(name: $0.name, mtu: Int($0.mtu)) }
  }

  private func readFirewalls(into facts: inout HostFacts) throws(NetlinkError) {
    let ours = Set(RulesetTables.tables.map(\.id))
    for family in [Family.ip, .inet] {
      for table in try tables.tables(family) where !ours.contains(table.id) {
        for chain in try tables.chains(of: table.id) {
          let isFilter = table.id.family == .ip && table.id.name == "filter"
          if isFilter, chain.id.name == "DOCKER-USER" { facts.hasDockerUser = true }
          guard let base = chain.base, base.hook == .forward, base.policy == .drop else { continue }
          let isOfIPTables = isFilter && chain.id.name == "FORWARD"
          let rules = try tables.rules(of: table.id).map(\.rule)
            .filter { $0.chain == chain.id || isOfIPTables && $0.chain.name == "DOCKER-USER" }
          facts.droppingChains.append(
            .init(
              name: "\(chain.id)", isOfIPTables: isOfIPTables, accepted: Set(rules.compactMap(\.acceptedNetwork))))
        }
      }
    }
  }

  /// CAP_NET_ADMIN, bit 12 of the effective set: capabilities(7).
  private static var hasNetworkAdministration: Bool {
    let lines = (try? File.readLine("/proc/thread-self/status"))?.split(separator: "\n") ?? []
    let set = lines.first { $0.hasPrefix("CapEff:") }?.split(separator: "\t").last
    return set.flatMap { UInt64($0, radix: 16) }.map { $0 & (1 << 12) != 0 } ?? false
  }

  /// nil where the kernel has no such setting, or does not show it.
  private static func value(_ name: String) -> String? { try? Sysctl(rawValue: name).read() }

  private static func number(_ name: String) -> Int? { value(name).flatMap { Int($0) } }
}

extension Rule {
  /// The network that the rule lets packets through to, or from: of `ip saddr 172.30.0.0/24 accept`, and of what
  /// iptables(8) makes of `-s 172.30.0.0/24 -j ACCEPT`. nil for a rule that says anything else.
  fileprivate var acceptedNetwork: HostFacts.DroppingChain.Accepted? {
    var loaded: Payload?
    var accepted: HostFacts.DroppingChain.Accepted?
    for expression in expressions {
      switch expression.kind {
      case .payload(let payload) where payload.base == .network && [12, 16].contains(payload.offset): loaded = payload
      case .bitwise, .counter, .meta: continue
      case .cmp(let comparison) where comparison.operation == .equal:
        guard let payload = loaded else { continue }
        let bytes = comparison.value + [UInt8](repeating: 0, count: max(0, 4 - comparison.value.count))
        accepted = IPv4Address(bytes: bytes).map { .init(isSource: payload.offset == 12, network: $0) }
        loaded = nil
      case .immediate(.verdict(.accept)): return accepted
      default: return nil
      }
    }
    return nil
  }
}
