import CLinux
import Netlink

/// Loads or sets a property of a packet's conntrack entry: `ct` in nft. NFTA_CT_.
public struct ConnectionTracking: Hashable, Sendable {
  /// `enum nft_ct_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    /// NFT_CT_STATE.
    case state = 0
    /// NFT_CT_DIRECTION to NFT_CT_PROTOCOL.
    case direction, status, mark, secmark, expiration, helper, l3proto, source, destination, `protocol`
    /// NFT_CT_PROTO_SRC to NFT_CT_EVENTMASK.
    case protocolSource, protocolDestination, labels, packets, bytes, averagePacket, zone, eventMask
    /// NFT_CT_SRC_IP to NFT_CT_ID.
    case sourceIPv4, destinationIPv4, sourceIPv6, destinationIPv6, id
  }

  /// The direction whose tuple a key is read from: IP_CT_DIR_.
  public enum Direction: UInt8, Hashable, Sendable {
    /// IP_CT_DIR_ORIGINAL.
    case original = 0
    /// IP_CT_DIR_REPLY.
    case reply
  }

  /// The property.
  public var key: Key
  /// Whether to load or to store, and the register.
  public var access: Access
  /// The direction; nil if the key has a single value.
  public var direction: Direction?
}

extension ConnectionTracking: ExpressionBody {
  static let name = "ct"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CT_KEY, key.rawValue)
    buffer.put(access, load: NFTA_CT_DREG, store: NFTA_CT_SREG)
    if let direction { buffer.put(NFTA_CT_DIRECTION, bytes: [direction.rawValue]) }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    key = try fields.choice(NFTA_CT_KEY)
    access = try fields.access(load: NFTA_CT_DREG, store: NFTA_CT_SREG)
    if let number: UInt8 = try fields.integer(NFTA_CT_DIRECTION) {
      direction = try required(Direction(rawValue: number), "a known direction, not \(number)")
    }
  }
}

// MARK: - Values

/// The bits of `ct state`: NF_CT_STATE_BIT of linux/netfilter/nf_conntrack_common.h.
public struct ConnectionState: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// The bits, in host byte order.
  public var rawValue: UInt32

  /// The states of these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The packet belongs to no valid connection.
  public static let invalid = ConnectionState(rawValue: 0x01)
  /// Packets were seen in both directions.
  public static let established = ConnectionState(rawValue: 0x02)
  /// The connection was announced by another one, or the packet is an ICMP error of one.
  public static let related = ConnectionState(rawValue: 0x04)
  /// No reply was seen yet.
  public static let new = ConnectionState(rawValue: 0x08)
  /// The packet is exempt from connection tracking.
  public static let untracked = ConnectionState(rawValue: 0x40)

  /// The states as nft(8) writes them: `established,related`.
  public var description: String {
    BitNames.text(rawValue, [(1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (0x40, "untracked")])
  }
}

/// The bits of `ct status`: `enum ip_conntrack_status`.
public struct ConnectionStatus: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// The bits, in host byte order.
  public var rawValue: UInt32

  /// The status of these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// IPS_CONFIRMED.
  public static let confirmed = ConnectionStatus(rawValue: 0x008)
  /// IPS_SRC_NAT.
  public static let snat = ConnectionStatus(rawValue: 0x010)
  /// IPS_DST_NAT.
  public static let dnat = ConnectionStatus(rawValue: 0x020)

  /// The status bits as nft(8) writes them: `assured,confirmed`.
  public var description: String {
    BitNames.text(
      rawValue,
      [
        (1, "expected"), (2, "seen-reply"), (4, "assured"), (8, "confirmed"), (0x10, "snat"), (0x20, "dnat"),
        (0x200, "dying"),
      ])
  }
}

/// Names of bits, as nft(8) writes them.
enum BitNames {
  /// Returns the names, separated by commas: `established,related`. Bits without a name are in hexadecimal.
  static func text(_ value: UInt32, _ names: [(bit: UInt32, name: String)]) -> String {
    let known = names.filter { value & $0.bit != 0 }
    let rest = known.reduce(value) { $0 & ~$1.bit }
    let words = known.map(\.name) + (rest != 0 || known.isEmpty ? ["0x" + String(rest, radix: 16)] : [])
    return words.joined(separator: ",")
  }
}
