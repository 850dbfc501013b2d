import CLinux
public import NetTypes
import Netlink

/// An address of a link: RTM_NEWADDR, rtnetlink(7).
public struct InterfaceAddress: Hashable, Sendable {
  /// The index of the link: ifa_index.
  public var linkIndex: Int32
  /// The local address: IFA_LOCAL.
  public var address: IPAddress
  /// The prefix length in bits: 0–32 for IPv4, 0–128 for IPv6.
  public var prefixLength: UInt8
  /// The broadcast address, IPv4 only: IFA_BROADCAST.
  public var broadcast: IPv4Address?
  /// IFA_F_NODAD, IPv6: usable at once, without duplicate address detection (RFC 4862, 5.4).
  public var skipsDuplicateDetection = false

  /// An address with scope `universe` and no flags.
  public init(_ address: IPAddress, prefixLength: UInt8, linkIndex: Int32) {
    self.address = address
    self.prefixLength = prefixLength
    self.linkIndex = linkIndex
  }

  /// Decodes the payload of an RTM_NEWADDR or RTM_DELADDR message. Returns nil if the family is not IP.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    let prefixLength: UInt8 = try payload.integer(at: 1)
    let linkIndex: Int32 = try payload.integer(at: 4)
    var (local, remote): (IPAddress?, IPAddress?)
    var broadcast: IPv4Address?
    try payload.forEachAttribute(from: 8) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case IFA_LOCAL: local = try value.address(family)
      case IFA_ADDRESS: remote = try value.address(family)
      case IFA_BROADCAST where family == .inet: broadcast = try value.ipv4Address()
      default: break
      }
    }
    // For IPv6 the kernel sends IFA_LOCAL only if there is a peer, which then is IFA_ADDRESS.
    guard let address = local ?? remote else { throw DecodingFailure("an address message without an address") }
    self.init(address, prefixLength: prefixLength, linkIndex: linkIndex)
    self.broadcast = broadcast
    skipsDuplicateDetection = try payload.integer(at: 2, as: UInt8.self) & UInt8(IFA_F_NODAD) != 0
  }
}

extension MessageBuffer {
  mutating func append(_ address: InterfaceAddress) {
    append(address.address.family.rawValue)
    append(address.prefixLength)
    append(address.skipsDuplicateDetection ? UInt8(IFA_F_NODAD) : 0)
    append(UInt8(truncatingIfNeeded: RT_SCOPE_UNIVERSE.rawValue))
    append(address.linkIndex)
    attribute(IFA_LOCAL, address.address)
    attribute(IFA_ADDRESS, address.address)
    if let broadcast = address.broadcast { attribute(IFA_BROADCAST, bytes: broadcast.bytes) }
  }
}
