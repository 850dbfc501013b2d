import NetTypes

/// A chain of somebody else's in which addresses are translated: a base chain of type nat.
struct ForeignTranslation: Hashable, Sendable {
  var chain: ForeignChain
  /// Whether anything is done in it.
  var hasRules: Bool
  /// What comes in for these ports is sent elsewhere, by its rules and by those that they lead to.
  var ports: Set<Redirection> = []

  /// Packets whose destination a rule changes.
  struct Redirection: Hashable, Sendable {
    /// Of the chain's table.
    var chain: String
    /// nil: of both.
    var transport: Transport?
    /// In host byte order.
    var ports: ClosedRange<UInt16> = Traffic.allPorts
    /// Where they go; nil: anywhere.
    var destination: IPv4Prefix?
    /// The link that they come in by; nil: any.
    var link: String?
  }
}

extension Observed {
  /// Which chain of somebody else's sends what comes in for a port of the host elsewhere; nil where none does.
  ///
  /// What a rule does with packets that come in by a link which is not the way to the outside is that link's own business,
  /// and so is what it does with all ports of any address: of a proxy, say.
  func redirection(of port: PublishedPort) -> ForeignChain? {
    let uplinks = Set(defaultRoutes(.v4).compactMap { $0.link.flatMap(link(index:))?.name })
    let own = links.values.flatMap(\.addresses.keys)
    for translation in foreignTranslations {
      let found = translation.ports.first { taken in
        guard taken.ports.contains(port.hostPort), (taken.transport ?? port.transport) == port.transport,
          taken.link.map(uplinks.contains) ?? true
        else { return false }
        guard let destination = taken.destination else { return taken.ports != Traffic.allPorts }
        return port.hostAddress.map(destination.contains) ?? own.contains { IPPrefix(destination).contains($0) }
      }
      if let found { return ForeignChain(table: translation.chain.table, name: found.chain) }
    }
    return nil
  }
}

extension Plan {
  /// Ports that somebody else has sent elsewhere since they were published: who comes first gets them.
  mutating func noticeRedirections(_ desired: Desired, _ observed: Observed) {
    for guest in desired.guests {
      for port in guest.lease.settings.published {
        guard let chain = observed.redirection(of: port) else { continue }
        let error = TapestryError.portRedirected(port, by: chain, of: guest.lease.key)
        notices.append(Conflict(error: error, network: guest.network.name, key: guest.lease.key))
      }
    }
  }
}

extension TapestryError {
  /// - Parameter key: Who publishes it; nil for somebody who would.
  static func portRedirected(_ port: PublishedPort, by chain: ForeignChain, of key: AttachmentKey? = nil) -> Self {
    guard let key else { return .portInUse(port, by: "chain '\(chain)', which sends it elsewhere") }
    return TapestryError(
      .portInUse,
      "Port \(port.place) of the host leads to \(key), and chain '\(chain)' sends it elsewhere: publish another one, or "
        + "take it out there")
  }
}
