import CLinux
import NFTables
import NetTypes
import Xtables

/// A packet that a guest may send to the host, with the fields that rules match.
struct InputProbe {
  /// The name and index of the input link.
  var link: (name: String, index: Int32)
  /// Both addresses have the same family.
  var source: IPAddress
  var destination: IPAddress
  var protocolNumber: UInt8
  /// Ports for UDP and TCP; the type for ICMP and ICMPv6, which is the first byte of the header.
  var transport: Transport

  enum Transport {
    case ports(source: UInt16, destination: UInt16)
    case icmp(type: UInt8)
  }

  var destinationPort: UInt16? { if case .ports(_, let port) = transport { port } else { nil } }
  var family: IPFamily { destination.family }

  private var destinationType: Int {
    switch destination {
    case .v4(let address): Int(address.rawValue == .max ? RTN_BROADCAST : RTN_LOCAL)
    case .v6(let address): Int(address.rawValue >> 120 == 0xff ? RTN_MULTICAST : RTN_LOCAL)
    }
  }

  /// The connection state. Neighbour discovery (RFC 4861), types 133 to 137, is untracked.
  private var state: UInt32 {
    if case .icmp(133...137) = transport, family == .v6 { Self.untracked } else { Self.new }
  }

  /// The register's content after an expression has loaded it. Returns nil if that is not known.
  func loaded(_ expression: Expression.Kind) -> [UInt8]? {
    switch expression {
    case .meta(let meta):
      switch meta.key {
      case .iifname: Array(link.name.utf8) + [UInt8](repeating: 0, count: max(0, 16 - link.name.utf8.count))
      case .iif: Self.host(UInt32(bitPattern: link.index))
      case .l4proto: [protocolNumber]
      case .nfproto: [UInt8(family == .v4 ? NFPROTO_IPV4 : NFPROTO_IPV6)]
      case .protocol: family == .v4 ? [0x08, 0x00] : [0x86, 0xdd]
      default: nil
      }
    case .ct(let tracking) where tracking.key == .state: Self.host(state)
    // There is no NAT on it.
    case .ct(let tracking) where tracking.key == .status: Self.host(0)
    case .fib(let lookup) where lookup.result == .type && lookup.flags == .destination:
      Self.host(UInt32(destinationType))
    case .payload(let payload): bytes(payload)
    default: nil
    }
  }

  /// NF_CT_STATE_BIT(IP_CT_NEW): the first packet of a connection.
  private static let new: UInt32 = 8
  /// NF_CT_STATE_UNTRACKED_BIT.
  private static let untracked: UInt32 = 64
  /// XT_CONNTRACK_STATE_UNTRACKED. The bit for new is the same in both.
  private static let untrackedOfXtables: UInt32 = 256

  private static func host(_ number: UInt32) -> [UInt8] {
    unsafe Swift.withUnsafeBytes(of: number) { unsafe Array($0) }
  }

  private func bytes(_ payload: Payload) -> [UInt8]? {
    var known: [Int: UInt8] = [:]
    switch payload.base {
    case .network:
      // Offsets in `struct iphdr` and `struct ipv6hdr`.
      let (next, addresses) = family == .v4 ? (9, 12) : (6, 8)
      known[next] = protocolNumber
      for (place, byte) in (source.bytes + destination.bytes).enumerated() { known[addresses + place] = byte }
    case .transport:
      switch transport {
      case .icmp(let type): (known[0], known[1]) = (type, 0)
      case .ports(let source, let port):
        (known[0], known[1]) = (UInt8(source >> 8), UInt8(source & 0xff))
        (known[2], known[3]) = (UInt8(port >> 8), UInt8(port & 0xff))
      }
    case .link: break
    }
    let wanted = Int(payload.offset)..<Int(payload.offset) + Int(payload.length)
    let found = wanted.compactMap { known[$0] }
    return found.count == wanted.count ? found : nil
  }

  /// Whether a match of iptables(8) holds. Returns nil if that is not known.
  func holds(_ match: String, _ data: [UInt8]) -> Bool? {
    switch match {
    case "comment": return true
    case "tcp", "udp", "multiport":
      guard let ports = XtablesPorts.destinations(match: match, data), let destinationPort else { return nil }
      // The match may also test the source port. If the destination port differs, it does not hold in any case.
      return ports.contains { $0.contains(destinationPort) } ? nil : false
    case "icmp", "icmp6": return holdsType(ofICMP: data)
    case "conntrack": return holdsState(data)
    case "addrtype": return holdsType(data)
    default: return nil
    }
  }

  /// `struct xt_conntrack_mtinfo3`, if it matches only states.
  private func holdsState(_ data: [UInt8]) -> Bool? {
    let (flags, inverted, states) = (146, 148, 150)
    guard data.count >= states + 2, number(data, flags) == 1 else { return nil }
    let bit = state == Self.untracked ? Self.untrackedOfXtables : state
    return (number(data, states) & Int(bit) != 0) != (number(data, inverted) & 1 != 0)
  }

  /// `struct ipt_icmp`, `struct ip6t_icmp`: a type, or 255 for any type of ICMP; the first and the last code; an inversion
  /// flag.
  private func holdsType(ofICMP data: [UInt8]) -> Bool? {
    guard data.count >= 4, case .icmp(let type) = transport else { return nil }
    let isAny = family == .v4 && data[0] == 255
    return (isAny || data[0] == type && data[1] == 0) != (data[3] & 1 != 0)
  }

  /// `struct xt_addrtype_info_v1`, if it matches only the destination's type.
  private func holdsType(_ data: [UInt8]) -> Bool? {
    guard data.count >= 8, number(data, 0) == 0, data.count == 8 else { return nil }
    let type = 1 << destinationType
    let flags = number(data, 4)
    guard flags & ~2 == 0 else { return nil }
    return (number(data, 2) & type != 0) != (flags & 2 != 0)
  }

  /// Two bytes in host byte order.
  private func number(_ data: [UInt8], _ place: Int) -> Int {
    unsafe data.withUnsafeBytes { Int(unsafe $0.loadUnaligned(fromByteOffset: place, as: UInt16.self)) }
  }
}
