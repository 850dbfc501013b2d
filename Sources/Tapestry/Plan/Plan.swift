import NetTypes

/// The difference between what should be and what is: a value, computed without asking anybody, printed, then applied
/// in order.
struct Plan: Hashable, Sendable {
  var items: [Item] = []
  /// What stands in the way and is not ours to move.
  var conflicts: [Conflict] = []
  /// What is off, not ours to mend, and no reason not to carry out the rest.
  var notices: [Conflict] = []
  /// What stays as it is and is no drift, to be told to whoever carries the plan out.
  var remarks: [String] = []

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

  var isEmpty: Bool { items.isEmpty && conflicts.isEmpty && notices.isEmpty }
  var steps: [Step] { items.map(\.step) }

  /// The part that concerns the whole host, or these networks and their attachments.
  func concerning(_ networks: Set<Identifier>) -> Plan {
    filtered { network, _ in network.map(networks.contains) ?? true }
  }

  /// The part that concerns the whole host, this network, and of its attachments only `key`.
  func concerning(_ network: Identifier, only key: AttachmentKey? = nil) -> Plan {
    filtered { ($0 == nil || $0 == network) && ($1 == nil || $1 == key) }
  }

  /// The part that concerns the whole host, and these attachments with their networks.
  func concerning(_ guests: [Desired.Guest]) -> Plan {
    let (networks, keys) = (Set(guests.map(\.network.name)), Set(guests.map(\.lease.key)))
    return filtered { network, key in
      (network.map(networks.contains) ?? true) && (key.map(keys.contains) ?? true)
    }
  }

  /// The networks whose name servers are to start or to end, which others are not to be kept waiting for.
  var servedNetworks: Set<Identifier> {
    Set(items.filter(\.step.traits.waitsForProcess).compactMap(\.network))
  }

  /// The part that waits for no process.
  var withoutServing: Plan {
    var copy = self
    copy.items.removeAll { $0.step.traits.waitsForProcess }
    return copy
  }

  /// The part that takes away what nothing desires. What stands in the way of the rest is none of its business.
  var removals: Plan {
    Plan(items: items.filter(\.step.traits.onlyRemoves), remarks: remarks)
  }

  /// Without the deletion of TAPs that somebody has open: their guests run, whatever the state file knows of them.
  func sparingOpenTaps(_ observed: Observed) -> Plan {
    var copy = self
    copy.items = []
    for item in items {
      guard case .deleteLink(let name, _, let mark) = item.step, let link = observed.links[name], link.kind == "tun",
        link.isOpen
      else {
        copy.items.append(item)
        continue
      }
      let error = TapestryError(
        .attachmentConflict,
        "TAP \(name) (\(mark.alias)) is in no state file, and a process has it open: it stays. End that process, or take "
          + "everything down with 'tapestry cleanup'")
      copy.notices.append(Conflict(error: error, network: item.network, key: item.key))
    }
    return copy
  }

  /// The part that is not of these attachments.
  func leaving(_ keys: Set<AttachmentKey>) -> Plan {
    filtered { _, key in key.map { !keys.contains($0) } ?? true }
  }

  private func filtered(_ includes: (Identifier?, AttachmentKey?) -> Bool) -> Plan {
    Plan(
      items: items.filter { includes($0.network, $0.key) },
      conflicts: conflicts.filter { includes($0.network, $0.key) },
      notices: notices.filter { includes($0.network, $0.key) }, remarks: remarks)
  }

  mutating func add(_ step: Step, _ drift: String, network: Identifier? = nil, key: AttachmentKey? = nil) {
    items.append(Item(step: step, drift: drift, network: network, key: key))
  }
}

extension Plan {
  /// What unmakes attachments: traffic stops before the links go.
  /// - Parameter linksFirst: traffic stops with the links, and the ruleset forgets the guests afterwards.
  static func detach(_ guests: [Desired.Guest], linksFirst: Bool = false) -> Plan {
    var plan = Plan()
    if !linksFirst { for guest in guests { plan.stop(guest) } }
    for guest in guests {
      plan.add(
        .deleteTap(guest), "\(guest.lease.key) is leaving", network: guest.network.name, key: guest.lease.key)
    }
    if linksFirst { for guest in guests { plan.stop(guest) } }
    for guest in guests where guest.network.nameServer != nil {
      plan.add(
        .forgetNames(guest.network.name, guest.lease.address.description), "\(guest.lease.key) is leaving",
        network: guest.network.name, key: guest.lease.key)
    }
    return plan
  }

  /// Takes a guest out of the ruleset.
  mutating func stop(_ guest: Desired.Guest) {
    add(
      .changeRuleset(RulesetChange(removedGuests: [Ruleset.GuestFacts(guest)])),
      "\(guest.lease.key) is leaving", network: guest.network.name, key: guest.lease.key)
  }

  /// What makes the attachment of a network that is up: the fast path, which asks the kernel nothing.
  static func attach(_ guest: Desired.Guest) -> Plan {
    var plan = Plan()
    let drift = "\(guest.lease.key) is not attached"
    let network = guest.network.name
    plan.add(
      .changeRuleset(RulesetChange(addedGuests: [Ruleset.GuestFacts(guest)])), drift, network: network,
      key: guest.lease.key)
    plan.add(.createTap(guest), drift, network: network, key: guest.lease.key)
    plan.tellNames(guest, drift)
    return plan
  }

  /// What an attachment that is there has already: what of it is missing is made, and what is otherwise fails.
  static func attachAgain(_ guest: Desired.Guest) -> Plan {
    var plan = Plan()
    let drift = "\(guest.lease.key) is asked for again"
    plan.add(
      .changeRuleset(RulesetChange(addedGuests: [Ruleset.GuestFacts(guest)])), drift, network: guest.network.name,
      key: guest.lease.key)
    plan.tellNames(guest, drift)
    return plan
  }

  private mutating func tellNames(_ guest: Desired.Guest, _ drift: String) {
    guard guest.network.nameServer != nil else { return }
    let network = guest.network.name
    add(.setNames(guest), drift, network: network, key: guest.lease.key)
    add(.requireNameServer(network), drift, network: network, key: guest.lease.key)
  }
}
