public import NetTypes
import Synchronization

/// Who is where on its link.
extension StandInGuest {
  /// What it sends packets of a family from; nil where it has none.
  public func ownAddress(_ family: IPFamily) -> IPAddress? {
    switch family {
    case .v4: .v4(address)
    case .v6: ipv6.map { .v6($0.address) }
    }
  }

  /// Asks by ARP who has `target`, again and again.
  /// - Returns: The MAC address of the first answer; nil when none has come within `limit`.
  public func resolve(_ target: IPv4Address, within limit: Duration = .patience) async throws -> MACAddress? {
    let request = EthernetFrame.arp(.request(for: target, from: mac, address), from: mac)
    let answer = try await sendRepeatedly(request, within: limit) { [mac] frame in
      frame.destination == mac && frame.arp?.operation == .reply && frame.arp?.senderIP == target
    }
    return remember(.v4(target), at: answer?.arp?.senderMAC)
  }

  /// Asks by neighbour discovery who has `target`, again and again.
  /// - Parameter source: nil for the guest's own address, else its link-local one.
  /// - Returns: The MAC address of the first answer; nil when none has come within `limit`.
  public func resolve(
    _ target: IPv6Address, from source: IPv6Address? = nil, within limit: Duration = .patience
  ) async throws -> MACAddress? {
    let request = IPv6Packet.icmpv6(
      .neighborSolicitation(for: target, from: mac), from: source ?? ipv6?.address ?? .linkLocal(of: mac),
      to: target.solicitedNodeGroup)
    let answer = try await sendRepeatedly(.ipv6(request, from: mac), within: limit) { frame in
      frame.ipv6?.icmpv6.map { $0.type == ICMPv6Message.neighborAdvertisement && $0.target == target } ?? false
    }
    return remember(.v6(target), at: answer?.source)
  }

  /// Asks in the family's own way who has `target`.
  public func resolve(_ target: IPAddress, within limit: Duration = .patience) async throws -> MACAddress? {
    switch target {
    case .v4(let target): try await resolve(target, within: limit)
    case .v6(let target): try await resolve(target, within: limit)
    }
  }

  private func remember(_ address: IPAddress, at mac: MACAddress?) -> MACAddress? {
    if let mac { neighbors.withLock { $0[address] = mac } }
    return mac
  }

  /// The MAC address of the gateway; of IPv4, that of `target` itself where it is on the guest's own link.
  /// - Returns: nil when it cannot be found out, or there is no gateway.
  public func nextHop(to target: IPAddress, within limit: Duration = .patience) async throws -> MACAddress? {
    let hop: IPAddress? =
      switch target {
      case .v4(let address): prefix.contains(address) ? target : gateway.map { .v4($0) }
      case .v6: ipv6.map { .v6($0.gateway) }
      }
    guard let hop else { return nil }
    if let known = neighbors.withLock({ $0[hop] }) { return known }
    return try await resolve(hop, within: limit)
  }

  /// Forgets who has answered, so that the next packet asks again.
  public func forgetNeighbors() { neighbors.withLock { $0 = [:] } }
}
