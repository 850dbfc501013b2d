import NetTypes

/// Others' firewalls: every network is let through each chain that would drop its packets, and nothing else is.
extension Plan {
  mutating func mendForeign(_ desired: Desired, _ observed: Observed) {
    for forward in observed.foreignForwards {
      for network in desired.networks { mend(network, in: forward) }
      retract(desired, from: forward)
    }
  }

  private mutating func mend(_ network: Network, in forward: ForeignForward) {
    guard let prefix = network.prefix(forward.family) else { return }
    let wanted = ForeignForward.acceptances(prefix)
    let rules = forward.marked.filter { $0.network == network.name }
    let isPassed = forward.lets(prefix)
    if forward.obstacle != nil {
      guard !forward.passes(network) else { return }
      return notices.append(
        Conflict(error: .closed(forward, to: network, prefix), network: network.name))
    }
    // Where others' rules let it through, none of ours is needed; those that are there stay.
    guard forward.drops, !(isPassed && rules.isEmpty) else { return }
    let present = rules.filter { $0.chain == forward.place }.map(\.accepts)
    if !wanted.allSatisfy(present.contains) {
      add(
        .letThrough(network.name, prefix, forward.place),
        "chain '\(forward.chain)' drops \(forward.packets) of network \(network.name)", network: network.name)
    } else if present.count > wanted.count {
      add(
        .letThrough(network.name, prefix, forward.place),
        "chain '\(forward.place)' has more accepts for network \(network.name) than it needs", network: network.name)
    }
  }

  /// What of ours is left in the chain, of networks that are gone or no longer need it.
  private mutating func retract(_ desired: Desired, from forward: ForeignForward) {
    guard forward.obstacle == nil else { return }
    var seen: Set<ForeignForward.Marked> = []
    for rule in forward.marked {
      let isWanted =
        forward.drops && rule.chain == forward.place
        && desired.networks.contains { $0.name == rule.network && $0.prefix(forward.family) != nil }
      let place = ForeignForward.Marked(chain: rule.chain, network: rule.network)
      guard !isWanted, seen.insert(place).inserted else { continue }
      add(
        .retract(rule.network, forward.family, rule.chain),
        "chain '\(rule.chain)' still has accepts for network \(rule.network)",
        network: rule.network)
    }
  }
}

extension TapestryError {
  /// Somebody else's chain drops a network's packets, and is not ours to change.
  fileprivate static func closed(
    _ forward: ForeignForward, to network: Network, _ prefix: IPPrefix
  ) -> TapestryError {
    TapestryError(
      .notOwned,
      "chain '\(forward.chain)' drops \(forward.packets) of network \(network.name), and cannot be changed from here: "
        + forward.advice(for: prefix))
  }
}

extension ForeignForward {
  /// What it drops, in words.
  fileprivate var packets: String {
    switch family {
    case .v4: "packets"
    case .v6: "IPv6 packets"
    }
  }
}
