import CLinux
import Netlink

/// Loads or stores bytes of an extension header or an option: `exthdr`, `tcp option` and `ip option` in nft. NFTA_EXTHDR_.
public struct ExtensionHeader: Hashable, Sendable {
  /// `enum nft_exthdr_op`.
  public enum Kind: UInt32, Hashable, Sendable {
    /// NFT_EXTHDR_OP_IPV6: an IPv6 extension header.
    case ipv6 = 0
    /// Options of TCP and IPv4, SCTP chunks, DCCP options.
    case tcpOption, ipv4Option, sctpChunk, dccpOption
  }

  /// Where the header or option is.
  public var kind: Kind
  /// The number of the header or option: 2 for the TCP maximum segment size.
  public var type: UInt8
  /// The offset from the first byte of the header or option, in bytes.
  public var offset: UInt32
  /// The number of bytes.
  public var length: UInt32
  /// Whether to load or to store, and the register.
  public var access: Access
  /// NFT_EXTHDR_F_PRESENT: loads whether the header or option is present.
  public var loadsPresence = false
}

extension ExtensionHeader: ExpressionBody {
  static let name = "exthdr"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(access, load: NFTA_EXTHDR_DREG, store: NFTA_EXTHDR_SREG)
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
    access = try fields.access(load: NFTA_EXTHDR_DREG, store: NFTA_EXTHDR_SREG)
    loadsPresence = try fields.flag(NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT.rawValue)
  }
}
