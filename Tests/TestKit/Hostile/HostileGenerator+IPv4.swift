import NetTypes

extension HostileGenerator {
  mutating func address4() -> IPv4Address {
    one(of: [
      world.own.address, world.outer, world.neighbor.address, world.neighbor.address, world.stranger.address,
      world.gateway.address, world.gateway.address, world.host.address, world.host.address, world.server.address,
      world.server.address, world.far.address, IPv4Address(169, 254, 169, 254), IPv4Address(127, 0, 0, 1),
      IPv4Address(224, 0, 0, 1), IPv4Address(224, 0, 0, 251), IPv4Address(255, 255, 255, 255), world.subnet.lastAddress,
      world.subnet.address, IPv4Address(0, 0, 0, 0), IPv4Address(10, 0, 0, 1), IPv4Address(100, 64, 0, 1),
      IPv4Address(rawValue: world.subnet.lastAddress.rawValue - 3),
    ])
  }

  private mutating func target4() -> IPv4Address {
    chance(45) ? one(of: [world.server.address, world.far.address]) : address4()
  }

  mutating func port() -> UInt16 {
    let known: [UInt16] = [7, 9, 22, 53, 53, 67, 68, 80, 123, 514, 546, 547, 5301, 5302, 5353]
    if chance(10) { return UInt16.random(in: 0...UInt16.max, using: &random) }
    return one(of: known + world.allowedPorts + world.allowedPorts + world.publishedPorts)
  }

  /// A packet, or its fragments, each in a frame.
  mutating func ipv4() -> [EthernetFrame] {
    if chance(8) { return intruding4() }
    var packet: IPv4Packet
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<30: packet = udp4()
    case 30..<45: packet = tcp4()
    case 45..<75: packet = icmp4()
    case 75..<87: return [dhcp()].map { $0 }
    case 87..<92: packet = tunnelled4()
    default:
      packet = IPv4Packet(
        source: world.own.address, destination: target4(),
        protocolNumber: IPProtocol(rawValue: number(0, 2, 4, 41, 46, 47, 50, 51, 103, 112, 132, 136, 253, 255)),
        payload: filler())
      note("IPv4 of protocol \(packet.protocolNumber.rawValue)")
    }
    note("to \(packet.destination)")
    twist(&packet)
    return fragmented(packet).map { frame4($0) }
  }

  /// To whom it would go.
  func frame4(_ packet: IPv4Packet) -> EthernetFrame {
    let isNeighbor = packet.destination == world.neighbor.address
    let isForAll = packet.destination.rawValue == .max || packet.destination == world.subnet.lastAddress
    return .ipv4(
      packet, from: world.own.mac,
      to: isNeighbor ? world.neighbor.mac : isForAll ? .broadcast : world.gateway.mac)
  }

  /// Its header's, or its source's.
  private mutating func twist(_ packet: inout IPv4Packet) {
    if chance(15) {
      packet.source = address4()
      note("of \(packet.source)")
      if chance(60), packet.protocolNumber == .udp, packet.payload.count >= 8 {
        packet.payload.put(bigEndian: 0, at: 6)
      }
    }
    if chance(12) {
      packet.options = options4()
      note("with options \(packet.options.hex)")
    }
    if chance(8) {
      packet.timeToLive = number(0, 1, 2, 255)
      note("TTL \(packet.timeToLive)")
    }
    if chance(20) { packet.dontFragment = true }
    if chance(4), packet.payload.count > 8, packet.protocolNumber == .udp {
      let length: UInt16 = number(0, 7, 8, 9, 0xffff)
      packet.payload.put(bigEndian: length, at: 4)
      note("UDP of length \(length)")
    }
    packet.identification = UInt16.random(in: 0...UInt16.max, using: &random)
  }

  /// Loose and strict source route, record route, time stamps, router alert, and nonsense.
  private mutating func options4() -> [UInt8] {
    let through = address4().bytes
    let target = address4().bytes
    let options: [UInt8] = one(of: [
      [131, 7, 4] + through + [0], [137, 7, 4] + through + [0], [131, 11, 4] + through + target + [0],
      [131, 7, 8] + through + [0], [7, 7, 4, 0, 0, 0, 0, 0], [68, 8, 5, 0, 0, 0, 0, 0],
      [68, 12, 5, 3] + through + [0, 0, 0, 0], [148, 4, 0, 0], [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [134, 8, 0, 0, 0, 1, 1, 0], [1, 1, 1, 0], [131, 3, 4, 0],
    ])
    return options
  }

  private mutating func udp4() -> IPv4Packet {
    let ports = (chance(50) ? 40_000 : port(), port())
    note("UDP \(ports.0)→\(ports.1)")
    var payload = filler()
    if ports.1 == 53, chance(60) { payload = DNSMessage.query("example.org", id: 7) + mark.bytes + mark.bytes }
    var packet = IPv4Packet.udp(
      UDPDatagram(from: ports.0, to: ports.1, payload: payload), from: world.own.address, to: target4())
    if chance(25) {
      packet.payload.put(bigEndian: 0, at: 6)
      note("without a checksum")
    }
    return packet
  }

  private mutating func tcp4() -> IPv4Packet {
    let flags = TCPSegment.Flags(rawValue: one(of: [2, 2, 2, 0x12, 4, 0x14, 0x10, 0x11, 1, 0, 0xff, 0x29]))
    var segment = TCPSegment(
      from: chance(50) ? 40_000 : port(), to: port(), flags: flags, sequence: number(0, 0x5eed_0000),
      acknowledgement: number(0, .max))
    segment.payload = filler()
    if chance(20) { segment.options = one(of: [[2, 4, 5, 0xb4], [2, 4, 0, 1], [1, 1, 1, 0], [34, 2, 1, 1]]) }
    note("TCP \(flags.rawValue) \(segment.sourcePort)→\(segment.destinationPort)")
    if chance(20), let flow = flow4(.tcp) {
      // In the middle of another's connection.
      segment.sourcePort = flow.one.port
      segment.destinationPort = flow.other.port
      note("as of \(flow.one)")
      let source = chance(50) ? flow.one.address : world.own.address
      return .tcp(segment, from: source, to: flow.other.address)
    }
    return .tcp(segment, from: world.own.address, to: target4())
  }

  private mutating func tunnelled4() -> IPv4Packet {
    let inner = IPv4Packet.udp(
      UDPDatagram(from: 40_000, to: port(), payload: filler()), from: address4(), to: address4())
    note("IPv4 in IPv4")
    return IPv4Packet(
      source: world.own.address, destination: target4(), protocolNumber: IPProtocol(rawValue: one(of: [4, 47, 94])),
      payload: inner.bytes)
  }

  /// In fragments as others do not make them.
  private mutating func fragmented(_ packet: IPv4Packet) -> [IPv4Packet] {
    guard chance(16), packet.payload.count > 16 else { return [packet] }
    var packet = packet
    packet.dontFragment = false
    let size = 8 * Int.random(in: 1...max(1, packet.payload.count / 16), using: &random)
    let end = packet.payload.count
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      note("in two fragments")
      return [packet.part(0, size), packet.part(size, end)]
    case 1:
      note("in two fragments, the last first")
      return [packet.part(size, end), packet.part(0, size)]
    case 2:
      note("a first fragment of \(size)")
      return [packet.part(0, size)]
    case 3:
      note("a later fragment from \(size)")
      return [packet.part(size, end)]
    case 4:
      note("fragments of 8")
      return [packet.part(0, 8), packet.part(8, 16), packet.part(16, end)]
    case 5:
      note("fragments that overlap")
      var other = packet.part(0, size)
      other.payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      return [packet.part(0, size), other, packet.part(size, end)]
    case 6:
      note("a fragment behind the end")
      var last = packet.part(0, 8)
      last.fragmentOffset = 0x1fff
      return [packet.part(0, size), last]
    default:
      note("all of it, with more to follow")
      packet.moreFragments = true
      packet.payload.removeLast(packet.payload.count % 8)
      return [packet]
    }
  }

  /// A part of a datagram that another is sending in fragments.
  private mutating func intruding4() -> [EthernetFrame] {
    let choices = world.fragmented.compactMap { fragmented -> (IPv4Address, IPv4Address, UInt32)? in
      guard case .v4(let source) = fragmented.source, case .v4(let target) = fragmented.destination else { return nil }
      return (source, target, fragmented.identification)
    }
    guard !choices.isEmpty else { return ipv4() }
    let (source, target, identification) = one(of: choices)
    var packet = IPv4Packet(source: source, destination: target, protocolNumber: .udp, payload: [])
    packet.payload = mark.bytes + mark.bytes + [UInt8](repeating: 0x2e, count: 16)
    packet.identification = UInt16(truncatingIfNeeded: identification)
    // Others leave this gap.
    packet.fragmentOffset = chance(70) ? 2 : one(of: [1, 4, 8])
    packet.moreFragments = chance(70)
    note("a fragment of the datagram \(identification) from \(source) to \(target), at \(packet.fragmentOffset * 8)")
    return [.ipv4(packet, from: world.own.mac, to: world.gateway.mac)]
  }
}

extension IPv4Packet {
  /// A part of its payload, as a fragment.
  func part(_ start: Int, _ end: Int) -> IPv4Packet {
    var part = self
    part.fragmentOffset = UInt16(start / 8)
    part.moreFragments = end < payload.count
    part.payload = Array(payload[start..<min(end, payload.count)])
    return part
  }
}
