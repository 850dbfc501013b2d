import CLinux
import Netlink

/// Loads or stores bytes of the packet: `payload` in nft. NFTA_PAYLOAD_.
public struct Payload: Hashable, Sendable {
  /// The header from which the offset counts: `enum nft_payload_bases`.
  public enum Base: UInt32, Hashable, Sendable {
    /// NFT_PAYLOAD_LL_HEADER.
    case link = 0
    /// NFT_PAYLOAD_NETWORK_HEADER and NFT_PAYLOAD_TRANSPORT_HEADER.
    case network, transport
  }

  /// The checksum that a store updates.
  public struct Checksum: Hashable, Sendable {
    /// `enum nft_payload_csum_types`.
    public enum Kind: UInt32, Hashable, Sendable {
      /// None.
      case none = 0
      /// The Internet checksum of IP, TCP and UDP (RFC 791).
      case internet
      /// The checksum of SCTP.
      case sctp
    }

    /// The type of the checksum.
    public var kind: Kind
    /// The offset of the checksum from the same header, in bytes.
    public var offset: UInt32
    /// NFT_PAYLOAD_L4CSUM_PSEUDOHDR: also updates the checksum of the transport header, which covers the addresses.
    public var coversPseudoHeader: Bool

    /// No checksum.
    public static let none = Checksum(kind: .none, offset: 0, coversPseudoHeader: false)
    /// For an address of an IPv4 header.
    public static let ipv4Address = Checksum(kind: .internet, offset: 10, coversPseudoHeader: true)
    /// For a field of the IPv4 header that an ICMP error quotes.
    public static let quotedIPv4 = Checksum(kind: .internet, offset: 18, coversPseudoHeader: false)
    /// For an address of an IPv6 header, which has no checksum of its own.
    public static let ipv6Address = Checksum(kind: .none, offset: 0, coversPseudoHeader: true)
  }

  /// The header from which the offset counts.
  public var base: Base
  /// The offset in bytes.
  public var offset: UInt32
  /// The number of bytes.
  public var length: UInt32
  /// Whether to load or to store, and the register.
  public var access: Access
  /// The checksum that a store updates; `none` for a load.
  public var checksum = Checksum.none
}

extension Payload: ExpressionBody {
  static let name = "payload"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(access, load: NFTA_PAYLOAD_DREG, store: NFTA_PAYLOAD_SREG)
    buffer.put(NFTA_PAYLOAD_BASE, base.rawValue)
    buffer.put(NFTA_PAYLOAD_OFFSET, offset)
    buffer.put(NFTA_PAYLOAD_LEN, length)
    guard case .store = access else { return }
    buffer.put(NFTA_PAYLOAD_CSUM_TYPE, checksum.kind.rawValue)
    buffer.put(NFTA_PAYLOAD_CSUM_OFFSET, checksum.offset)
    buffer.put(NFTA_PAYLOAD_CSUM_FLAGS, checksum.coversPseudoHeader ? NFT_PAYLOAD_L4CSUM_PSEUDOHDR.rawValue : 0)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    base = try fields.choice(NFTA_PAYLOAD_BASE)
    offset = try required(fields.integer(NFTA_PAYLOAD_OFFSET), "an offset")
    length = try required(fields.integer(NFTA_PAYLOAD_LEN), "a length")
    access = try fields.access(load: NFTA_PAYLOAD_DREG, store: NFTA_PAYLOAD_SREG)
    guard case .store = access else { return }
    checksum.kind = try fields.choice(NFTA_PAYLOAD_CSUM_TYPE)
    checksum.offset = try fields.integer(NFTA_PAYLOAD_CSUM_OFFSET) ?? 0
    checksum.coversPseudoHeader = try fields.flag(NFTA_PAYLOAD_CSUM_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR.rawValue)
  }
}
