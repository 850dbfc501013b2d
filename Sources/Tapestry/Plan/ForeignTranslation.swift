import NetTypes

/// A foreign base chain of type nat.
struct ForeignTranslation: Hashable, Sendable {
  var chain: ForeignChain
  /// Whether it has any rules.
  var hasRules: Bool
  /// The ports that its rules redirect, including the rules of chains that it jumps to.
  var ports: Set<Redirection> = []

  /// Packets whose destination a rule translates.
  struct Redirection: Hashable, Sendable {
    /// The chain's name, in the base chain's table.
    var chain: String
    /// nil: TCP and UDP.
    var transport: Transport?
    /// In host byte order.
    var ports: ClosedRange<UInt16> = Traffic.allPorts
    /// The destination address that the rule matches; nil: any.
    var destination: IPv4Prefix?
    /// The input link that the rule matches; nil: any.
    var link: String?
  }
}

extension Observed {
  /// The foreign chain that redirects packets to a port of the host. Returns nil if no chain does.
  ///
  /// A rule for packets from a link that is not an uplink does not count: it concerns only that link. Nor does a rule for
  /// all ports of any address, such as a proxy's.
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
  /// Notices for published ports that foreign rules redirect too: the first chain at the hook gets the packets.
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
  /// - Parameter key: The attachment that publishes the port; nil if none does yet.
  static func portRedirected(_ port: PublishedPort, by chain: ForeignChain, of key: AttachmentKey? = nil) -> Self {
    guard let key else { return .portInUse(port, by: "chain '\(chain)', which redirects it") }
    return TapestryError(
      .portInUse,
      "Port \(port.place) of the host is published for \(key), but chain '\(chain)' redirects it: publish another port, or "
        + "remove that rule")
  }
}
