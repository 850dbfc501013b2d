import NetTypes

/// What packets are for the host itself.
struct HostAddresses: Hashable, Sendable {
  /// All addresses of its links.
  var own: Set<IPAddress> = []
  /// What it takes in besides, by routes of type `local`: a proxy's, say.
  var taken: [IPPrefix] = []

  func takesIn(_ address: IPAddress) -> Bool { own.contains(address) || taken.contains { $0.contains(address) } }
}

extension HostAddresses {
  init(_ observed: Observed) {
    own = Set(observed.links.values.flatMap(\.addresses.keys))
    taken = observed.localPrefixes
  }
}
