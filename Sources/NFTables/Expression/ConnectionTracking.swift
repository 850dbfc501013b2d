import CLinux
import Netlink

/// Loads or sets what connection tracking knows of a packet's connection.
public struct ConnectionTracking: Hashable, Sendable {
  /// `enum nft_ct_keys`.
  public enum Key: UInt32, Hashable, Sendable {
    case state = 0
    case direction, status, mark, secmark, expiration, helper, l3proto, source, destination, `protocol`
    case protocolSource, protocolDestination, labels, packets, bytes, averagePacket, zone, eventMask
    case sourceIPv4, destinationIPv4, sourceIPv6, destinationIPv6, id
  }

  /// IP_CT_DIR_: of which of a connection's two tuples a key is read.
  public enum Direction: UInt8, Hashable, Sendable {
    case original = 0
    case reply
  }

  public var key: Key
  public var access: Access
  /// nil where the key has but one value.
  public var direction: Direction?

  public init(_ key: Key, _ access: Access, direction: Direction? = nil) {
    self.key = key
    self.access = access
    self.direction = direction
  }
}

extension ConnectionTracking: ExpressionBody {
  static let name = "ct"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_CT_KEY, key.rawValue)
    switch access {
    case .load(let register): buffer.put(NFTA_CT_DREG, register)
    case .store(let register): buffer.put(NFTA_CT_SREG, register)
    }
    if let direction { buffer.put(NFTA_CT_DIRECTION, bytes: [direction.rawValue]) }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    key = try fields.choice(NFTA_CT_KEY)
    if let register = try fields.register(NFTA_CT_DREG) {
      access = .load(register)
    } else {
      access = .store(try required(fields.register(NFTA_CT_SREG), "a register"))
    }
    if let number: UInt8 = try fields.integer(NFTA_CT_DIRECTION) {
      direction = try required(Direction(rawValue: number), "a known direction, not \(number)")
    }
  }
}

// MARK: - Values

/// Bits of `ct state`: NF_CT_STATE_BIT of the kernel.
public struct ConnectionState: OptionSet, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let invalid = ConnectionState(rawValue: 0x01)
  public static let established = ConnectionState(rawValue: 0x02)
  public static let related = ConnectionState(rawValue: 0x04)
  public static let new = ConnectionState(rawValue: 0x08)
  public static let untracked = ConnectionState(rawValue: 0x40)

  public var description: String {
    BitNames.text(rawValue, [(1, "invalid"), (2, "established"), (4, "related"), (8, "new"), (0x40, "untracked")])
  }
}

/// Bits of `ct status`: `enum ip_conntrack_status`.
public struct ConnectionStatus: OptionSet, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let expected = ConnectionStatus(rawValue: 0x001)
  public static let seenReply = ConnectionStatus(rawValue: 0x002)
  public static let assured = ConnectionStatus(rawValue: 0x004)
  public static let confirmed = ConnectionStatus(rawValue: 0x008)
  public static let snat = ConnectionStatus(rawValue: 0x010)
  public static let dnat = ConnectionStatus(rawValue: 0x020)
  public static let dying = ConnectionStatus(rawValue: 0x200)

  public var description: String {
    BitNames.text(
      rawValue,
      [
        (1, "expected"), (2, "seen-reply"), (4, "assured"), (8, "confirmed"), (0x10, "snat"), (0x20, "dnat"),
        (0x200, "dying"),
      ])
  }
}

/// Bits in words, as nft(8) writes them.
enum BitNames {
  /// `established,related`; in hex what has no name.
  static func text(_ value: UInt32, _ names: [(bit: UInt32, name: String)]) -> String {
    let known = names.filter { value & $0.bit != 0 }
    let rest = known.reduce(value) { $0 & ~$1.bit }
    let words = known.map(\.name) + (rest != 0 || known.isEmpty ? ["0x" + String(rest, radix: 16)] : [])
    return words.joined(separator: ",")
  }
}
