/// A guest that may open connections to another one, although no network lets all of its guests reach each other.
struct GuestPair: Hashable, Sendable {
  var source: AttachmentKey
  var destination: AttachmentKey
}

extension Desired.Guest {
  /// The labels of guests to which it may open connections.
  var allowedLabels: Set<Label> { Set(network.settings.egress.labels + lease.settings.egress.labels) }

  /// Its own labels, and those of its network that have other keys.
  var labels: Set<Label> {
    let own = lease.settings.labels
    return Set(own.list + network.settings.labels.list.filter { own[$0.key] == nil })
  }

  /// Returns true for its own VM, and for guests of its network if that lets all of them reach each other.
  fileprivate func reachesAnyway(_ other: Desired.Guest) -> Bool {
    lease.key.vm == other.lease.key.vm || network.settings.allowsInterVM && network.name == other.network.name
  }
}

extension Desired {
  /// The guests that may open connections to others because of those others' labels. Guests of a network that lets all of
  /// its guests reach each other are no pairs.
  var pairs: Set<GuestPair> {
    let callers = guests.filter { !$0.allowedLabels.isEmpty }
    guard !callers.isEmpty else { return [] }
    var bearers: [Label: [Guest]] = [:]
    for guest in guests {
      for label in guest.labels { bearers[label, default: []].append(guest) }
    }
    var pairs: Set<GuestPair> = []
    for caller in callers {
      for guest in caller.allowedLabels.flatMap({ bearers[$0, default: []] }) where !caller.reachesAnyway(guest) {
        pairs.insert(GuestPair(source: caller.lease.key, destination: guest.lease.key))
      }
    }
    return pairs
  }

  /// What the ruleset has about the guests: a pair belongs to the facts about both, so that it ends with either of them.
  var guestFacts: [Ruleset.GuestFacts] {
    var facts = guests.map(Ruleset.GuestFacts.init)
    let places = Dictionary(guests.enumerated().map { ($1.lease.key, $0) }) { first, _ in first }
    for pair in pairs {
      guard let source = places[pair.source], let destination = places[pair.destination] else { continue }
      for from in facts[source].addresses {
        for to in facts[destination].addresses where to.family == from.family {
          facts[source].reaches.insert(to)
          facts[destination].reachedBy.insert(from)
        }
      }
    }
    return facts
  }

  /// The networks that have both guests of a pair.
  var networksWithPairs: Set<Network> {
    let pairs = pairs
    guard !pairs.isEmpty else { return [] }
    let networks = Dictionary(guests.map { ($0.lease.key, $0.network) }) { first, _ in first }
    return Set(
      pairs.compactMap { pair in
        networks[pair.source].flatMap { $0.name == networks[pair.destination]?.name ? $0 : nil }
      })
  }
}

extension Ruleset.GuestFacts {
  /// Without what follows from others' settings.
  var withoutPairs: Self {
    var facts = self
    (facts.reaches, facts.reachedBy) = ([], [])
    return facts
  }
}
