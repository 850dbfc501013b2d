import CLinux
import Netlink

/// How addresses and ports are chosen: the NF_NAT_RANGE_ flags, except those that follow from the registers.
public struct NATFlags: OptionSet, Hashable, Sendable {
  /// The bits of linux/netfilter/nf_nat.h.
  public var rawValue: UInt32

  /// The flags of these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// NF_NAT_RANGE_PROTO_RANDOM: random ports.
  public static let random = NATFlags(rawValue: 0x04)
  /// NF_NAT_RANGE_PERSISTENT: the same address for all connections of a client.
  public static let persistent = NATFlags(rawValue: 0x08)
  /// NF_NAT_RANGE_PROTO_RANDOM_FULLY: fully random ports.
  public static let fullyRandom = NATFlags(rawValue: 0x10)

  /// NF_NAT_RANGE_MAP_IPS and NF_NAT_RANGE_PROTO_SPECIFIED. They follow from the registers; the kernel sets them if they are
  /// missing.
  fileprivate static let derived = NATFlags(rawValue: 0x03)
  fileprivate static let givesPort = NATFlags(rawValue: 0x02)
}

/// Source or destination NAT. NFTA_NAT_.
public struct NAT: Hashable, Sendable {
  /// `enum nft_nat_types`.
  public enum Kind: UInt32, Hashable, Sendable {
    /// NFT_NAT_SNAT.
    case source = 0
    /// NFT_NAT_DNAT.
    case destination
  }

  /// Source or destination NAT.
  public var kind: Kind
  /// The family of the new address: `ip` or `ip6`.
  public var family: Family
  /// The register of the new address, or of the first one of a range.
  public var address: Register?
  /// The register of the last address of a range; nil for a single address.
  public var lastAddress: Register?
  /// The register of the new port, or of the first one of a range.
  public var port: Register?
  /// The register of the last port of a range; nil for a single port.
  public var lastPort: Register?
  /// How addresses and ports are chosen.
  public var flags: NATFlags = []
}

extension NAT: ExpressionBody {
  static let name = "nat"

  func encode(into buffer: inout MessageBuffer) {
    buffer.put(NFTA_NAT_TYPE, kind.rawValue)
    buffer.put(NFTA_NAT_FAMILY, UInt32(family.rawValue))
    if let address { buffer.put(NFTA_NAT_REG_ADDR_MIN, address) }
    if let lastAddress { buffer.put(NFTA_NAT_REG_ADDR_MAX, lastAddress) }
    if let port { buffer.put(NFTA_NAT_REG_PROTO_MIN, port) }
    if let lastPort { buffer.put(NFTA_NAT_REG_PROTO_MAX, lastPort) }
    buffer.put(NFTA_NAT_FLAGS, flags, givesPort: port != nil)
  }

  init(decoding fields: inout Fields) throws(DecodingFailure) {
    kind = try fields.choice(NFTA_NAT_TYPE)
    let number: UInt32 = try required(fields.integer(NFTA_NAT_FAMILY), "a family")
    family = try required(UInt8(exactly: number).flatMap(Family.init), "a known family, not \(number)")
    address = try fields.register(NFTA_NAT_REG_ADDR_MIN)
    lastAddress = try fields.lastRegister(NFTA_NAT_REG_ADDR_MAX, after: address)
    port = try fields.register(NFTA_NAT_REG_PROTO_MIN)
    lastPort = try fields.lastRegister(NFTA_NAT_REG_PROTO_MAX, after: port)
    flags = try fields.natFlags(NFTA_NAT_FLAGS)
  }
}

extension MessageBuffer {
  mutating func put(_ type: some RawRepresentable<UInt32>, _ flags: NATFlags, givesPort: Bool) {
    let all = givesPort ? flags.union(.givesPort) : flags
    if !all.isEmpty { put(type, all.rawValue) }
  }
}

extension Fields {
  /// Reads the register of a range's end. Without a range, the kernel writes the first register again.
  mutating func lastRegister(
    _ type: some RawRepresentable<UInt32>, after first: Register?
  ) throws(DecodingFailure) -> Register? {
    let last = try register(type)
    return last == first ? nil : last
  }

  mutating func natFlags(_ type: some RawRepresentable<UInt32>) throws(DecodingFailure) -> NATFlags {
    NATFlags(rawValue: try integer(type) ?? 0).subtracting(.derived)
  }
}
