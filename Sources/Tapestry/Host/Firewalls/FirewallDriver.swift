/// Other programs' firewalls, in nf_tables and in iptables-legacy: what they do with guests' packets, and our accepts in them.
final class FirewallDriver {
  let ruleset: RulesetDriver

  /// - Parameter ruleset: whose nf_tables socket this uses.
  init(_ ruleset: RulesetDriver) { self.ruleset = ruleset }
}
