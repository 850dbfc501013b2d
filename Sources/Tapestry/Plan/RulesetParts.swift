/// Parts of the ruleset that only some networks need. Their chains, and the rules that lead to them, exist while there is
/// such a network: a hook costs each packet of the host.
struct RulesetParts: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  /// Networks whose guests are bridge ports.
  static let bridges = RulesetParts(rawValue: 1)
  static let clones = RulesetParts(rawValue: 2)
  static let ipv6 = RulesetParts(rawValue: 4)

  /// From the parts that exist to those that should.
  struct Change: Hashable, Sendable {
    var old: RulesetParts
    var new: RulesetParts

    /// Returns nil if nothing changes.
    init?(from old: RulesetParts, to new: RulesetParts) {
      guard old != new else { return nil }
      (self.old, self.new) = (old, new)
    }

    var onlyAdds: Bool { new.isSuperset(of: old) }
    var onlyRemoves: Bool { new.isSubset(of: old) }
  }
}

extension Sequence<Ruleset.NetworkFacts> {
  var parts: RulesetParts {
    reduce(into: []) { parts, network in
      switch network.mode {
      case .bridge: parts.insert(.bridges)
      case .clone: parts.insert(.clones)
      case .routed: break
      }
      if network.subnet6 != nil { parts.insert(.ipv6) }
    }
  }
}
