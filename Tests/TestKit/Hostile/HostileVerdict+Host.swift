import NetTypes

extension HostileRights {
  // MARK: What the guest itself gets

  func violationAtOwn(_ frame: EthernetFrame) -> String? {
    if frame.etherType == .arp { return violation(ofAnswer: frame) }
    guard let packet = SeenPacket(frame) else { return nil }
    if isForeign(packet), FrameMark(in: frame.payload) == nil { return "hears another's connection" }
    if packet.protocolNumber == 17, packet.ports?.source == 67, packet.ports?.destination == 68,
      packet.payload.count >= 8 + 34
    {
      let client = Array(packet.payload[36..<42])
      if client != world.own.mac.octets { return "hears another's DHCP answer" }
    }
    if frame.source == world.gateway.mac, !ownAddresses.contains(packet.source), packet.icmpType == 136,
      packet.isIPv6, let target = packet.discovery?.target,
      target != world.gateway.address6, target != world.hostInPrefix
    {
      return "the host advertises \(target)"
    }
    switch packet.destination {
    case .v4(let address):
      let isForAll = address.rawValue >> 28 == 14 || address.rawValue == .max || address == world.subnet.lastAddress
      return isForAll || address == world.own.address ? nil : "hears what is for another"
    case .v6(let address):
      return address.isMulticast || ownAddresses.contains(.v6(address)) ? nil : "hears what is for another"
    }
  }

  /// The host answers for its gateway address alone.
  private func violation(ofAnswer frame: EthernetFrame) -> String? {
    guard let arp = frame.arp, arp.operation == .reply, frame.source == world.gateway.mac else { return nil }
    // Routed guests reach each other by way of the host.
    if reachesNeighbors, !isBridged, world.subnet.contains(arp.senderIP) { return nil }
    return arp.senderIP == world.gateway.address ? nil : "the host answers ARP for \(arp.senderIP)"
  }

  // MARK: The host

  /// Says which rule is broken by a packet that the host has taken for its own; nil for none.
  public func violation(by delivery: HostDeliveries.Delivery) -> String? {
    var packet: SeenPacket
    switch delivery.source {
    case .v4:
      guard let parsed = SeenPacket(ipv4: delivery.bytes) else { return nil }
      packet = parsed
    case .v6(let source):
      packet = SeenPacket(from: source, protocolNumber: delivery.protocolNumber, payload: delivery.bytes)
    }
    let isMarked = FrameMark(in: delivery.bytes) != nil
    let isProbe = packet.source == .v6(IPv6Address(rawValue: 0)) && packet.icmpType == 135
    guard ownAddresses.contains(packet.source) else {
      guard isMarked, !isProbe else { return nil }
      if hasNames, isBridged, asksForItself(packet) { return nil }
      // What a server answers to what has reached it, which is for another place to judge.
      if packet.isError, [.v4(world.server.address), world.server.address6.map(IPAddress.v6)].contains(packet.source) {
        return nil
      }
      return "the host takes it for another's"
    }
    if packet.hasSourceRoute { return "the host takes a source route" }
    if case .v4(let destination) = packet.destination, destination.bytes[0] == 127 { return "reaches 127.0.0.0/8" }
    if isAboutForeign(packet) { return "tells the host of another's connection" }
    return isForHost(packet) ? violation(ofDiscovery: packet) : "reaches the host past host access"
  }

  /// A question of DHCP, from nobody yet or from its own address.
  func asksForItself(_ packet: SeenPacket) -> Bool {
    let isOwn = packet.source == .v4(IPv4Address(rawValue: 0)) || ownAddresses.contains(packet.source)
    return isOwn && packet.protocolNumber == 17 && !packet.isFragment && packet.ports?.destination == 67
      && packet.payload.count >= 42 && Array(packet.payload[36..<42]) == world.own.mac.octets
  }

  /// Pings, discovery, and the name server's ports.
  private func isForHost(_ packet: SeenPacket) -> Bool {
    if let type = packet.icmpType {
      if packet.isError { return packet.quoted != nil }
      return packet.isIPv6 ? [128, 133, 135, 136].contains(type) : type == 8
    }
    guard hasNames, let port = packet.ports?.destination else { return false }
    switch (packet.protocolNumber, port) {
    case (6, 53), (17, 53): return true
    case (17, 67): return !packet.isIPv6 && isBridged && asksForItself(packet)
    case (17, 547): return packet.isIPv6
    default: return false
    }
  }
}
