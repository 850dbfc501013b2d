import NetTypes

extension Engine {
  /// - Throws: `INVALID_MODE`, `INVALID_SUBNET`.
  func validateIPv6(_ request: NetworkRequest) throws(TapestryError) {
    guard let wish = request.subnet6 else {
      if request.nat6 == nil { return }
      throw TapestryError(.invalidSubnet, saying: "\(.set(.nat6)) need \(.set(.subnet6))")
    }
    guard request.mode != .clone else {
      throw TapestryError(
        .invalidMode,
        saying: """
          Networks of mode clone have no IPv6, because all guests of a snapshot would have the same IPv6 addresses. Omit \
          \(.set(.subnet6)), or choose \(.set(.mode)) bridge or routed
          """)
    }
    if case .prefix(let prefix) = wish { try Subnet6Request.validate(prefix) }
  }

  /// - Throws: `INVALID_MTU`.
  func validateMTU6(_ network: Network) throws(TapestryError) {
    guard network.subnet6 != nil, network.mtu < Network.leastMTU6 else { return }
    throw TapestryError(
      .invalidMTU,
      saying: """
        Invalid MTU \(network.mtu) for a network with \(.set(.subnet6)): IPv6 needs at least \(Network.leastMTU6) bytes
        """)
  }
}

extension Network {
  /// Returns a copy with the requested IPv6. Unless the request decides, guests with unique local addresses, which no
  /// router knows, are masqueraded, and guests with global addresses are not.
  func withIPv6(_ request: NetworkRequest, isFree: (IPv6Prefix) -> Bool) -> Network {
    var network = self
    switch request.subnet6 {
    case nil: return self
    case .prefix(let prefix)?: network.subnet6 = prefix
    case .automatic?:
      // A collision has a probability of one in a trillion; an overlap is refused later.
      var generator = SystemRandomNumberGenerator()
      let drawn = (0..<16).map { _ in IPv6Prefix.randomUniqueLocal(using: &generator) }
      network.subnet6 = drawn.first(where: isFree) ?? drawn[0]
    }
    network.nat6 = request.nat6 ?? network.subnet6?.address.isUniqueLocal ?? false
    return network
  }
}
