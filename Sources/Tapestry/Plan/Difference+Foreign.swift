import NetTypes

/// Other firewalls: each chain that would drop a network's packets gets accept rules for that network, and no others.
extension Plan {
  mutating func repairForeign(_ desired: Desired, _ observed: Observed) {
    for forward in observed.foreignForwards {
      for network in desired.networks { repair(network, in: forward) }
      removeAccepts(desired, from: forward, observed)
    }
  }

  private mutating func repair(_ network: Network, in forward: ForeignForward) {
    guard network.settings.opensFirewalls, let prefix = network.prefix(forward.family) else { return }
    let wanted = ForeignForward.acceptances(prefix)
    let rules = forward.marked.filter { $0.network == network.name }
    let isPassed = forward.accepts(prefix)
    if forward.obstacle != nil {
      guard !forward.passes(network) else { return }
      return notices.append(Conflict(error: .closed(forward, to: network, prefix), network: network.name))
    }
    // If foreign rules accept the network, none of ours is needed. Existing rules of ours stay.
    guard forward.drops, !(isPassed && rules.isEmpty) else { return }
    let present = rules.filter { $0.chain == forward.place }
    let inPlace = present.filter(\.isInPlace).map(\.accepts)
    let drift: String
    if wanted.allSatisfy(inPlace.contains) {
      guard present.count > wanted.count else { return }
      drift = "chain '\(forward.place)' has more accept rules for network \(network.name) than needed"
    } else if wanted.allSatisfy(present.map(\.accepts).contains) {
      drift =
        "chain '\(forward.place)' accepts \(forward.packets) of network \(network.name) before a rule that drops some, or "
        + "after one that drops all"
    } else {
      drift = "chain '\(forward.chain)' drops \(forward.packets) of network \(network.name)"
    }
    add(.addAccepts(network.name, prefix, forward.place), drift, network: network.name)
  }

  /// Removes our accept rules for networks that are gone or no longer need them.
  private mutating func removeAccepts(_ desired: Desired, from forward: ForeignForward, _ observed: Observed) {
    guard forward.obstacle != .owned else { return }
    for rule in forward.marked {
      // A place that several chains lead to serves each of them.
      let isPlace = observed.foreignForwards.contains {
        $0.drops && $0.obstacle == nil && $0.place == rule.chain && $0.family == forward.family
      }
      let isWanted =
        isPlace
        && desired.networks.contains {
          $0.name == rule.network && $0.settings.opensFirewalls && $0.prefix(forward.family) != nil
        }
      let step = Step.removeAccepts(rule.network, forward.family, rule.chain)
      guard !isWanted, !steps.contains(step) else { continue }
      add(step, "chain '\(rule.chain)' still has accept rules for network \(rule.network)", network: rule.network)
    }
  }
}

extension TapestryError {
  /// A foreign chain that Tapestry may not change drops a network's packets.
  fileprivate static func closed(_ forward: ForeignForward, to network: Network, _ prefix: IPPrefix) -> TapestryError {
    TapestryError(
      .notOwned,
      "chain '\(forward.chain)' drops \(forward.packets) of network \(network.name) and \(forward.reason): "
        + forward.advice(for: prefix))
  }
}

extension ForeignForward {
  /// Why the chain is not changed, in words.
  fileprivate var reason: String {
    guard obstacle == .shared else { return "Tapestry cannot change it" }
    return "accept rules in '\(place)' would also accept packets to or from the host"
  }

  /// The packets that the chain drops, in words.
  var packets: String { family == .v4 ? "packets" : "IPv6 packets" }
}
