import NetTypes

extension Datum: CustomStringConvertible {
  /// The value as nft(8) writes it; in hexadecimal if this code does not know how.
  public var description: String { knownText ?? "0x" + hex }

  private var knownText: String? {
    switch type {
    case .interfaceName: interfaceText
    case .ipv4Address: IPv4Address(bytes: bytes)?.description
    case .ipv6Address: IPv6Address(bytes: bytes)?.description
    case .etherAddress: MACAddress(bytes: bytes)?.description
    case .inetService, .arpOperation, .icmpType, .icmpv6Type: "\(number(bytes))"
    case .inetProtocol: bytes.count == 1 ? Self.protocols[bytes[0]] ?? "\(bytes[0])" : nil
    case .boolean: bytes.count == 1 ? [0: "missing", 1: "exists"][bytes[0]] : nil
    case .nfproto: bytes.count == 1 ? [2: "ipv4", 10: "ipv6"][bytes[0]] : nil
    case .etherType: [0x0800: "ip", 0x0806: "arp", 0x86dd: "ip6", 0x8100: "8021q"][number(bytes)]
    case .deviceType: number(bytes.reversed()) == 1 ? "ether" : "\(number(bytes.reversed()))"
    case .packetType: bytes.count == 1 ? [0: "host", 1: "broadcast", 2: "multicast", 3: "other"][bytes[0]] : nil
    case .connectionDirection: bytes.count == 1 ? [0: "original", 1: "reply"][bytes[0]] : nil
    case .routeType: RouteType(rawValue: hostNumber).map { "\($0)" }
    case .connectionState: ConnectionState(rawValue: hostNumber).description
    case .connectionStatus: ConnectionStatus(rawValue: hostNumber).description
    case .mark, .deviceGroup, .interfaceIndex: "0x" + String(number(bytes.reversed()), radix: 16)
    default: nil
    }
  }

  private static let protocols: [UInt8: String] = [1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"]

  /// A quoted name. Without a terminating zero, the name is a prefix (`eth*`).
  private var interfaceText: String? {
    let name = bytes.prefix { $0 != 0 }
    guard name.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
    return "\"\(String(decoding: name, as: UTF8.self))\(name.count == bytes.count ? "*" : "")\""
  }

  private func number(_ bigEndian: some Sequence<UInt8>) -> UInt64 {
    bigEndian.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private var hostNumber: UInt32 { UInt32(truncatingIfNeeded: number(bytes.reversed())) }

  private var hex: String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
