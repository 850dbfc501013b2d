import CLinux
public import NetTypes
public import Netlink

/// An address of a link: RTM_NEWADDR, rtnetlink(7).
public struct InterfaceAddress: Hashable, Sendable {
  /// The index of the link: ifa_index.
  public var linkIndex: Int32
  /// The local address: IFA_LOCAL.
  public var address: IPAddress
  /// The prefix length in bits: 0–32 for IPv4, 0–128 for IPv6.
  public var prefixLength: UInt8
  /// The peer of a point-to-point link: IFA_ADDRESS, if it differs from IFA_LOCAL.
  public var peer: IPAddress?
  /// The broadcast address, IPv4 only: IFA_BROADCAST.
  public var broadcast: IPv4Address?
  /// The scope: ifa_scope.
  public var scope = RouteScope.universe
  /// The flags: IFA_FLAGS.
  public var flags: Flags = []
  /// IPv4 only: IFA_LABEL, the link's name, optionally followed by a colon and a suffix.
  public var label: String?
  /// All other IFA_ attributes, in the kernel's order.
  public var other: [RawAttribute] = []

  /// An address with scope `universe` and no flags.
  public init(_ address: IPAddress, prefixLength: UInt8, linkIndex: Int32) {
    self.address = address
    self.prefixLength = prefixLength
    self.linkIndex = linkIndex
  }

  /// The IFA_F_ flags of linux/if_addr.h.
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The bits of IFA_FLAGS, in host byte order.
    public var rawValue: UInt32

    /// Flags from IFA_FLAGS.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ flag: Int32) { rawValue = UInt32(flag) }

    /// IFA_F_SECONDARY: not the first address of its subnet on the link.
    public static let secondary = Flags(IFA_F_SECONDARY)
    /// IFA_F_NODAD, IPv6: usable at once, without duplicate address detection (RFC 4862, 5.4).
    public static let noDuplicateDetection = Flags(IFA_F_NODAD)
    /// IFA_F_DADFAILED, IPv6: duplicate address detection found another owner.
    public static let duplicateDetectionFailed = Flags(IFA_F_DADFAILED)
    /// IFA_F_DEPRECATED: the preferred lifetime is over.
    public static let deprecated = Flags(IFA_F_DEPRECATED)
    /// IFA_F_TENTATIVE, IPv6: duplicate address detection is under way.
    public static let tentative = Flags(IFA_F_TENTATIVE)
    /// IFA_F_PERMANENT: the lifetime is infinite.
    public static let permanent = Flags(IFA_F_PERMANENT)
    /// IFA_F_NOPREFIXROUTE: the kernel adds no route to the subnet.
    public static let noPrefixRoute = Flags(IFA_F_NOPREFIXROUTE)
  }

  /// Decodes the payload of an RTM_NEWADDR or RTM_DELADDR message. Returns nil if the family is not IP.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    var local: IPAddress?
    var remote: IPAddress?
    var read = InterfaceAddress(
      .v4(IPv4Address(rawValue: 0)), prefixLength: try payload.integer(at: 1), linkIndex: try payload.integer(at: 4))
    read.flags = Flags(rawValue: UInt32(try payload.integer(at: 2, as: UInt8.self)))
    read.scope = RouteScope(rawValue: try payload.integer(at: 3))
    try payload.forEachAttribute(from: Self.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFA_LOCAL: local = try value.address(family)
      case IFA_ADDRESS: remote = try value.address(family)
      case IFA_BROADCAST where family == .inet: read.broadcast = try value.ipv4Address()
      case IFA_LABEL: read.label = value.string
      case IFA_FLAGS: read.flags = Flags(rawValue: try value.exactly())
      default: read.other.append(value.rawAttribute(type))
      }
    }
    // For IPv6 the kernel sends IFA_LOCAL only if there is a peer.
    guard let address = local ?? remote else { throw DecodingFailure("an address message without an address") }
    read.address = address
    if remote != address { read.peer = remote }
    self = read
  }

  /// `struct ifaddrmsg`.
  fileprivate static let headerSize = 8
}

extension MessageBuffer {
  mutating func append(_ address: InterfaceAddress) {
    append(address.address.family.rawValue)
    append(address.prefixLength)
    append(UInt8(truncatingIfNeeded: address.flags.rawValue))
    append(address.scope.rawValue)
    append(address.linkIndex)
    attribute(IFA_LOCAL, address.address)
    attribute(IFA_ADDRESS, address.peer ?? address.address)
    if let broadcast = address.broadcast { attribute(IFA_BROADCAST, bytes: broadcast.bytes) }
    if let label = address.label { attribute(IFA_LABEL, label) }
    // ifa_flags holds eight flags.
    if address.flags.rawValue > UInt8.max { attribute(IFA_FLAGS, address.flags.rawValue) }
    attributes(address.other)
  }
}
