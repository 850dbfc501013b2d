import NetTypes

/// The destinations of packets that are for the host itself.
struct HostAddresses: Hashable, Sendable {
  /// The addresses of all links of the host.
  var own: Set<IPAddress> = []
  /// Further prefixes that the host accepts locally, by routes of type `local`, such as a proxy's.
  var taken: [IPPrefix] = []

  func isLocal(_ address: IPAddress) -> Bool { own.contains(address) || taken.contains { $0.contains(address) } }
}

extension HostAddresses {
  init(_ observed: Observed) {
    own = Set(observed.links.values.flatMap(\.addresses.keys))
    taken = observed.localPrefixes
  }
}
