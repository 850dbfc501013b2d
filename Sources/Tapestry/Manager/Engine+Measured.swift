import NetTypes

/// Used only by benchmarks.
extension Engine {
  /// The messages that configure the TAP of a guest without a lease, which has the network's address of this number.
  /// - Parameter group: The interface group to use instead of the one of guests' TAPs.
  package func encodedTap(_ number: Int, in network: Network, group: UInt32) throws(TapestryError) -> EncodedTap {
    guard let host = host as? LinuxHost else { throw TapestryError(.kernelUnsupported, "Only Linux has TAPs") }
    return try host.links.encode(try guest(number, in: network), group: group)
  }

  /// Observes the host. Returns a function that computes the plan and returns its number of steps.
  package func planOfHost() throws(TapestryError) -> () -> Int {
    let observed = try observe().observed
    let desired = try desired()
    return { Plan.difference(desired, observed).items.count }
  }

  private func guest(_ number: Int, in network: Network) throws(TapestryError) -> Desired.Guest {
    let key = AttachmentKey(vm: try Validation.vmID("floor-\(number)"), interface: .eth0)
    let lease = Lease(
      key: key, network: network.name,
      address: IPv4Address(rawValue: network.subnet.firstGuest.rawValue + UInt32(number)),
      mac: Identity.mac(for: key, salt: 1),
      tapName: try Validation.interfaceName("floor\(number)", field: "tapName"))
    return Desired.Guest(network: network, lease: lease)
  }
}
