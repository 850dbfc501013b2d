import CLinux
import Netlink

/// Loads or overwrites bytes of the packet.
public struct Payload: Hashable, Sendable {
  /// From where the offset counts: `enum nft_payload_bases`.
  public enum Base: UInt32, Hashable, Sendable {
    case link = 0
    case network, transport
  }

  /// Which checksum is mended when bytes are overwritten.
  public struct Checksum: Hashable, Sendable {
    /// `enum nft_payload_csum_types`.
    public enum Kind: UInt32, Hashable, Sendable {
      case none = 0
      /// That of IP, TCP and UDP (RFC 791).
      case internet
      case sctp
    }

    public var kind: Kind
    /// Where it is, in bytes from the same base.
    public var offset: UInt32
    /// The transport header's checksum is mended too, as it covers the addresses: NFT_PAYLOAD_L4CSUM_PSEUDOHDR.
    public var coversPseudoHeader: Bool

    public init(_ kind: Kind, offset: UInt32, coversPseudoHeader: Bool) {
      self.kind = kind
      self.offset = offset
      self.coversPseudoHeader = coversPseudoHeader
    }

    public static let none = Checksum(.none, offset: 0, coversPseudoHeader: false)
    /// For an address of an IPv4 header.
    public static let ipv4Address = Checksum(.internet, offset: 10, coversPseudoHeader: true)
    /// For another field of an IPv4 header.
    public static let ipv4 = Checksum(.internet, offset: 10, coversPseudoHeader: false)
    /// For a field of the IPv4 header that an ICMP error quotes.
    public static let quotedIPv4 = Checksum(.internet, offset: 18, coversPseudoHeader: false)
    /// For an address of an IPv6 header, which has no checksum of its own.
    public static let ipv6Address = Checksum(.none, offset: 0, coversPseudoHeader: true)
  }

  public var base: Base
  /// In bytes.
  public var offset: UInt32
  /// In bytes.
  public var length: UInt32
  public var access: Access
  /// `none` when loading.
  public var checksum: Checksum

  public init(_ base: Base, offset: UInt32, length: UInt32, _ access: Access, checksum: Checksum = .none) {
    self.base = base
    self.offset = offset
    self.length = length
    self.access = access
    self.checksum = checksum
  }
}

extension Payload: ExpressionBody {
  static let name = "payload"

  func encode(into buffer: inout MessageBuffer) {
    if case .load(let register) = access { buffer.put(NFTA_PAYLOAD_DREG, register) }
    if case .store(let register) = access { buffer.put(NFTA_PAYLOAD_SREG, register) }
    buffer.put(NFTA_PAYLOAD_BASE, base.rawValue)
    buffer.put(NFTA_PAYLOAD_OFFSET, offset)
    buffer.put(NFTA_PAYLOAD_LEN, length)
    guard case .store = access else { return }
    buffer.put(NFTA_PAYLOAD_CSUM_TYPE, checksum.kind.rawValue)
    buffer.put(NFTA_PAYLOAD_CSUM_OFFSET, checksum.offset)
    buffer.put(NFTA_PAYLOAD_CSUM_FLAGS, checksum.coversPseudoHeader ? UInt32(NFT_PAYLOAD_L4CSUM_PSEUDOHDR.rawValue) : 0)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    base = try fields.choice(NFTA_PAYLOAD_BASE)
    offset = try required(fields.integer(NFTA_PAYLOAD_OFFSET), "an offset")
    length = try required(fields.integer(NFTA_PAYLOAD_LEN), "a length")
    checksum = .none
    if let register = try fields.register(NFTA_PAYLOAD_DREG) {
      access = .load(register)
      return
    }
    access = .store(try required(fields.register(NFTA_PAYLOAD_SREG), "a register"))
    let pseudoHeader = UInt32(NFT_PAYLOAD_L4CSUM_PSEUDOHDR.rawValue)
    checksum.kind = try fields.choice(NFTA_PAYLOAD_CSUM_TYPE)
    checksum.offset = try fields.integer(NFTA_PAYLOAD_CSUM_OFFSET) ?? 0
    let flags: UInt32 = try fields.integer(NFTA_PAYLOAD_CSUM_FLAGS) ?? 0
    guard flags & ~pseudoHeader == 0 else { throw DecodingFailure("checksum flags \(flags)") }
    checksum.coversPseudoHeader = flags != 0
  }
}
