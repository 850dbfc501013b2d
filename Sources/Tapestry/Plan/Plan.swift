import NetTypes

/// The difference between what should be and what is: a value, computed without asking anybody, printed, then applied
/// in order.
struct Plan: Hashable, Sendable {
  var items: [Item] = []
  /// What stands in the way and is not ours to move.
  var conflicts: [Conflict] = []

  /// A step, and the drift that it mends.
  struct Item: Hashable, Sendable {
    var step: Step
    var drift: String
    /// The network that the step is for; nil where it is for all.
    var network: Identifier?
    /// The attachment that the step is for; nil where it is for the whole network.
    var key: AttachmentKey?
  }

  /// What cannot be mended, and whom it concerns, as in an item.
  struct Conflict: Hashable, Sendable {
    var error: TapestryError
    var network: Identifier?
    var key: AttachmentKey?
  }

  var isEmpty: Bool { items.isEmpty && conflicts.isEmpty }
  var steps: [Step] { items.map(\.step) }

  /// The steps without which the attachment cannot be: the ruleset's, its network's, and its own.
  func needed(for key: AttachmentKey, of network: Identifier) -> Plan {
    needed(for: network) { $0 == nil || $0 == key }
  }

  /// The steps that the network itself needs, without its guests.
  func needed(for network: Identifier) -> Plan {
    needed(for: network) { $0 == nil }
  }

  private func needed(for network: Identifier, _ includes: (AttachmentKey?) -> Bool) -> Plan {
    Plan(
      items: items.filter { ($0.network == nil || $0.network == network) && includes($0.key) },
      conflicts: conflicts.filter { ($0.network == nil || $0.network == network) && includes($0.key) })
  }

  mutating func add(_ step: Step, _ drift: String, network: Identifier? = nil, key: AttachmentKey? = nil) {
    items.append(Item(step: step, drift: drift, network: network, key: key))
  }
}

extension Plan {
  /// What makes the attachment of a network that is up: the fast path, which asks the kernel nothing.
  static func attach(_ guest: Desired.Guest) -> Plan {
    var plan = Plan()
    let drift = "\(guest.lease.key) is not attached"
    let network = guest.network.name
    plan.add(
      .changeRuleset(RulesetChange(addedGuests: [Ruleset.GuestFacts(guest.lease)])), drift, network: network,
      key: guest.lease.key)
    plan.add(.createTap(guest), drift, network: network, key: guest.lease.key)
    return plan
  }
}
