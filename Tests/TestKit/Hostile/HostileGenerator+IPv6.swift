import NetTypes

extension HostileGenerator {
  /// Its own, where it has one.
  var source6: IPv6Address { world.own.address6 ?? world.own.linkLocal }

  mutating func address6() -> IPv6Address {
    let others = [world.neighbor, world.neighbor, world.stranger, world.host, world.server, world.server, world.far]
      .compactMap(\.address6)
    return one(
      of: others + [
        source6, world.own.linkLocal, world.neighbor.linkLocal, world.gateway.address6 ?? "fe80::1",
        world.hostInPrefix ?? "::1", .allNodes, .allRouters, "ff02::1:2", "ff02::fb", "fd00:ec2::254", "::1", "::",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:169.254.169.254", "fe80::1234", source6.solicitedNodeGroup,
        world.neighbor.linkLocal.solicitedNodeGroup, "ff05::2",
      ])
  }

  mutating func target6() -> IPv6Address {
    let outside = [world.server, world.far].compactMap(\.address6)
    return chance(45) && !outside.isEmpty ? one(of: outside) : address6()
  }

  mutating func ipv6() -> [EthernetFrame] {
    if chance(8), let intruder = intruding6() { return [intruder] }
    var packet: IPv6Packet
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25: packet = udp6()
    case 25..<38: packet = tcp6()
    case 38..<80: packet = icmp6()
    case 80..<90: packet = dhcp6()
    default:
      packet = IPv6Packet(
        source: source6, destination: target6(),
        nextHeader: IPProtocol(rawValue: number(0, 1, 4, 41, 43, 44, 47, 50, 51, 59, 60, 132, 135, 139, 253)),
        payload: filler())
      note("IPv6 of protocol \(packet.nextHeader.rawValue)")
    }
    note("to \(packet.destination)")
    if chance(15) {
      packet.source = address6()
      note("of \(packet.source)")
    }
    if chance(6) { packet.hopLimit = number(0, 1, 64, 255) }
    if chance(22) { extend(&packet) }
    let packets = chance(14) ? fragmented(packet) : [packet]
    return packets.map { frame6($0) }
  }

  func frame6(_ packet: IPv6Packet) -> EthernetFrame {
    guard !packet.destination.isMulticast else { return .ipv6(packet, from: world.own.mac) }
    let isNeighbor =
      packet.destination == world.neighbor.address6 || packet.destination == world.neighbor.linkLocal
    return .ipv6(packet, from: world.own.mac, to: isNeighbor ? world.neighbor.mac : world.gateway.mac)
  }

  private mutating func udp6() -> IPv6Packet {
    let ports = (chance(50) ? 40_000 : port(), port())
    note("UDP \(ports.0)→\(ports.1)")
    var packet = IPv6Packet.udp(
      UDPDatagram(from: ports.0, to: ports.1, payload: filler()), from: source6, to: target6())
    if chance(15) { packet.payload.put(bigEndian: 0, at: 6) }
    return packet
  }

  private mutating func tcp6() -> IPv6Packet {
    let flags = TCPSegment.Flags(rawValue: one(of: [2, 2, 2, 0x12, 4, 0x10, 1, 0]))
    var segment = TCPSegment(from: chance(50) ? 40_000 : port(), to: port(), flags: flags, sequence: number(0, 1))
    segment.payload = filler()
    note("TCP \(flags.rawValue) \(segment.sourcePort)→\(segment.destinationPort)")
    return .tcp(segment, from: source6, to: target6())
  }

  /// DHCPv6 (RFC 8415, 8), of a client's or a server's.
  private mutating func dhcp6() -> IPv6Packet {
    let ports: (UInt16, UInt16) = one(of: [(546, 547), (547, 546), (40_000, 546), (53, 546), (546, 546), (547, 547)])
    let type: UInt8 = one(of: [1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 13])
    note("DHCPv6 \(type) \(ports.0)→\(ports.1)")
    // A client's identifier made of a MAC.
    let identifier: [UInt8] = [0, 1, 0, 10, 0, 3, 0, 1] + (chance(50) ? world.own.mac : world.neighbor.mac).octets
    let payload = [type, 0, 0, 7] + identifier + mark.bytes + mark.bytes
    let target: IPv6Address = one(of: ["ff02::1:2", .allNodes, address6()])
    return .udp(
      UDPDatagram(from: ports.0, to: ports.1, payload: payload), from: chance(60) ? world.own.linkLocal : source6,
      to: target)
  }

  /// Behind extension headers, in orders that nobody expects.
  private mutating func extend(_ packet: inout IPv6Packet) {
    var names: [String] = []
    for _ in 0..<one(of: [1, 1, 2, 3, 9]) {
      let next = packet.nextHeader.rawValue
      let header: [UInt8]
      switch Int.random(in: 0..<7, using: &random) {
      case 0:
        packet.nextHeader = IPProtocol(rawValue: 0)
        // PadN, or a router alert.
        header = [next, 0] + (chance(50) ? [1, 4, 0, 0, 0, 0] : [5, 2, 0, 0, 1, 0])
        names.append("hop-by-hop")
      case 1, 2:
        packet.nextHeader = IPProtocol(rawValue: 60)
        header = [next, 0] + one(of: [[1, 4, 0, 0, 0, 0], [0xc2, 4, 0, 0, 1, 0], [4, 1, 8, 1, 1, 0]])
        names.append("destination")
      case 3:
        packet.nextHeader = IPProtocol(rawValue: 43)
        header = [next, 2, one(of: [0, 2, 3, 4]), 1, 0, 0, 0, 0] + address6().bytes
        names.append("routing")
      case 4:
        packet.nextHeader = IPProtocol(rawValue: 44)
        header = [next, 0, 0, 0, 0, 0, 0, 9]
        names.append("atomic fragment")
      case 5:
        packet.nextHeader = IPProtocol(rawValue: 51)
        header = [next, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 12)
        names.append("authentication")
      default:
        packet.nextHeader = IPProtocol(rawValue: one(of: [60, 0, 43, 135, 139, 140]))
        header = [next, one(of: [0, 1, 200]), 0, 0, 0, 0, 0, 0]
        names.append("broken \(packet.nextHeader.rawValue)")
      }
      packet.payload = header + packet.payload
    }
    note("behind \(names.reversed().joined(separator: "+"))")
  }

  private mutating func fragmented(_ packet: IPv6Packet) -> [IPv6Packet] {
    guard packet.payload.count > 16 else { return [packet] }
    let size = 8 * Int.random(in: 1...max(1, packet.payload.count / 16), using: &random)
    let identification = UInt32.random(in: 0 ... .max, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      note("in fragments of \(size)")
      return Array(packet.fragments(of: size, identification: identification).prefix(12))
    case 1:
      note("in fragments of \(size), the last first")
      return Array(packet.fragments(of: size, identification: identification).prefix(12).reversed())
    case 2:
      note("a first fragment of \(size)")
      return [packet.fragment(from: 0, to: size, identification: identification)]
    case 3:
      note("a later fragment from \(size)")
      return [packet.fragment(from: size, identification: identification)]
    case 4:
      note("fragments that overlap")
      return [
        packet.fragment(from: 0, to: size, identification: identification),
        packet.fragment(from: 0, to: size, identification: identification),
        packet.fragment(from: size, identification: identification),
      ]
    default:
      note("in one fragment")
      return [packet.fragment(from: 0, identification: identification)]
    }
  }

  private mutating func intruding6() -> EthernetFrame? {
    let choices = world.fragmented.compactMap { fragmented -> (IPv6Address, IPv6Address, UInt32)? in
      guard case .v6(let source) = fragmented.source, case .v6(let target) = fragmented.destination else { return nil }
      return (source, target, fragmented.identification)
    }
    guard !choices.isEmpty else { return nil }
    let (source, target, identification) = one(of: choices)
    // Others leave this gap.
    let start = chance(70) ? 16 : one(of: [8, 32, 64])
    let whole = IPv6Packet(
      source: source, destination: target, nextHeader: .udp,
      payload: [UInt8](repeating: 0, count: start) + mark.bytes + mark.bytes + [UInt8](repeating: 0x2e, count: 24))
    note("a fragment of the datagram \(identification) from \(source) to \(target), at \(start)")
    let packet = whole.fragment(from: start, to: chance(70) ? start + 32 : nil, identification: identification)
    return .ipv6(packet, from: world.own.mac, to: world.gateway.mac)
  }
}
