import Linux
import NFTables

/// Other programs' firewalls, in nf_tables and in iptables-legacy: what they do with guests' packets, and our accepts in them.
final class FirewallDriver {
  let ruleset: RulesetDriver

  /// - Parameter ruleset: whose nf_tables socket this uses.
  init(_ ruleset: RulesetDriver) { self.ruleset = ruleset }

  /// The tables that see IP packets, without ours.
  func tables() throws(KernelError) -> [Table] {
    let ours = Set(RulesetTables.tables.map(\.id))
    return try ruleset.tables.tables().filter { $0.id.family.isOfIP && !ours.contains($0.id) }
  }

  /// Reads the tables that are in use. One that has been deleted meanwhile, or that a newer kernel made, does not prevent
  /// the rest.
  func readTables<Value>(_ read: (Table) throws(KernelError) -> [Value]) throws(KernelError) -> [Value] {
    var found: [Value] = []
    for table in try tables() where !table.flags.contains(.dormant) {
      do throws(KernelError) { found += try read(table) } catch {
        guard [.noSuchFile, .badMessage].contains(error.errno) else { throw error }
      }
    }
    return found
  }
}

extension Family {
  /// Returns true for families whose tables see IP packets that the host receives, forwards or sends.
  fileprivate var isOfIP: Bool { [.ip, .ip6, .inet].contains(self) }
}
