/// A guest that may open connections to another one, although no network lets all of its guests reach each other.
struct GuestPair: Hashable, Sendable {
  var source: AttachmentKey
  var destination: AttachmentKey
}

extension Desired {
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
