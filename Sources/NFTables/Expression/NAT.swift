import CLinux
import Netlink

/// How addresses and ports are chosen: NF_NAT_RANGE_ flags, without those that say that there are any.
public struct NATFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let random = NATFlags(rawValue: 0x04)
  public static let persistent = NATFlags(rawValue: 0x08)
  public static let fullyRandom = NATFlags(rawValue: 0x10)

  /// NF_NAT_RANGE_MAP_IPS and NF_NAT_RANGE_PROTO_SPECIFIED: they follow from the registers, and the kernel sets them
  /// where it is not told.
  fileprivate static let derived = NATFlags(rawValue: 0x03)
  fileprivate static let givesPort = NATFlags(rawValue: 0x02)
}

/// Gives a connection another source or destination.
public struct NAT: Hashable, Sendable {
  /// `enum nft_nat_types`.
  public enum Kind: UInt32, Hashable, Sendable {
    case source = 0
    case destination
  }

  public var kind: Kind
  /// `ip` or `ip6`, that of the new address.
  public var family: Family
  /// The new address, and where it is one of a range, the last.
  public var address: Register?
  public var lastAddress: Register?
  /// The new port, and where it is one of a range, the last.
  public var port: Register?
  public var lastPort: Register?
  public var flags: NATFlags

  public init(
    _ kind: Kind, _ family: Family, address: Register?, lastAddress: Register? = nil, port: Register? = nil,
    lastPort: Register? = nil, flags: NATFlags = []
  ) {
    self.kind = kind
    self.family = family
    self.address = address
    self.lastAddress = lastAddress
    self.port = port
    self.lastPort = lastPort
    self.flags = flags
  }
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
  /// The kernel gives the end of a range where there is no range too: the same register again.
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
