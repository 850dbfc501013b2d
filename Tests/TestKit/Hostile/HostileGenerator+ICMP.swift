import NetTypes

extension HostileGenerator {
  mutating func flow4(_ protocolNumber: IPProtocol? = nil) -> HostileWorld.Flow? {
    flow { flow in
      guard case .v4 = flow.one.ip else { return false }
      return protocolNumber == nil || flow.protocolNumber == protocolNumber
    }
  }

  mutating func flow6() -> HostileWorld.Flow? {
    flow { if case .v6 = $0.one.ip { true } else { false } }
  }

  /// One of others', as either end sends it.
  private mutating func flow(where matches: (HostileWorld.Flow) -> Bool) -> HostileWorld.Flow? {
    let flows = world.flows.filter(matches)
    guard !flows.isEmpty else { return nil }
    let flow = one(of: flows)
    return chance(50) ? flow : flow.reversed
  }

  mutating func icmp4() -> IPv4Packet {
    if chance(55) { return error4() }
    let type: UInt8 = one(of: [8, 8, 0, 5, 9, 10, 13, 15, 17, 42, number(1, 40)])
    note("ICMP \(type)")
    var message = ICMPMessage(type: type, rest: number(1, 0x0001_0001), payload: filler())
    switch type {
    case ICMPMessage.redirect:
      message.code = one(of: [0, 1, 2, 3])
      message.rest = world.own.address.rawValue
      message.payload = quotation4() + message.payload
    case 9:
      // A router advertisement (RFC 1256): one address, of preference 0, for half an hour.
      message.rest = 0x0102_0708
      message.payload = world.own.address.bytes + [0, 0, 0, 0] + message.payload
    default: break
    }
    return .icmp(message, from: world.own.address, to: chance(40) ? world.gateway.address : address4())
  }

  /// An error that quotes a packet of others'.
  private mutating func error4() -> IPv4Packet {
    let (type, code): (UInt8, UInt8) = one(of: [
      (3, 4), (3, 4), (3, 3), (3, 1), (3, 13), (4, 0), (11, 0), (11, 1), (12, 0),
    ])
    let rest: UInt32 = type == 3 && code == 4 ? one(of: [600, 552, 68, 0]) : 0
    guard let flow = flow4() else {
      note("ICMP \(type)/\(code)")
      return .icmp(
        ICMPMessage(type: type, code: code, rest: rest, payload: quotation4() + filler()), from: world.own.address,
        to: address4())
    }
    let isOthers = chance(80)
    let quoted =
      isOthers
      ? flow
      : HostileWorld.Flow(
        .udp, Endpoint(one(of: [world.server.address, world.far.address, world.host.address]), port()),
        Endpoint(world.own.address, 40_000))
    note("ICMP \(type)/\(code) that quotes \(quoted.one) to \(quoted.other)")
    let message = ICMPMessage(type: type, code: code, rest: rest, payload: quote4(quoted) + filler())
    // To whoever sent what is quoted.
    return .icmp(message, from: world.own.address, to: chance(85) ? quoted.one.address : address4())
  }

  private mutating func quote4(_ flow: HostileWorld.Flow) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: flow.one.port)
    bytes.append(bigEndian: flow.other.port)
    bytes += flow.protocolNumber == .udp ? [0, 72, 0, 0] : [0, 0, 0, 1]
    var packet = IPv4Packet(
      source: flow.one.address, destination: flow.other.address, protocolNumber: flow.protocolNumber,
      payload: bytes + [UInt8](repeating: 0, count: flow.protocolNumber == .tcp ? 12 : 0))
    packet.dontFragment = true
    return packet.bytes
  }

  /// Of a packet that nobody sent.
  private mutating func quotation4() -> [UInt8] {
    quote4(.init(one(of: [.udp, .tcp, .icmp]), Endpoint(address4(), port()), Endpoint(address4(), port())))
  }

  // MARK: IPv6

  mutating func icmp6() -> IPv6Packet {
    if chance(35), let flow = flow6() { return error6(flow) }
    if chance(70) { return discovery() }
    let type: UInt8 = one(of: [
      128, 128, 129, 130, 131, 132, 138, 139, 141, 143, 144, 147, 151, 154, number(1, 100, 200),
    ])
    note("ICMPv6 \(type)")
    return .icmpv6(
      ICMPv6Message(type: type, body: [0, 1, 0, 1] + filler()), from: source6, to: target6())
  }

  private mutating func error6(_ flow: HostileWorld.Flow) -> IPv6Packet {
    let (type, code): (UInt8, UInt8) = one(of: [(2, 0), (2, 0), (1, 4), (1, 0), (3, 0), (4, 0)])
    var body: [UInt8] = type == 2 ? [0, 0, 5, 0] : [0, 0, 0, 0]
    var ports: [UInt8] = []
    ports.append(bigEndian: flow.one.port)
    ports.append(bigEndian: flow.other.port)
    ports += flow.protocolNumber == .udp ? [0, 72, 0, 0] : [UInt8](repeating: 0, count: 16)
    body +=
      IPv6Packet(
        source: flow.one.address6, destination: flow.other.address6, nextHeader: flow.protocolNumber, payload: ports
      ).bytes + filler()
    note("ICMPv6 \(type) that quotes \(flow.one) to \(flow.other)")
    return .icmpv6(
      ICMPv6Message(type: type, code: code, body: body), from: source6, to: chance(85) ? flow.one.address6 : target6())
  }

  /// Neighbour discovery, with what others are called in its options.
  private mutating func discovery() -> IPv6Packet {
    let type: UInt8 = one(of: [133, 134, 134, 135, 135, 135, 136, 136, 136, 137])
    let target = chance(40) ? source6 : address6()
    var body: [UInt8]
    switch type {
    case 133: body = [0, 0, 0, 0]
    case 134: body = [64, one(of: [0, 0x80, 0xc0]), 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]
    case 135: body = [0, 0, 0, 0] + target.bytes
    case 136: body = [one(of: [0x20, 0x60, 0xe0, 0]), 0, 0, 0] + target.bytes
    default: body = [0, 0, 0, 0] + target.bytes + address6().bytes
    }
    note("ICMPv6 \(type) about \(target)")
    for _ in 0..<one(of: [0, 1, 1, 1, 2]) {
      let mac = chance(50) ? world.own.mac : macAddress()
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1:
        body += [1, 1] + mac.octets
        note("source \(mac)")
      case 2, 3:
        body += [2, 1] + mac.octets
        note("target \(mac)")
      case 4:
        body +=
          [3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 0, 0] + [0x20, 1, 0xd, 0xb8, 0xba, 0xd0]
          + [UInt8](repeating: 0, count: 10)
      default: body += [5, 1, 0, 0, 0, 0, 5, 0]
      }
    }
    // As nonces (RFC 3971, 5.3.2), so that nothing is amiss.
    body += [14, 2] + mark.bytes + [0, 0, 0, 0, 0, 0]
    let destination: IPv6Address =
      chance(40) ? .allNodes : chance(50) ? target.solicitedNodeGroup : address6()
    let source = type == 135 && chance(20) ? IPv6Address(rawValue: 0) : source6
    return .icmpv6(ICMPv6Message(type: type, body: body), from: source, to: destination)
  }
}
