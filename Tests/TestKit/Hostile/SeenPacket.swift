import NetTypes

/// An IP packet as it has arrived somewhere, read with forbearance: what a rule of some kind could be broken by.
struct SeenPacket: Hashable, Sendable {
  var source: IPAddress
  var destination: IPAddress
  /// Of what the last header says that it can be told of; extension headers are passed over.
  var protocolNumber: UInt8
  var payload: [UInt8] = []
  var isFragment = false
  var isLaterFragment = false
  /// LSRR or SSRR; a routing header with segments left.
  var hasSourceRoute = false
  /// Of an IPv4 header; others have none.
  var hasRightChecksum = true

  init?(ipv4 bytes: [UInt8]) {
    guard bytes.count >= 20, bytes[0] >> 4 == 4 else { return nil }
    let length = Int(bytes[0] & 15) * 4
    let total = Int(bytes[2]) << 8 | Int(bytes[3])
    guard length >= 20, bytes.count >= length, let source = IPv4Address(bytes: Array(bytes[12..<16])),
      let destination = IPv4Address(bytes: Array(bytes[16..<20]))
    else { return nil }
    (self.source, self.destination) = (.v4(source), .v4(destination))
    protocolNumber = bytes[9]
    hasRightChecksum = InternetChecksum.of(Array(bytes[..<length])) == 0
    let fragment = UInt16(bytes[6]) << 8 | UInt16(bytes[7])
    isFragment = fragment & 0x3fff != 0
    isLaterFragment = fragment & 0x1fff != 0
    hasSourceRoute = Self.hasSourceRoute(Array(bytes[20..<length]))
    payload = Array(bytes[length..<max(length, min(total, bytes.count))])
  }

  private static func hasSourceRoute(_ options: [UInt8]) -> Bool {
    var rest = options[...]
    while let type = rest.first, type != 0 {
      if type == 131 || type == 137 { return true }
      guard type != 1 else {
        rest = rest.dropFirst()
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2 else { return false }
      rest = rest.dropFirst(Int(length))
    }
    return false
  }

  init?(ipv6 bytes: [UInt8]) {
    guard bytes.count >= 40, bytes[0] >> 4 == 6, let source = IPv6Address(bytes: Array(bytes[8..<24])),
      let destination = IPv6Address(bytes: Array(bytes[24..<40]))
    else { return nil }
    (self.source, self.destination) = (.v6(source), .v6(destination))
    protocolNumber = bytes[6]
    let total = 40 + (Int(bytes[4]) << 8 | Int(bytes[5]))
    var rest = bytes[40..<max(40, min(total, bytes.count))]
    // What is behind an authentication header nobody believes who has no key for it.
    while [0, 43, 44, 60].contains(protocolNumber), rest.count >= 8, !isLaterFragment {
      let header = Array(rest.prefix(8))
      if protocolNumber == 43, header[3] != 0 { hasSourceRoute = true }
      var length = 8 + Int(header[1]) * 8
      if protocolNumber == 44 {
        length = 8
        isFragment = header[2] != 0 || header[3] & 0xf9 != 0
        isLaterFragment = header[2] != 0 || header[3] & 0xf8 != 0
      }
      protocolNumber = header[0]
      rest = rest.dropFirst(length)
    }
    payload = Array(rest)
  }

  /// What an Ethernet frame holds; nil for no IP.
  init?(_ frame: EthernetFrame) {
    switch frame.etherType {
    case .ipv4: self.init(ipv4: frame.payload)
    case .ipv6: self.init(ipv6: frame.payload)
    default: return nil
    }
  }

  /// Of IPv6, as a raw socket delivers it.
  init(from source: IPv6Address, protocolNumber: UInt8, payload: [UInt8]) {
    (self.source, destination) = (.v6(source), .v6(IPv6Address(rawValue: 0)))
    self.protocolNumber = protocolNumber
    self.payload = payload
  }

  var isIPv6: Bool { if case .v6 = source { true } else { false } }
  var isICMP: Bool { protocolNumber == (isIPv6 ? 58 : 1) && !isLaterFragment }
  var icmpType: UInt8? { isICMP ? payload.first : nil }

  /// A message about another packet.
  var isError: Bool {
    guard let type = icmpType else { return false }
    return isIPv6 ? (1...4).contains(type) : [3, 4, 11, 12].contains(type)
  }

  var ports: (source: UInt16, destination: UInt16)? {
    guard [6, 17, 132, 136].contains(protocolNumber), !isLaterFragment, payload.count >= 4 else { return nil }
    return (UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3]))
  }

  /// What an error or a redirect quotes.
  var quoted: SeenPacket? {
    guard isError || icmpType == (isIPv6 ? 137 : 5), payload.count > 8 else { return nil }
    let rest = Array(payload.dropFirst(8))
    return isIPv6 ? SeenPacket(ipv6: rest) : SeenPacket(ipv4: rest)
  }

  /// What neighbour discovery says: about whom, and the link-layer address in its options, of which the first of the kind
  /// that the message may have is read.
  var discovery: (target: IPv6Address?, mac: MACAddress?)? {
    guard isIPv6, let type = icmpType, (133...137).contains(type) else { return nil }
    let fixed = [133: 8, 134: 16, 135: 24, 136: 24, 137: 40][Int(type)] ?? 8
    let kind: UInt8 = type == 136 || type == 137 ? 2 : 1
    var mac: MACAddress?
    var rest = payload.dropFirst(fixed)
    while mac == nil, let option = rest.first, let length = rest.dropFirst().first, length > 0,
      rest.count >= Int(length) * 8
    {
      if option == kind { mac = MACAddress(bytes: Array(rest.dropFirst(2).prefix(6))) }
      rest = rest.dropFirst(Int(length) * 8)
    }
    let target = fixed >= 24 && payload.count >= 24 ? IPv6Address(bytes: Array(payload[8..<24])) : nil
    return (target, mac)
  }
}
