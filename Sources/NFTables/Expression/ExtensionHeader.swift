import CLinux
import Netlink

/// Loads or overwrites bytes of an option of a header: nft's `exthdr`, `tcp option`, `ip option`.
public struct ExtensionHeader: Hashable, Sendable {
  /// `enum nft_exthdr_op`.
  public enum Kind: UInt32, Hashable, Sendable {
    case ipv6 = 0
    case tcpOption, ipv4Option, sctpChunk, dccpOption
  }

  public var kind: Kind
  /// Which option or header: 2 for TCP's maximum segment size.
  public var type: UInt8
  /// From the option's first byte, in bytes.
  public var offset: UInt32
  /// In bytes.
  public var length: UInt32
  public var access: Access
  /// Loads whether there is one instead: NFT_EXTHDR_F_PRESENT.
  public var loadsPresence = false

  public init(_ kind: Kind, type: UInt8, offset: UInt32, length: UInt32, _ access: Access) {
    self.kind = kind
    self.type = type
    self.offset = offset
    self.length = length
    self.access = access
  }
}

extension ExtensionHeader: ExpressionBody {
  static let name = "exthdr"

  func encode(into buffer: inout MessageBuffer) {
    if case .load(let register) = access { buffer.put(NFTA_EXTHDR_DREG, register) }
    if case .store(let register) = access { buffer.put(NFTA_EXTHDR_SREG, register) }
    buffer.put(NFTA_EXTHDR_TYPE, bytes: [type])
    buffer.put(NFTA_EXTHDR_OFFSET, offset)
    buffer.put(NFTA_EXTHDR_LEN, length)
    buffer.put(NFTA_EXTHDR_OP, kind.rawValue)
    if loadsPresence { buffer.put(NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT.rawValue) }
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    type = try required(fields.integer(NFTA_EXTHDR_TYPE), "a type")
    offset = try required(fields.integer(NFTA_EXTHDR_OFFSET), "an offset")
    length = try required(fields.integer(NFTA_EXTHDR_LEN), "a length")
    let number: UInt32 = try fields.integer(NFTA_EXTHDR_OP) ?? 0
    kind = try required(Kind(rawValue: number), "a known kind, not \(number)")
    if let register = try fields.register(NFTA_EXTHDR_DREG) {
      access = .load(register)
    } else {
      access = .store(try required(fields.register(NFTA_EXTHDR_SREG), "a register"))
    }
    let flags: UInt32 = try fields.integer(NFTA_EXTHDR_FLAGS) ?? 0
    guard flags & ~NFT_EXTHDR_F_PRESENT.rawValue == 0 else { throw DecodingFailure("exthdr flags \(flags)") }
    loadsPresence = flags != 0
  }
}
