import CLinux
import Netlink

/// Drops a packet and notifies the sender. NFTA_REJECT_.
public enum Reject: Hashable, Sendable {
  /// An ICMP or ICMPv6 "destination unreachable" of this code.
  case icmp(code: UInt8)
  /// A TCP reset.
  case tcpReset
  /// ICMP or ICMPv6, depending on the packet: 0 no route, 1 port unreachable, 2 host unreachable, 3 prohibited.
  case icmpx(code: UInt8)
}

extension Reject: ExpressionBody {
  static let name = "reject"

  /// `enum nft_reject_types`.
  private enum Kind: UInt32 {
    case icmp = 0
    case tcpReset, icmpx
  }

  func encode(into buffer: inout MessageBuffer) {
    let (kind, code): (Kind, UInt8) =
      switch self {
      case .icmp(let code): (.icmp, code)
      case .tcpReset: (.tcpReset, 0)
      case .icmpx(let code): (.icmpx, code)
      }
    buffer.put(NFTA_REJECT_TYPE, kind.rawValue)
    buffer.put(NFTA_REJECT_ICMP_CODE, bytes: [code])
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    let kind: Kind = try fields.choice(NFTA_REJECT_TYPE)
    let code: UInt8 = try fields.integer(NFTA_REJECT_ICMP_CODE) ?? 0
    switch kind {
    case .icmp: self = .icmp(code: code)
    case .tcpReset: self = .tcpReset
    case .icmpx: self = .icmpx(code: code)
    }
  }
}
