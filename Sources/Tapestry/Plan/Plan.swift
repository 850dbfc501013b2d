import NetTypes

/// The difference between desired and observed state: a value that is computed without I/O, printed, then applied in order.
package struct Plan: Hashable, Sendable {
  package var items: [Item] = []
  /// Obstacles that Tapestry may not remove.
  var conflicts: [Conflict] = []
  /// Problems that Tapestry may not fix, but that do not prevent the rest of the plan.
  var notices: [Conflict] = []
  /// What stays as it is without being drift. The caller who applies the plan is told.
  var remarks: [String] = []

  /// A step and the drift that it repairs.
  package struct Item: Hashable, Sendable {
    var step: Step
    var drift: String
    /// The network that the step is for; nil if it is for all.
    var network: Identifier?
    /// The attachment that the step is for; nil if it is for the whole network.
    var key: AttachmentKey?
  }

  /// What cannot be repaired, and which network or attachment it concerns, as in an item.
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

  /// The part that concerns the whole host and this network, and of its attachments only `key`.
  func concerning(_ network: Identifier, only key: AttachmentKey? = nil) -> Plan {
    filtered { ($0 == nil || $0 == network) && ($1 == nil || $1 == key) }
  }

  /// The part that concerns the whole host and this network, and of its attachments what the ruleset has about them.
  func concerning(policiesOf network: Identifier) -> Plan {
    var plan = concerning(network)
    plan.items = items.filter { item in
      item.network == nil || item.network == network && (item.key == nil || item.step.traits.kind == .ruleset)
    }
    return plan
  }

  /// The part that concerns the whole host and these attachments with their networks.
  func concerning(_ guests: [Desired.Guest]) -> Plan {
    let (networks, keys) = (Set(guests.map(\.network.name)), Set(guests.map(\.lease.key)))
    return filtered { network, key in
      (network.map(networks.contains) ?? true) && (key.map(keys.contains) ?? true)
    }
  }

  /// The networks whose name servers start or end. Other commands must not wait for these.
  var servedNetworks: Set<Identifier> { Set(items.filter(\.step.traits.waitsForProcess).compactMap(\.network)) }

  /// The part that does not wait for processes.
  var withoutServing: Plan {
    Plan(
      items: items.filter { !$0.step.traits.waitsForProcess }, conflicts: conflicts, notices: notices, remarks: remarks)
  }

  /// The part that removes what is not desired. Obstacles to the rest do not matter to it.
  var removals: Plan { Plan(items: items.filter(\.step.traits.onlyRemoves), remarks: remarks) }

  /// Without deletions of TAPs that are open: their guests run, even if the state file does not know them.
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
        saying: """
          TAP \(name) (\(mark.alias)) is not in the state file, but a process has it open, so it stays. End that process, \
          or take everything down with '\(.cleanup)'
          """)
      copy.notices.append(Conflict(error: error, network: item.network, key: item.key))
    }
    return copy
  }

  /// The part that does not concern these attachments.
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

  /// Adds a step for an attachment.
  mutating func add(_ step: Step, _ drift: String, of guest: Desired.Guest) {
    add(step, drift, network: guest.network.name, key: guest.lease.key)
  }
}

extension Plan {
  /// Removes attachments: traffic stops before the links go.
  /// - Parameters:
  ///   - areStopped: whether the ruleset has nothing of them any more.
  ///   - linksFirst: delete the links first, which stops the traffic, and the ruleset's elements after them.
  static func detach(_ guests: [Desired.Guest], areStopped: Bool = false, linksFirst: Bool = false) -> Plan {
    var plan = Plan()
    if !areStopped, !linksFirst { for guest in guests { plan.stop(guest) } }
    for guest in guests { plan.add(.deleteTap(guest), "\(guest.lease.key) is being detached", of: guest) }
    if !areStopped, linksFirst { for guest in guests { plan.stop(guest) } }
    for guest in guests where guest.network.settings.nameServer != nil {
      plan.add(
        .forgetNames(guest.network.name, guest.lease.address.description), "\(guest.lease.key) is being detached",
        of: guest)
    }
    return plan
  }

  /// Removes a guest from the ruleset.
  /// - Parameter facts: what the ruleset has about it; nil: what follows from its lease.
  mutating func stop(_ guest: Desired.Guest, _ facts: Ruleset.GuestFacts? = nil) {
    add(
      .changeRuleset(RulesetChange(removedGuests: [facts ?? Ruleset.GuestFacts(guest)])),
      "\(guest.lease.key) is being detached", of: guest)
  }

  /// Adds an attachment to a network that is up: the fast path, which asks the kernel nothing.
  /// - Parameter again: Adds again what an existing attachment has besides its TAP: missing parts are made; a part that
  ///   differs makes it fail.
  static func attach(_ guest: Desired.Guest, again: Bool = false) -> Plan {
    let drift = "\(guest.lease.key) is \(again ? "requested again" : "not attached")"
    var plan = Plan()
    plan.add(.changeRuleset(RulesetChange(addedGuests: [Ruleset.GuestFacts(guest)])), drift, of: guest)
    if !again { plan.add(.createTap(guest), drift, of: guest) }
    if guest.network.settings.nameServer != nil {
      plan.add(.setNames(guest), drift, of: guest)
      plan.add(.requireNameServer(guest.network.name), drift, of: guest)
    }
    return plan
  }
}
