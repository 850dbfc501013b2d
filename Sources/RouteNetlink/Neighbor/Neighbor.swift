import CLinux
public import NetTypes
import Netlink

/// A neighbour entry, of ARP or of IPv6 neighbour discovery: RTM_NEWNEIGH, rtnetlink(7), arp(7).
public struct Neighbor: Hashable, Sendable {
  /// The index of the link: ndm_ifindex.
  public var linkIndex: Int32
  /// The neighbour's IP address: NDA_DST.
  public var address: IPAddress
  /// NDA_LLADDR; nil if it is unknown or not six bytes long.
  public var macAddress: MACAddress?
  /// ndm_state.
  public var state: State

  /// Returns an entry that neither expires nor is probed: NUD_PERMANENT.
  public static func permanent(_ address: IPAddress, _ macAddress: MACAddress, linkIndex: Int32) -> Neighbor {
    Neighbor(linkIndex: linkIndex, address: address, macAddress: macAddress, state: .permanent)
  }

  /// An NUD_ state.
  public struct State: RawRepresentable, Hashable, Sendable {
    /// The NUD_ bit; 0 if there is none.
    public var rawValue: UInt16

    /// The state with this NUD_ bit.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// NUD_NONE: in requests that do not concern the state.
    static let unset = State(rawValue: UInt16(NUD_NONE))
    /// NUD_NOARP.
    public static let noARP = State(rawValue: UInt16(NUD_NOARP))
    /// NUD_PERMANENT.
    public static let permanent = State(rawValue: UInt16(NUD_PERMANENT))
  }
}

extension Neighbor {
  /// Decodes the payload of an RTM_NEWNEIGH or RTM_DELNEIGH message. Returns nil if the entry has no IP address.
  init?(decoding payload: RawSpan) throws(DecodingFailure) {
    let family = AddressFamily(rawValue: try payload.integer(at: 0))
    guard family == .inet || family == .inet6 else { return nil }
    let linkIndex = try payload.integer(at: 4, as: Int32.self)
    let state = State(rawValue: try payload.integer(at: 8))
    var address: IPAddress?
    var macAddress: MACAddress?
    try payload.forEachAttribute(after: Self.headerSize) { type, value throws(DecodingFailure) in
      switch Int(type) {
      case NDA_DST: address = try value.address(family)
      case NDA_LLADDR where value.byteCount == 6: macAddress = MACAddress(bytes: value.array)
      default: break
      }
    }
    guard let address else { return nil }
    self.init(linkIndex: linkIndex, address: address, macAddress: macAddress, state: state)
  }

  /// `struct ndmsg`.
  static let headerSize = 12
}

extension MessageBuffer {
  mutating func append(_ neighbor: Neighbor) {
    appendNeighborHeader(neighbor.address.family, linkIndex: neighbor.linkIndex, state: neighbor.state)
    attribute(NDA_DST, neighbor.address)
    if let macAddress = neighbor.macAddress { attribute(NDA_LLADDR, bytes: macAddress.octets) }
  }

  /// - Parameter flags: NTF_ flags.
  mutating func appendNeighborHeader(
    _ family: AddressFamily, linkIndex: Int32 = 0, state: Neighbor.State = .unset, flags: Int32 = 0
  ) {
    append(UInt32(family.rawValue))
    append(linkIndex)
    append(state.rawValue)
    append(UInt8(truncatingIfNeeded: flags))
    append(UInt8(0))
  }
}
