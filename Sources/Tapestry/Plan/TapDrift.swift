import NetTypes

/// How a guest's TAP differs from the desired state, in words.
extension ObservedLink {
  func drift(asTapOf guest: Desired.Guest) -> [String] {
    var drift: [String] = []
    if !isUp { drift.append("is down") }
    if mtu != guest.network.mtu { drift.append("has MTU \(mtu) instead of \(guest.network.mtu)") }
    if mac != guest.hostMAC { drift.append("has a MAC other than \(guest.hostMAC)") }
    let rate = guest.lease.settings.rateLimit.receiveBytes
    if receiveRate != rate {
      drift.append(rate.map { "does not limit reception to \($0) bytes/s" } ?? "limits what its guest receives")
    }
    if group != GuestGroup(guest) { drift.append("is in another interface group than its guest needs") }
    return drift
  }

  func drift(asPortOf guest: Desired.Guest, on bridge: ObservedLink?) -> [String] {
    var drift: [String] = []
    if master != bridge?.index { drift.append("is not a port of \(guest.network.bridge)") }
    if isIsolated == guest.network.settings.allowsInterVM {
      drift.append(isIsolated ? "is isolated" : "is not isolated from other guests")
    }
    if !isQuiet { drift.append("learns or floods addresses") }
    if !forwardsLinkLocalGroups { drift.append("passes link-local frames to the host without the guard") }
    if entries[guest.lease.mac] != guest.bridgeEntry {
      drift.append("lacks the forwarding entry of \(guest.lease.mac)")
    }
    return drift
  }

  func drift(asRoutedTapOf guest: Desired.Guest) -> [String] {
    let address = guest.lease.address
    var drift: [String] = []
    if master != nil { drift.append("has a master") }
    if !routedAddresses.contains(.v4(address)) { drift.append("lacks the route to \(address)") }
    if neighbors[.v4(guest.neighborAddress)] != guest.mac {
      drift.append("lacks the neighbour \(guest.neighborAddress) at \(guest.mac)")
    }
    if !answersForOthers { drift.append("answers no ARP for other guests") }
    if routesLoopback != guest.lease.settings.isReachedFromLoopback { drift.append(self.drift(of: .routesLoopback)) }
    if !isStrict { drift.append("accepts packets from addresses that are not its guest's") }
    return drift
  }

  /// Returns true if the link's own attributes are as desired. Routes, neighbour entries, queues and forwarding entries are
  /// separate.
  func isLinkOf(_ guest: Desired.Guest, on bridge: Int32?) -> Bool {
    guard isUp, mtu == guest.network.mtu, mac == guest.hostMAC, group == GuestGroup(guest), master == bridge,
      ownerDrift(of: guest) == nil
    else { return false }
    return bridge != nil
      ? isQuiet && forwardsLinkLocalGroups && isIsolated != guest.network.settings.allowsInterVM
      : isStrict && answersForOthers && routesLoopback == guest.lease.settings.isReachedFromLoopback
  }

  /// Only the TAP's owner may open it. (Who has it open at present does not matter.)
  func ownerDrift(of guest: Desired.Guest) -> String? {
    guard let owner else { return "can be opened by every user" }
    return owner == guest.lease.tapOwner ? nil : "has another owner"
  }

  /// How a switch is set that should be the other way.
  func drift(of choice: BridgeSwitch) -> String {
    switch choice {
    case .routesLoopback:
      routesLoopback
        ? "routes 127.0.0.0/8, although no port is published" : "does not route 127.0.0.1 to published ports"
    case .answersForGuests:
      switches.contains(choice) ? "answers ARP for its guests" : "answers no ARP for its guests"
    }
  }
}
