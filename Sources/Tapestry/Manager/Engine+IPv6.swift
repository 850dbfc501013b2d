import NetTypes

extension Engine {
  /// - Throws: `INVALID_MODE`, `INVALID_SUBNET`.
  func validateIPv6(_ request: NetworkRequest) throws(TapestryError) {
    guard let wish = request.subnet6 else {
      guard request.nat6 == nil else {
        throw TapestryError(.invalidSubnet, "--nat6 and --no-nat6 are for a network with --subnet6")
      }
      return
    }
    guard request.mode != .clone else {
      throw TapestryError(
        .invalidMode,
        "Guests of mode clone have no IPv6: what a snapshot's guests believe of it is the same for all. Leave out "
          + "--subnet6, or choose --mode bridge or routed")
    }
    if case .prefix(let prefix) = wish { try Subnet6Request.validate(prefix) }
  }

  /// - Throws: `INVALID_MTU`.
  func validateMTU6(_ network: Network) throws(TapestryError) {
    guard network.subnet6 != nil, network.mtu < Network.leastMTU6 else { return }
    throw TapestryError(
      .invalidMTU,
      "Invalid MTU \(network.mtu) for a network with --subnet6: IPv6 takes links of \(Network.leastMTU6) bytes at least"
    )
  }
}

extension Network {
  /// With the IPv6 that was asked for. Guests with addresses that no router knows appear under the host's, unless
  /// something else is said; those with global addresses under their own.
  func withIPv6(_ request: NetworkRequest, isFree: (IPv6Prefix) -> Bool) -> Network {
    var network = self
    switch request.subnet6 {
    case nil: return self
    case .prefix(let prefix)?: network.subnet6 = prefix
    case .automatic?:
      // One in a trillion is drawn twice; what overlaps is refused later.
      var generator = SystemRandomNumberGenerator()
      let drawn = (0..<16).map { _ in IPv6Prefix.randomUniqueLocal(using: &generator) }
      network.subnet6 = drawn.first(where: isFree) ?? drawn[0]
    }
    network.nat6 = request.nat6 ?? network.subnet6?.address.isUniqueLocal ?? false
    return network
  }
}
