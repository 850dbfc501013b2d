import NetTypes

/// Where a frame can turn up.
public enum HostilePlace: String, Sendable, CaseIterable {
  /// Outside, on the other end of the uplink.
  case internet
  /// The TAP of a guest of the same network, as its VMM reads it.
  case neighbor
  /// The TAP of a guest of another network.
  case stranger
  /// The TAP of the guest that lies.
  case own
  /// What the host's IP stack takes for its own.
  case host
}

extension HostileRights {
  /// Says which rule is broken by a frame that has arrived at a place; nil for none. It is told by what has arrived alone,
  /// be it of the guest that lies, or what its frames made others send.
  public func violation(by bytes: [UInt8], at place: HostilePlace) -> String? {
    guard let frame = try? EthernetFrame(parsing: bytes) else { return nil }
    return switch place {
    case .internet: violationOutside(frame)
    case .neighbor: violationAtNeighbor(frame)
    case .stranger: violationAtStranger(frame)
    case .own: violationAtOwn(frame)
    case .host: nil
    }
  }

  private func isMarked(_ bytes: [UInt8]) -> Bool { FrameMark(in: bytes) != nil }

  /// Whether it belongs to a connection of others'.
  func isForeign(_ packet: SeenPacket) -> Bool {
    guard let ports = packet.ports else { return false }
    return world.flows.contains { flow in
      let ends = [(flow.one, flow.other), (flow.other, flow.one)]
      return flow.protocolNumber.rawValue == packet.protocolNumber
        && ends.contains { one, other in
          one.ip == packet.source && one.port == ports.source && other.ip == packet.destination
            && other.port == ports.destination
        }
    }
  }

  /// An error, or a redirect, about a connection that is not the guest's.
  func isAboutForeign(_ packet: SeenPacket) -> Bool { packet.quoted.map(isForeign) ?? false }

  // MARK: Outside

  private func violationOutside(_ frame: EthernetFrame) -> String? {
    let isMarked = isMarked(frame.payload)
    guard let packet = SeenPacket(frame) else {
      return isMarked ? "a frame that is no IP leaves the host" : nil
    }
    guard packet.hasRightChecksum else { return "an IPv4 header leaves that was written after it was judged" }
    if !isMarked, isOfHost(packet) { return nil }
    // A name server asks what it is asked.
    if hasNames, packet.source == .v4(world.host.address), packet.destination == .v4(world.server.address),
      packet.protocolNumber == 17, packet.ports?.destination == 53
    {
      return nil
    }
    guard sources.contains(packet.source) else { return "leaves in another's name" }
    guard !packet.hasSourceRoute else { return "leaves with a source route" }
    if packet.isError || packet.icmpType == (packet.isIPv6 ? 137 : 5) {
      if isAboutForeign(packet) { return "an error leaves about another's connection" }
      // About what its peer has sent it.
      if packet.isError, let quoted = packet.quoted,
        allows(quoted.protocolNumber, to: packet.destination, port: quoted.ports?.source)
      {
        return nil
      }
    }
    if allows(packet.protocolNumber, to: packet.destination, port: packet.ports?.destination) { return nil }
    // It has no ports, but one of what it belongs to may go there.
    if packet.isLaterFragment, allows(packet.protocolNumber, to: packet.destination, port: nil) { return nil }
    return "leaves past the policy"
  }

  /// What the host itself, or another guest, sends meanwhile.
  private func isOfHost(_ packet: SeenPacket) -> Bool {
    if isForeign(packet) || packet.source == .v4(world.neighbor.address) { return true }
    let text = String(decoding: packet.payload.dropFirst(8).prefix(7), as: UTF8.self)
    if packet.protocolNumber == 17, text == "beacon-" { return true }
    // Neighbour and listener discovery, and what its name server asks.
    if packet.isIPv6, let type = packet.icmpType { return [131, 132, 133, 135, 136, 143].contains(type) }
    if !packet.isIPv6, packet.protocolNumber == 2 { return true }
    // The honest fragments, put together again or not, and pings, of others.
    if packet.isFragment || packet.icmpType == 8 || isEcho(packet) { return true }
    return hasNames && packet.ports?.destination == 53
  }

  /// A neighbour's own, whose source port address translation has chosen.
  private func isEcho(_ packet: SeenPacket) -> Bool {
    packet.protocolNumber == 17 && packet.ports?.destination == 7
      && (packet.ports?.source == 7 || packet.payload.dropFirst(8).allSatisfy { $0 == 0x61 })
  }

  // MARK: Other guests

  private func violationAtStranger(_ frame: EthernetFrame) -> String? {
    if isMarked(frame.payload) { return "reaches a guest of another network" }
    if let packet = SeenPacket(frame), ownAddresses.contains(packet.source) {
      return "reaches a guest of another network"
    }
    return reaction(frame)
  }

  /// What nobody has given cause for but the guest that lies.
  private func reaction(_ frame: EthernetFrame) -> String? {
    guard let packet = SeenPacket(frame) else { return nil }
    if packet.isError || packet.icmpType == (packet.isIPv6 ? 137 : 5) {
      return "makes the host send an error to another"
    }
    if packet.protocolNumber == 6, packet.payload.count >= 20, packet.payload[13] & 4 != 0 {
      return "makes the host reset another's connection"
    }
    return nil
  }

  private func violationAtNeighbor(_ frame: EthernetFrame) -> String? {
    let isMarked = isMarked(frame.payload)
    let packet = SeenPacket(frame)
    let isOfLiar =
      isMarked || isBridged && frame.source == world.own.mac || packet.map { ownAddresses.contains($0.source) } == true
    guard isOfLiar else {
      let others = world.bystanders.union([world.gateway.mac, world.neighbor.mac.ofTap])
      return !isBridged || others.contains(frame.source) ? reaction(frame) : "reaches its neighbour from no one"
    }
    if let packet, isPublished(packet) { return nil }
    guard reachesNeighbors else { return "reaches its neighbour" }
    // By way of the host it has the gateway's.
    if isBridged, frame.source != world.own.mac, frame.source != world.gateway.mac || packet == nil {
      return "reaches its neighbour with another's MAC"
    }
    if frame.etherType == .arp, isBridged { return violation(ofARP: frame.payload) }
    guard let packet else {
      // Nobody reads a header that is cut short.
      return [.ipv4, .ipv6].contains(frame.etherType) ? nil : "reaches its neighbour as no IP"
    }
    // All on the bridge hear who asks for an address.
    if hasNames, isBridged, asksForItself(packet) { return nil }
    return violation(betweenGuests: packet)
  }

  /// What another guest's published port lets in, from itself or under an address of the host's.
  private func isPublished(_ packet: SeenPacket) -> Bool {
    guard ownAddresses.union([.v4(world.gateway.address), .v4(world.host.address)]).contains(packet.source) else {
      return false
    }
    let isError = packet.isError && !isAboutForeign(packet)
    return published.contains {
      guard $0.address == packet.destination else { return false }
      return isError || packet.isLaterFragment
        || $0.protocolNumber == packet.protocolNumber && $0.port == packet.ports?.destination
    }
  }

  /// Of a guest on the same link, to others on it.
  private func violation(ofARP bytes: [UInt8]) -> String? {
    // Hardware of type Ethernet or IEEE 802, which are read alike.
    guard bytes.count >= 28, [1, 6].contains(bytes[1]), Array(bytes[2..<6]) == [8, 0, 6, 4] else {
      return "ARP for other addresses"
    }
    guard Array(bytes[8..<14]) == world.own.mac.octets, Array(bytes[14..<18]) == world.own.address.bytes else {
      return "ARP in another's name"
    }
    return nil
  }

  private func violation(betweenGuests packet: SeenPacket) -> String? {
    // A bridge passes on what whoever gets it drops.
    guard packet.hasRightChecksum else { return nil }
    let isProbe = packet.source == .v6(IPv6Address(rawValue: 0)) && packet.icmpType == 135
    guard isProbe || ownAddresses.contains(packet.source) else { return "reaches its neighbour in another's name" }
    guard !packet.hasSourceRoute else { return "reaches its neighbour with a source route" }
    if isAboutForeign(packet) { return "an error about another's connection" }
    if packet.protocolNumber == 17, let port = packet.ports?.destination {
      if port == (packet.isIPv6 ? 546 : 68) { return "plays DHCP server" }
    }
    switch (packet.isIPv6, packet.icmpType) {
    case (true, 134): return "plays router"
    case (true, 137), (false, 5): return "redirects"
    case (false, 9): return "plays router (RFC 1256)"
    default: return violation(ofDiscovery: packet)
    }
  }

  /// What neighbour discovery says of others.
  func violation(ofDiscovery packet: SeenPacket) -> String? {
    guard let discovery = packet.discovery, let type = packet.icmpType else { return nil }
    if let mac = discovery.mac, mac != world.own.mac { return "neighbour discovery names another's MAC" }
    if type == 136, let target = discovery.target, !ownAddresses.contains(.v6(target)) {
      return "advertises another's address"
    }
    return nil
  }
}
